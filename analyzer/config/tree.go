package config

import (
	"bytes"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

// A value is one of a TOML file with its place, which decoding into Go's types
// would lose.
type value struct {
	kind  unstable.Kind // Table also for inline tables, Array also for arrays of tables
	text  string        // a string's content, what stands in the file for other scalars
	items []*value      // of an Array
	pairs []*pair       // of a Table, in order of the file
	index map[string]*pair
	at    int // offset in the file
}

// A pair is a key of a table with its value.
type pair struct {
	key string
	at  int // offset of the key
	*value
}

// find returns the pair of a key, nil when there is none.
func (v *value) find(key string) *pair { return v.index[key] }

// parse reads a TOML document. The decoder checks what the syntax alone does
// not: keys that stand twice, tables that are no tables.
func parse(text []byte) (*value, *Problem) {
	var all map[string]any
	if err := toml.Unmarshal(text, &all); err != nil {
		return nil, broken(text, err)
	}
	root := &value{kind: unstable.Table}
	into := root
	var p unstable.Parser
	p.Reset(text)
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table:
			into = root.descend(e.Key(), false)
		case unstable.ArrayTable:
			into = root.descend(e.Key(), true)
		case unstable.KeyValue:
			into.add(text, e)
		}
	}
	if err := p.Error(); err != nil {
		return nil, broken(text, err)
	}
	return root, nil
}

// broken words an error of the decoder.
func broken(text []byte, err error) *Problem {
	problem := &Problem{Line: 1, Column: 1, Msg: "no TOML: " + strings.TrimPrefix(err.Error(), "toml: ")}
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		line, column := bad.Position()
		problem.Line, problem.Column = line, column
		if at := lineStart(text, line); at+column-1 <= len(text) {
			problem.Column = utf8.RuneCount(text[at:at+column-1]) + 1
		}
	}
	return problem
}

// lineStart is the offset at which a line begins.
func lineStart(text []byte, line int) int {
	at := 0
	for ; line > 1; line-- {
		i := bytes.IndexByte(text[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
	}
	return at
}

// descend returns the table of a header's key; array: a new one of an array of
// tables. The decoder has seen that all on the way are tables.
func (v *value) descend(keys unstable.Iterator, array bool) *value {
	for keys.Next() {
		n := keys.Node()
		p := v.child(n)
		if array && keys.IsLast() {
			p.kind = unstable.Array
			p.items = append(p.items, &value{kind: unstable.Table, at: p.at})
		}
		v = p.value
		if v.kind == unstable.Array && len(v.items) > 0 {
			v = v.items[len(v.items)-1]
		}
	}
	return v
}

// child returns the pair of a key, made as a table when it is new.
func (v *value) child(n *unstable.Node) *pair {
	key := string(n.Data)
	if p := v.find(key); p != nil {
		return p
	}
	at := int(n.Raw.Offset)
	p := &pair{key: key, at: at, value: &value{kind: unstable.Table, at: at}}
	if v.index == nil {
		v.index = map[string]*pair{}
	}
	v.pairs, v.index[key] = append(v.pairs, p), p
	return p
}

// add enters a key and its value, the key perhaps dotted.
func (v *value) add(text []byte, n *unstable.Node) {
	var last *pair
	end := 0
	for keys := n.Key(); keys.Next(); {
		k := keys.Node()
		last = v.child(k)
		v, end = last.value, int(k.Raw.Offset+k.Raw.Length)
	}
	for end < len(text) && (text[end] == ' ' || text[end] == '\t' || text[end] == '=') {
		end++ // an array has no place in the tree: it stands behind the sign
	}
	last.value = valueOf(text, n.Value(), end)
}

// valueOf makes a value of a node that begins at an offset.
func valueOf(text []byte, n *unstable.Node, at int) *value {
	v := &value{kind: n.Kind, text: string(n.Data), at: at}
	if n.Raw.Length > 0 {
		v.at = int(n.Raw.Offset)
	}
	switch n.Kind {
	case unstable.Array:
		for it := n.Children(); it.Next(); {
			if c := it.Node(); c.Kind != unstable.Comment {
				v.items = append(v.items, valueOf(text, c, at))
			}
		}
	case unstable.InlineTable:
		v.kind = unstable.Table
		for it := n.Children(); it.Next(); {
			if c := it.Node(); c.Kind == unstable.KeyValue {
				v.add(text, c)
			}
		}
	}
	return v
}
