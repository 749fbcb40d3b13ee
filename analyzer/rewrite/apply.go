package rewrite

import (
	"bytes"
	"cmp"
	"errors"
	"slices"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// ErrOverlap is what Apply returns for edits that change the same text.
var ErrOverlap = errors.New("edits overlap")

// ErrRange is what Apply returns for an edit outside the text: the file is not
// the one that the edit was made for.
var ErrRange = errors.New("edit outside of the text")

// Apply makes the edits of one file. Edits that are the same are made once;
// insertions at one offset are made in the order given.
func Apply(text []byte, edits []finding.Edit) ([]byte, error) {
	edits = ordered(edits)
	var b bytes.Buffer
	at := 0
	for i, e := range edits {
		if e.Span.Start < 0 || e.Span.End < e.Span.Start || e.Span.End > len(text) {
			return nil, ErrRange
		}
		if i > 0 && e.Span.Start < at {
			return nil, ErrOverlap
		}
		b.Write(text[at:e.Span.Start])
		b.WriteString(e.Text)
		at = e.Span.End
	}
	b.Write(text[at:])
	return b.Bytes(), nil
}

// ordered sorts the edits by place, insertions before replacements, and drops
// repeated ones.
func ordered(edits []finding.Edit) []finding.Edit {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b finding.Edit) int { return source.Compare(a.Span, b.Span) })
	out := edits[:0]
	for _, e := range edits {
		same := func(o finding.Edit) bool {
			return o.Text == e.Text && o.Span.Path == e.Span.Path && o.Span.Start == e.Span.Start && o.Span.End == e.Span.End
		}
		if !slices.ContainsFunc(out, same) {
			out = append(out, e)
		}
	}
	return out
}

// clash reports whether two edits cannot both be made: they change the same
// text, insert different text at one place, or one inserts inside of what the
// other replaces.
func clash(a, b finding.Edit) bool {
	if a.Span.Path != b.Span.Path || a == b {
		return false
	}
	if a.Span.Start == b.Span.Start {
		return a.Text != b.Text || a.Span.End != b.Span.End
	}
	if a.Span.Start > b.Span.Start {
		a, b = b, a
	}
	return a.Span.End > b.Span.Start
}

// A Choice is a Rewrite that is offered to Merge.
type Choice struct {
	Rewrite finding.Rewrite
	Name    string // of its finding, for messages
	// Place is the queryset that it is about. Of rewrites of one queryset only
	// those go together that add eager loading: only() and select_related()
	// for the same column, each right by itself, are an error together.
	Place source.Span
}

// eager reports whether a rewrite does nothing but add eager loading and
// imports.
func (c *Choice) eager() bool {
	return !slices.ContainsFunc(c.Rewrite.Edits, func(e finding.Edit) bool {
		_, calls := eagerCalls(e.Text)
		items, ok := itemsOf(e.Text)
		literal := ok && items.literals
		_, path := plainString(e.Text) // a longer path for a shorter one
		return !calls && !literal && !path && !isImport(e.Text) && (!ok || literal)
	})
}

// apart finds one of the choices made that may not go together with c for the
// queryset that both are about.
func apart(choices []Choice, made []int, c *Choice) (with string, found bool) {
	for _, n := range made {
		o := &choices[n]
		same := c.Place.Known() && o.Place.Path == c.Place.Path && o.Place.Start < c.Place.End && c.Place.Start < o.Place.End
		if same && !(o.eager() && c.eager()) && !slices.EqualFunc(o.Rewrite.Edits, c.Rewrite.Edits, func(a, b finding.Edit) bool { return a == b }) {
			return o.Name, true
		}
	}
	return "", false
}

// A Refusal is a Choice that Merge left out.
type Refusal struct {
	Name string
	With string // the Choice it gets in the way of
}

// Merge puts the edits of several rewrites together, the first ones first.
// Calls that several add to one queryset at one place are joined into one; a
// rewrite whose edits clash with those before it is left out as a whole.
// Running again on the result brings it back. The edits are sorted.
func Merge(choices []Choice) (edits []finding.Edit, made []int, left []Refusal) {
	type entry struct {
		finding.Edit
		owner string
	}
	var taken []entry
	for n, c := range choices {
		var add []entry
		joined := map[int]string{} // entries of taken and their new text
		refused, found := apart(choices, made, &c)
		if found {
			left = append(left, Refusal{c.Name, refused})
			continue
		}
		for _, e := range c.Rewrite.Edits {
			i := slices.IndexFunc(taken, func(o entry) bool { return clash(o.Edit, e) })
			if i < 0 {
				add = append(add, entry{e, c.Name})
				continue
			}
			text, ok := joinInserts(cmp.Or(joined[i], taken[i].Text), e.Text)
			if !ok || taken[i].Span != e.Span || e.Span.Start != e.Span.End {
				refused = taken[i].owner
				break
			}
			joined[i] = text
		}
		if refused != "" {
			left = append(left, Refusal{c.Name, refused})
			continue
		}
		for i, text := range joined {
			taken[i].Text = text
		}
		taken = append(taken, add...)
		made = append(made, n)
	}
	for _, t := range taken {
		edits = append(edits, t.Edit)
	}
	return ordered(edits), made, left
}
