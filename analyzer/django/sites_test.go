package django

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

// siteAt describes what stands between « and » in the text.
func siteAt(t *testing.T, marked string) (*source.Site, string) {
	t.Helper()
	start := strings.Index(marked, "«")
	text := strings.Replace(marked, "«", "", 1)
	end := strings.Index(text, "»")
	text = strings.Replace(text, "»", "", 1)
	m := newModule(nil, "app/views.py", []byte(text))
	return siteOf(m, m.spanOf(start, end)), text
}

func TestSites(t *testing.T) {
	if !syntax.Available {
		t.Skip("built without cgo")
	}
	cut := func(text string, s source.Span) string { return text[s.Start:s.End] }
	for _, c := range []struct {
		name, marked string
		check        func(s *source.Site, text string) any
		want         string
	}{
		{
			"chain", `def v(): return «a.book_set.filter(x=y, *z).order_by("-p").first()».title`,
			func(s *source.Site, text string) any {
				return []any{s.Name, cut(text, s.Root), s.Calls[0].Name, s.Calls[1].Name, cut(text, s.Calls[0].Args), s.Names, s.Attr, cut(text, s.Taken)}
			},
			`["a","a.book_set","filter","order_by","x=y, *z",["y","z"],"title","a.book_set.filter(x=y, *z).order_by(\"-p\").first().title"]`,
		},
		{
			"key", `x = «o.items.aggregate(n=Sum("q"))»["n"]`,
			func(s *source.Site, text string) any { return []any{s.Key, s.Form, s.Targets} },
			`["n","assigned",["x"]]`,
		},
		{
			"method of the value", `x = «A.objects.get(pk=1)».name.lower()`,
			func(s *source.Site, text string) any { return []any{s.Attr, s.Form} },
			`["name",""]`,
		},
		{
			"called", `x = «A.objects.get(pk=1)».describe()`,
			func(s *source.Site, text string) any { return []any{s.Attr, s.Form} },
			`["",""]`,
		},
		{
			"block", `
def v(ids):
    names = "a,b".split(",")
    out = []
    for i, name in enumerate(names):
        if not name:
            continue
        x = «T.objects.get(name=name)»
        out.append(x.pk)
        x.seen = True
    return names, x
`,
			func(s *source.Site, text string) any {
				b := s.Blocks[0]
				return []any{
					b.Kind, cut(text, b.Head), b.Targets, b.Binds, b.Again, b.Continue, b.Break, b.Return, len(b.Body), cut(text, b.Body[1]),
					len(s.Uses), s.Uses[1].Write, s.Beyond,
				}
			},
			`["for","for i, name in enumerate(names)",["i","name"],["i","name","out","x"],true,true,false,false,4,"x = T.objects.get(name=name)",2,true,1]`,
		},
		{
			"items of a name", `
def v(ids):
    names = "a,b".split(",")
    return [«T.objects.get(name=n)» for n in names if n]
`,
			func(s *source.Site, text string) any {
				b := s.Blocks[0]
				return []any{b.Kind, b.Makes, b.Filtered, b.Again, b.Items, b.IterName, b.IterReads, cut(text, b.Anchor), cut(text, b.Head)}
			},
			`["comprehension","list",true,true,"str","names",0,"return [T.objects.get(name=n) for n in names if n]","for n in names"]`,
		},
		{
			"a parameter may be used up", `
def v(ids):
    for pk in ids:
        «T.objects.get(pk=pk)»
`,
			func(s *source.Site, text string) any { return []any{s.Blocks[0].Again, s.Form} },
			`[false,"alone"]`,
		},
		{
			"a generator with a name is used up", `
ids = (int(i) for i in x)
for pk in ids:
    «T.objects.get(pk=pk)»
`,
			func(s *source.Site, text string) any { return s.Blocks[0].Again },
			`false`,
		},
		{
			"assigned twice", `
ids = [1]
ids = read()
for pk in ids:
    «T.objects.get(pk=pk)»
`,
			func(s *source.Site, text string) any { return s.Blocks[0].Again },
			`false`,
		},
		{
			"the first iterable is outside of the comprehension", `x = [a for a in «T.objects.all()»]`,
			func(s *source.Site, text string) any { return len(s.Blocks) },
			`0`,
		},
		{
			"sets", `
for loan in loans:
    loan.due += week
    if loan.late:
        loan.fine = rate * 2
    «loan.save()»
`,
			func(s *source.Site, text string) any {
				return []any{s.Sets[0].Attr, s.Sets[0].Op, s.Sets[1].Attr, s.Sets[1].Names, s.Shared}
			},
			`["due","+=","fine",["rate"],false]`,
		},
		{
			"shared", `
for loan in loans:
    renew(loan)
    «loan.save()»
`,
			func(s *source.Site, text string) any { return s.Shared },
			`true`,
		},
		{
			"leaving", `
def v():
    for a in x:
        for b in y:
            if b:
                break
        try:
            «a.save()»
        except E:
            raise
        yield a
`,
			func(s *source.Site, text string) any {
				b := s.Blocks[0]
				return []any{b.Break, b.Raise, b.Yield, b.Return, s.Try}
			},
			`[false,true,true,false,true]`,
		},
		{
			"no anchor in an elif", `
if x:
    pass
elif any(«T.objects.get(pk=p)» for p in [1, 2]):
    pass
`,
			func(s *source.Site, text string) any { return []any{s.Blocks[0].Anchor.Known(), s.Blocks[0].Items} },
			`[false,"int"]`,
		},
		{
			"no anchor behind and", `y = x and [«T.objects.get(pk=p)» for p in [1, 2]]`,
			func(s *source.Site, text string) any { return s.Blocks[0].Anchor.Known() },
			`false`,
		},
		{
			"truth", `
for a in x:
    n = «a.b.first()»
    y = n.t if n else 0
    if not n: pass
    for m in n: pass
`,
			func(s *source.Site, text string) any {
				var out []string
				for _, u := range s.Uses {
					out = append(out, strings.Join(strings.Fields(strings.Join([]string{u.Attr, truthWord(u.Truth, "truth"), truthWord(u.Iterated, "iterated")}, " ")), " "))
				}
				return out
			},
			`["t","truth","truth","iterated"]`,
		},
		{"lambda", `f = lambda: «a.save()»`, func(s *source.Site, text string) any { return s == nil }, `true`},
		{
			"await", "async def v():\n    x = await «a.b.acount()»",
			func(s *source.Site, text string) any { return []any{cut(text, s.Await), cut(text, s.Taken), s.Form} },
			`["await a.b.acount()","await a.b.acount()","assigned"]`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, text := siteAt(t, c.marked)
			if s == nil && c.want != `true` {
				t.Fatal("no site")
			}
			got, err := json.Marshal(c.check(s, text))
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func truthWord(b bool, word string) string {
	if b {
		return word
	}
	return ""
}
