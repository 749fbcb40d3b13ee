package report

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

const (
	// relatedMax is how many related places a finding shows, spanLines how
	// many lines of one that takes several.
	relatedMax = 4
	spanLines  = 4
	// diffMax is how many lines of a rewrite are shown.
	diffMax = 16
	// tabCells is how wide a tab of the source is shown.
	tabCells = 4
	// lineMax is how much of a line is looked at; minified code has more.
	lineMax = 4 << 10
)

// Source gives the bytes of a file by its path as findings have it, nil when
// it cannot be read.
type Source func(path string) []byte

// spot names a place: "app/views.py:12:13 in book_list".
func spot(s source.Span, function string) string {
	name := Clean(s.Path)
	if s.Line > 0 {
		name += ":" + strconv.Itoa(s.Line) + ":" + strconv.Itoa(s.Column)
	}
	if function != "" {
		name += " in " + Clean(function)
	}
	return name
}

// places shows where the finding is in the source: the queryset, then the
// places that help to understand it, each with its lines.
func (t *text) places(f *finding.Finding) {
	if !f.Location.Known() {
		t.candidates(f)
		return
	}
	t.field("at", t.head, spot(f.Location, f.Function))
	t.snippet(f.Location)
	for i, r := range f.Related {
		if i == relatedMax {
			t.field("", t.faint, "and at "+counted(int64(len(f.Related)-i), "more place", "more places"))
			break
		}
		t.field("", t.plain, spot(r.Span, "")+"  "+Clean(r.Message))
		t.snippet(r.Span)
	}
}

// candidates lists the places of which one has made the finding.
func (t *text) candidates(f *finding.Finding) {
	for i, r := range f.Related {
		label := ""
		if i == 0 {
			label = "at"
		}
		if i == relatedMax && len(f.Related) > relatedMax+1 {
			t.field("", t.faint, "or at one of "+counted(int64(len(f.Related)-i), "more place", "more places"))
			break
		}
		t.field(label, t.plain, spot(r.Span, "")+"  "+Clean(r.Message))
	}
}

// snippet shows the lines of a span with a caret run below the first. What a
// line has too much is cut around the span.
func (t *text) snippet(s source.Span) {
	if t.source == nil || s.Line <= 0 {
		return
	}
	lines := linesOf(t.source(s.Path), s.Line, min(s.EndLine, s.Line+spanLines-1))
	if len(lines) == 0 {
		return
	}
	gutter := len(strconv.Itoa(s.Line + len(lines) - 1))
	room := t.width - fieldIndent - gutter - 3
	margin := indentOf(lines)
	pad := strings.Repeat(" ", fieldIndent)
	for i, line := range lines {
		from, to := 0, 0
		if i == 0 {
			from, to = s.Column-1, len([]rune(line))
			if s.EndLine == s.Line {
				to = s.EndColumn - 1
			}
		}
		shown, before, marked := fit(line, from, to, margin, room)
		marked = max(marked, 1)
		before = min(before, room-marked) // an empty span may end a full line
		number := strconv.Itoa(s.Line + i)
		t.put(strings.TrimRight(pad+t.faint(strings.Repeat(" ", gutter-len(number))+number+" |")+" "+shown, " "))
		if i == 0 {
			t.put(pad, t.faint(strings.Repeat(" ", gutter)+" |"), strings.Repeat(" ", 1+before), t.warn(strings.Repeat("^", marked)))
		}
	}
	if s.EndLine >= s.Line+len(lines) {
		t.put(pad, t.faint(strings.Repeat(" ", gutter)+" | …"))
	}
}

// linesOf are the lines first to last of a file, as far as it has them.
func linesOf(b []byte, first, last int) []string {
	var lines []string
	for n := 1; len(b) > 0 && n <= last; n++ {
		line, rest, _ := bytes.Cut(b, []byte{'\n'})
		if n >= first {
			lines = append(lines, string(bytes.TrimSuffix(line, []byte{'\r'})))
		}
		b = rest
	}
	return lines
}

// indentOf is the white space that all lines begin with, in bytes.
func indentOf(lines []string) int {
	n := -1
	for _, line := range lines {
		body := strings.TrimLeft(line, " \t")
		if body == "" {
			continue
		}
		if k := len(line) - len(body); n < 0 || k < n {
			n = k
		}
	}
	return max(n, 0)
}

// fit lays a line out for room columns: without its first margin bytes,
// cleaned, tabs as spaces. The part between the characters from and to is kept
// in sight; before and marked are the columns in front of it and below it.
func fit(line string, from, to, margin, room int) (shown string, before, marked int) {
	if len(line) > lineMax {
		line = line[:lineMax]
	}
	runes := []rune(line)
	margin = len([]rune(line[:min(margin, len(line))]))
	from = min(max(from, margin), len(runes))
	to = min(max(to, from), len(runes))
	head, mid, tail := plain(string(runes[margin:from])), plain(string(runes[from:to])), plain(string(runes[to:]))
	if cells(head)+cells(mid)+cells(tail) <= room {
		return head + mid + tail, cells(head), cells(mid)
	}
	// the span first, then what stands before it, then what follows
	if cells(mid) > room-2 {
		cutMid, _ := cut(mid, room-2)
		lead := ""
		if head != "" {
			lead = "…"
		}
		return lead + cutMid + "…", cells(lead), cells(cutMid)
	}
	left := room - cells(mid)
	if cells(head) > left/2 {
		keep := max(left/2-1, left-cells(tail)-1, 0)
		if cells(head) > keep {
			head = "…" + tailOf(head, keep)
		}
	}
	if rest := room - cells(head) - cells(mid); cells(tail) > rest {
		short, _ := cutTo(tail, rest-1)
		tail = short + "…"
	}
	return head + mid + tail, cells(head), cells(mid)
}

// tailOf and cutTo are tail and cut that may give nothing.
func tailOf(s string, width int) string {
	if width <= 0 {
		return ""
	}
	return tail(s, width)
}

func cutTo(s string, width int) (head, rest string) {
	if width <= 0 {
		return "", s
	}
	return cut(s, width)
}

// plain makes a piece of source safe to show.
func plain(s string) string {
	return Clean(strings.ReplaceAll(s, "\t", strings.Repeat(" ", tabCells)))
}

// changes shows what the edits of a rewrite change, line by line; it reports
// whether it could.
func (t *text) changes(edits []finding.Edit) bool {
	lines, ok := changesOf(t.source, edits)
	if !ok {
		return false
	}
	pad := strings.Repeat(" ", fieldIndent)
	room := t.width - fieldIndent - 2
	for i, l := range lines {
		if i == diffMax {
			t.put(pad, t.faint("… "+counted(int64(len(lines)-i), "more line", "more lines")+": --diff shows all"))
			break
		}
		shown := window(l, room)
		switch l.op {
		case '@':
			t.put(pad, t.faint(shorten(Clean(l.text), t.width-fieldIndent)))
		case '-':
			t.put(strings.TrimRight(pad+t.bad("- "+shown), " "))
		default:
			t.put(strings.TrimRight(pad+t.code("+ "+shown), " "))
		}
	}
	return true
}

// changesOf is what the edits change, file by file; false when there are none
// or they do not fit the source.
func changesOf(src Source, edits []finding.Edit) ([]changed, bool) {
	if src == nil || len(edits) == 0 {
		return nil, false
	}
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b finding.Edit) int { return source.Compare(a.Span, b.Span) })
	var lines []changed
	for len(edits) > 0 {
		path := edits[0].Span.Path
		n := slices.IndexFunc(edits, func(e finding.Edit) bool { return e.Span.Path != path })
		if n < 0 {
			n = len(edits)
		}
		more, ok := hunks(src(path), edits[:n])
		if !ok {
			return nil, false
		}
		lines = append(lines, more...)
		edits = edits[n:]
	}
	return lines, true
}

// A changed line of a small diff: '-', '+', or '@' for the place. A line that
// takes the place of another shares its first characters, same of them, with
// it; differ is how many of the longer one do not.
type changed struct {
	op                   byte
	text                 string
	margin, same, differ int
}

// window is the part of a changed line that has room: from its beginning, or
// from where what differs is in sight. Two lines of which one takes the
// other's place begin at the same character.
func window(l changed, room int) string {
	runes := []rune(l.text[:min(len(l.text), lineMax)])
	margin := len([]rune(l.text[:min(l.margin, len(l.text))]))
	same := min(max(l.same, margin), len(runes))
	head, rest := plain(string(runes[margin:same])), plain(string(runes[same:]))
	if over := cells(head) + min(l.differ, room*2/3) + 2 - room; over > 0 {
		head = "…" + tailOf(head, cells(head)-over-1)
	}
	shown := head + rest
	if cells(shown) > room {
		shown, _ = cut(shown, room-1)
		shown += "…"
	}
	return shown
}

// hunks applies the edits of one file, each with the others of its lines, and
// compares line by line.
func hunks(b []byte, edits []finding.Edit) ([]changed, bool) {
	var out []changed
	for len(edits) > 0 {
		lo := lineStart(b, edits[0].Span.Start)
		hi, n := lo, 0
		var now bytes.Buffer
		at := lo
		for n < len(edits) && (n == 0 || edits[n].Span.Start <= hi) {
			s := edits[n].Span
			if s.Start < at || s.End < s.Start || s.End > len(b) {
				return nil, false
			}
			now.Write(b[at:s.Start])
			now.WriteString(edits[n].Text)
			at = s.End
			hi = max(hi, lineEnd(b, at))
			n++
		}
		now.Write(b[at:hi])
		line := 1 + bytes.Count(b[:lo], []byte{'\n'})
		out = append(out, compare(edits[0].Span.Path, line, split(b[lo:hi]), split(now.Bytes()))...)
		edits = edits[n:]
	}
	return out, true
}

func lineStart(b []byte, i int) int {
	i = min(max(i, 0), len(b))
	return bytes.LastIndexByte(b[:i], '\n') + 1
}

func lineEnd(b []byte, i int) int {
	if n := bytes.IndexByte(b[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(b)
}

func split(b []byte) []string {
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimSuffix(lines[i], "\r")
	}
	return lines
}

// compare lists what is taken out and what is put in, without the lines that
// are the same at both ends.
func compare(path string, line int, old, now []string) []changed {
	for len(old) > 0 && len(now) > 0 && old[0] == now[0] {
		old, now, line = old[1:], now[1:], line+1
	}
	for len(old) > 0 && len(now) > 0 && old[len(old)-1] == now[len(now)-1] {
		old, now = old[:len(old)-1], now[:len(now)-1]
	}
	if len(old)+len(now) == 0 {
		return nil
	}
	out := []changed{{op: '@', text: path + ":" + strconv.Itoa(line)}}
	margin := indentOf(slices.Concat(old, now))
	for _, s := range old {
		out = append(out, changed{op: '-', text: s, margin: margin})
	}
	for _, s := range now {
		out = append(out, changed{op: '+', text: s, margin: margin})
	}
	if len(old) == 1 && len(now) == 1 {
		a, b := []rune(old[0]), []rune(now[0])
		same, end := 0, 0
		for same < len(a) && same < len(b) && a[same] == b[same] {
			same++
		}
		for end < len(a)-same && end < len(b)-same && a[len(a)-1-end] == b[len(b)-1-end] {
			end++
		}
		for i := range out[1:] {
			out[1+i].same, out[1+i].differ = same, max(len(a), len(b))-same-end
		}
	}
	return out
}

// sourceLine tells what was read of the source.
func (t *text) sourceLine(s *finding.Source) {
	if s == nil {
		return
	}
	name := "source"
	if s.Root != "" && s.Root != "." {
		name += " " + shorten(Clean(s.Root), t.width/2)
	}
	facts := []string{name + ": " + counted(int64(s.Files), "file", "files")}
	switch {
	case s.Django != "" && s.DjangoOrigin != "":
		facts = append(facts, "Django "+Clean(s.Django)+" ("+Clean(s.DjangoOrigin)+")")
	case s.Django != "":
		facts = append(facts, "Django "+Clean(s.Django))
	}
	facts = append(facts, counted(int64(s.Models), "model", "models"), counted(int64(s.Queries), "queryset", "querysets"))
	if s.AutoPrefetch {
		facts = append(facts, "rows prefetch by themselves")
	}
	if n := len(s.Skipped); n > 0 {
		facts = append(facts, counted(int64(n), "part", "parts")+" not understood")
	}
	if n := len(s.Unknown); n > 0 {
		facts = append(facts, counted(int64(n), "model", "models")+" not understood")
	}
	for i, line := range wrapFacts(facts, t.width-4) {
		t.put(strings.Repeat("  ", 1+min(i, 1)), line)
	}
	for i, k := range s.Skipped {
		if i == badLinesMax {
			t.para(4, 6, t.faint, "and "+counted(int64(len(s.Skipped)-i), "more part", "more parts"))
			break
		}
		place := Clean(k.Span.Path)
		if k.Span.Line > 0 {
			place += ":" + strconv.Itoa(k.Span.Line)
		}
		t.para(4, 6, t.faint, place+": "+Clean(k.Msg))
	}
	for i, u := range s.Unknown {
		if i == badLinesMax {
			t.para(4, 6, t.faint, "and "+counted(int64(len(s.Unknown)-i), "more model", "more models"))
			break
		}
		t.para(4, 6, t.faint, Clean(u))
	}
	if l := lost(s.Lost); l != "" {
		t.para(4, 6, t.warn, "left out: "+l)
	}
}
