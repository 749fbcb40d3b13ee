package django

import (
	"bytes"
	"context"
	"strings"

	"github.com/ormlint/ormlint/analyzer/schema"
)

// focusWords returns the identifiers of which a file must hold one to matter
// for the tables: the models' names, what leads to their rows from others, and
// for the user's model the ways to say it without its name.
func (p *Project) focusWords(tables []string) map[string]bool {
	words := map[string]bool{}
	for _, t := range tables {
		m := p.Models.Model(t)
		if m == nil {
			continue
		}
		p.modelWords(m, words)
	}
	return words
}

func (p *Project) modelWords(m *schema.Model, words map[string]bool) {
	add := func(s string) {
		if s != "" {
			words[s] = true
		}
	}
	add(m.Name)
	for _, other := range p.registry.order { // children and proxies read the table too
		if other.model.Proxy == m {
			add(other.model.Name)
		}
		for _, up := range other.model.Parents {
			if up == m {
				add(other.model.Name)
			}
		}
	}
	for _, f := range m.Fields {
		if f.Relation != nil && f.Relation.Inverse != nil {
			add(f.Relation.Inverse.Name)
			add(f.Relation.Inverse.Query)
		}
		if f.Relation != nil && m.AutoCreated && f.Relation.Target != nil { // an m2m's table: its two ends' accessors
			p.throughWords(m, f.Relation.Target, add)
		}
	}
	for _, f := range m.Reverse {
		if f.Relation.Inverse != nil {
			add(f.Relation.Inverse.Name)
		}
	}
	if m == p.userModel() {
		for _, w := range []string{"user", "get_user_model", "AUTH_USER_MODEL"} {
			add(w)
		}
	}
}

// throughWords adds the accessors of an end that go through the table.
func (p *Project) throughWords(through, end *schema.Model, add func(string)) {
	for _, list := range [][]*schema.Field{end.Fields, end.Reverse} {
		for _, f := range list {
			if f.Relation != nil && f.Relation.Through == through {
				add(f.Name)
				add(f.Query)
			}
		}
	}
}

// mentioning returns those of the project's own modules that hold one of the
// words as an identifier or inside a string, sorted by path. It reads text only:
// nothing is parsed.
func (p *Project) mentioning(ctx context.Context, words map[string]bool) ([]*module, error) {
	hit := make([]bool, len(p.modules))
	err := p.each(ctx, len(p.modules), func(i int) { hit[i] = mentions(p.modules[i].text, words) })
	var list []*module
	for i, m := range p.modules {
		if hit[i] {
			list = append(list, m)
		}
	}
	return list, err
}

// mentions reports whether an identifier of the text, or a part of it between
// double underscores, is one of the words.
func mentions(text []byte, words map[string]bool) bool {
	for i := 0; i < len(text); {
		if !isNameByte(text[i]) {
			i++
			continue
		}
		start := i
		for i < len(text) && isNameByte(text[i]) {
			i++
		}
		word := text[start:i]
		if words[string(word)] {
			return true
		}
		if bytes.Contains(word, []byte("__")) {
			for part := range strings.SplitSeq(string(word), "__") {
				if words[part] {
					return true
				}
			}
		}
	}
	return false
}
