package sqllog

import (
	"bytes"
	"strconv"
)

// A plan is what an auto_explain entry tells.
type plan struct {
	query  []byte // nil: not understood
	params []byte // "$1 = 'x', …" (16 and later)
	rows   int32  // of the top node; < 0: the plan was made without ANALYZE
}

// readPlan reads the text after "plan:" in the formats text, json, xml, yaml.
func readPlan(b []byte) plan {
	b = bytes.TrimLeft(b, "\r\n ")
	switch {
	case len(b) == 0:
		return plan{}
	case bytes.HasPrefix(b, []byte("Query Text: \"")) && bytes.Contains(b, []byte("\nPlan:")):
		return quotedPlan(b, "Query Text: \"", "Query Parameters: \"", "Actual Rows: ")
	case b[0] == '{':
		return quotedPlan(b, `"Query Text": "`, `"Query Parameters": "`, `"Actual Rows": `)
	case b[0] == '<':
		return xmlPlan(b)
	}
	return textPlan(b)
}

// textPlan: the query is raw text, so the plan is found from the end: its top
// node is the last line that is not indented and tells costs or times.
func textPlan(b []byte) plan {
	q, ok := bytes.CutPrefix(b, []byte("Query Text: "))
	if !ok {
		return plan{}
	}
	for e := len(q); ; {
		k := bytes.LastIndexByte(q[:e], '\n')
		if k < 0 {
			return plan{}
		}
		line := q[k+1 : e]
		if len(line) > 0 && line[0] != ' ' && (bytes.Contains(line, []byte("  (cost=")) || bytes.Contains(line, []byte(" (actual "))) {
			p := plan{query: q[:k], rows: -1}
			if a := bytes.LastIndex(line, []byte("(actual ")); a >= 0 {
				p.rows = textRows(line[a:])
			}
			if k := bytes.LastIndex(p.query, []byte("\nQuery Parameters: $")); k >= 0 {
				p.query, p.params = p.query[:k], p.query[k+19:]
			}
			return p
		}
		e = k
	}
}

// textRows reads "(actual time=0.01..0.02 rows=5 loops=1)".
func textRows(b []byte) int32 {
	k := bytes.Index(b, []byte("rows="))
	if k < 0 {
		return -1
	}
	return rowCount(b[k+5:])
}

func rowCount(b []byte) int32 {
	e := 0
	for e < len(b) && (digit(b[e]) || b[e] == '.') {
		e++
	}
	f, err := strconv.ParseFloat(string(b[:e]), 64)
	if err != nil || f > 1<<31-1 {
		return -1
	}
	return int32(f)
}

// quotedPlan reads the json and yaml formats, which quote alike. The first
// node is the top one.
func quotedPlan(b []byte, text, params, rows string) plan {
	q, end := quotedField(b, text)
	if q == nil {
		return plan{}
	}
	p := plan{query: q, rows: -1}
	p.params, _ = quotedField(b[end:], params)
	if k := bytes.Index(b[end:], []byte(rows)); k >= 0 {
		p.rows = rowCount(b[end+k+len(rows):])
	}
	return p
}

func quotedField(b []byte, key string) (text []byte, end int) {
	k := bytes.Index(b, []byte(key))
	if k < 0 {
		return nil, 0
	}
	i := k + len(key)
	e := closeJSON(b, i, i)
	if e < 0 {
		return nil, 0
	}
	return decodeJSON([]byte{}, b[i:e]), e
}

func xmlPlan(b []byte) plan {
	q, end := element(b, "Query-Text")
	if q == nil {
		return plan{}
	}
	p := plan{query: q, rows: -1}
	p.params, _ = element(b[end:], "Query-Parameters")
	if r, _ := element(b[end:], "Actual-Rows"); r != nil {
		p.rows = rowCount(r)
	}
	return p
}

func element(b []byte, name string) (text []byte, end int) {
	i := bytes.Index(b, []byte("<"+name+">"))
	if i < 0 {
		return nil, 0
	}
	i += len(name) + 2
	k := bytes.Index(b[i:], []byte("</"+name+">"))
	if k < 0 {
		return nil, 0
	}
	t := bytes.ReplaceAll(b[i:i+k], []byte("&lt;"), []byte("<"))
	t = bytes.ReplaceAll(t, []byte("&gt;"), []byte(">"))
	t = bytes.ReplaceAll(t, []byte("&quot;"), []byte(`"`))
	t = bytes.ReplaceAll(t, []byte("&#x0d;"), []byte("\r"))
	return bytes.ReplaceAll(t, []byte("&amp;"), []byte("&")), i + k
}
