package sqllog

import (
	"bytes"
	"encoding/binary"
	"net/url"
	"strings"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// A note is what an SQL comment tells about its statement.
type note struct {
	unit  uint64
	name  uint32 // in the worker's table of names; 0: none
	fresh string // set when the name is new to the worker's table
}

// A memo keeps a worker's names. byTags finds one by the hash of the raw tags
// that make it, so that only the first such comment is decoded.
type memo struct {
	names  map[string]uint32
	byTags map[uint64]uint32
	recent *[recentMax]recent
}

func (m *memo) full() bool { return len(m.names) > NamesMax || len(m.byTags) > 4*NamesMax }

func (m *memo) clear() { *m = memo{} }

// recentMax is how many comments a worker remembers whole: all statements of a
// request carry the same one, and requests of many sessions interleave.
const recentMax = 256

// A recent is a comment that was read, and what it said.
type recent struct {
	comment []byte // but for its span
	span    bool
	note    note
}

// spanBytes is the end of a comment that ends with a traceparent: span id,
// flags and quote. It may differ between the statements of one request.
const spanBytes = 20

// endsInSpan reports whether the last spanBytes tell nothing: c ends with a
// whole traceparent, which no quote or backslash in its end cuts short.
func endsInSpan(c []byte) bool {
	const key = "traceparent='"
	n := len(c)
	if c[n-1] != '\'' || c[n-spanBytes-1] != '-' || n < 56+len(key) || string(c[n-56-len(key):n-56]) != key {
		return false
	}
	for _, x := range c[n-spanBytes : n-1] {
		if x == '\'' || x == '\\' {
			return false
		}
	}
	return true
}

// slot picks the place of a comment by its length and three words of it: ids
// stand at or near the end, routes before them.
func slot(c []byte) uint64 {
	n := len(c)
	h := binary.LittleEndian.Uint64(c[n-8:]) ^ binary.LittleEndian.Uint64(c[n-24:])*3 ^ binary.LittleEndian.Uint64(c[n/2:])*5 ^ uint64(n)
	return h * 0x9e3779b97f4a7c15 >> 32 % recentMax
}

// look reads a comment, or remembers it.
func (m *memo) look(c []byte) note {
	if len(c) < 32 || len(c) > 1024 {
		return m.read(readTags(c))
	}
	if m.recent == nil {
		m.recent = new([recentMax]recent)
	}
	same, span := c, endsInSpan(c)
	if span {
		same = c[:len(c)-spanBytes]
	}
	r := &m.recent[slot(same)]
	if r.span == span && bytes.Equal(r.comment, same) {
		return r.note
	}
	t := readTags(c)
	if span && (len(t.trace) != 55 || &t.trace[0] != &c[len(c)-56]) {
		same, span = c, false // it is part of another value
	}
	n := m.read(t)
	r.comment, r.span, r.note = append(r.comment[:0], same...), span, n
	r.note.fresh = ""
	return n
}

// read makes a note of a comment's tags.
func (m *memo) read(t tags) note {
	n := note{unit: t.unitID()}
	h := t.nameHash()
	if h == 0 {
		return n
	}
	if id, ok := m.byTags[h]; ok {
		n.name = id
		return n
	}
	if name := markName(t.endpoint(), t.site()); name != "" {
		n.name, n.fresh = m.index(name)
	}
	if m.byTags == nil {
		m.byTags = map[uint64]uint32{}
	}
	m.byTags[h] = n.name
	return n
}

// index numbers a name in the worker's table; fresh is it when it is new.
func (m *memo) index(name string) (id uint32, fresh string) {
	if id, ok := m.names[name]; ok {
		return id, ""
	}
	if m.names == nil {
		m.names = map[string]uint32{}
	}
	id = uint32(len(m.names) + 1)
	m.names[name] = id
	return id, name
}

// commentMax is the length above which a comment is no sqlcommenter's.
const commentMax = 4096

// tags are the known keys of a comment, still encoded.
type tags struct {
	trace, id                                  []byte
	route, namespace, controller, action, task []byte
	code                                       codeTags
}

// readTags reads sqlcommenter (k='v',…, url-encoded) and marginalia or Rails
// query_log_tags (k:v,…) comments.
func readTags(c []byte) (t tags) {
	c = bytes.TrimSuffix(bytes.TrimPrefix(c, []byte("/*")), []byte("*/"))
	if len(c) > commentMax {
		return t
	}
	for len(c) > 0 {
		var k, v []byte
		if k, v, c = nextTag(c); len(k) == 0 {
			break
		}
		switch string(k) {
		case "traceparent":
			t.trace = v
		case "request_id", "job_id", "trace_id", "x_request_id":
			if t.id == nil {
				t.id = v
			}
		case "route":
			t.route = v
		case "controller", "controller_name":
			t.controller = v
		case "namespaced_controller", "controller_with_namespace":
			t.namespace = v
		case "action", "action_name":
			t.action = v
		case "job", "task", "task_name", "celery_task", "command", "management_command":
			t.task = v
		default:
			t.code.set(k, v)
		}
	}
	return t
}

// unitID is the hash of the trace, request or job id, 0 when there is none.
func (t *tags) unitID() uint64 {
	// 00-<trace id>-<span id>-<flags>: the span differs inside a request.
	if p := t.trace; len(p) == 55 && p[2] == '-' && p[35] == '-' && len(bytes.Trim(p[3:35], "0")) > 0 {
		return unitHash(p[3:35])
	}
	if len(t.id) > 1 {
		return unitHash(t.id)
	}
	return 0
}

// unitHash is the Unit of an id as the log writes it; it is never 0. Hex digits
// come in both cases.
func unitHash(id []byte) uint64 {
	var low [64]byte
	n := copy(low[:], id)
	for i, c := range low[:n] {
		if c >= 'A' && c <= 'Z' {
			low[i] = c | 0x20
		}
	}
	h := sqlshape.MixArgs(2, low[:n])
	if len(id) > n {
		h = sqlshape.MixArgs(h, id[n:])
	}
	return h | 1
}

// nameHash is the hash of the tags that make the name and the site, 0 when there are none.
func (t *tags) nameHash() uint64 {
	h := uint64(0)
	switch {
	case len(t.route) > 0:
		h = sqlshape.MixArgs(sqlshape.MixArgs(3, t.route), t.controller)
	case len(t.namespace)+len(t.controller)+len(t.action)+len(t.task) > 0:
		h = sqlshape.MixArgs(sqlshape.MixArgs(4, t.namespace), t.controller)
		h = sqlshape.MixArgs(sqlshape.MixArgs(h, t.action), t.task)
	}
	if c := &t.code; c.known() {
		h = sqlshape.MixArgs(sqlshape.MixArgs(h, c.file), c.line)
		h = sqlshape.MixArgs(sqlshape.MixArgs(h, c.function), c.namespace)
	}
	if h == 0 {
		return 0
	}
	return h | 1
}

// site is where in the code the statement was run. Where only the endpoint is
// known, and it is named by its route, the view counts as the function.
func (t *tags) site() Site {
	if s := t.code.site(); s.Path != "" || s.Function != "" || len(t.route) == 0 {
		return s
	}
	return Site{Function: unescapeTag(t.controller)}
}

// endpoint chooses the name.
func (t *tags) endpoint() string {
	name := unescapeTag(t.controller)
	if len(t.namespace) > 0 {
		name = unescapeTag(t.namespace)
	}
	action := unescapeTag(t.action)
	switch {
	case len(t.route) > 0:
		name = unescapeTag(t.route)
		if name[0] != '/' {
			name = "/" + name
		}
	case name != "" && action != "":
		name += "/" + action
	case name == "" && action != "":
		name = action
	case name == "":
		name = unescapeTag(t.task)
	}
	return cleanName(name)
}

// cleanName takes control characters out and cuts.
func cleanName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0xfffd {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if len(s) > nameBytes {
		s = strings.ToValidUTF8(s[:nameBytes], "")
	}
	return s
}

// nextTag takes one k='v', k="v", k:v or k=v from the start of c. k is empty
// when there is none.
func nextTag(c []byte) (k, v, rest []byte) {
	i := 0
	for i < len(c) && (c[i] == ' ' || c[i] == ',' || c[i] == '\t' || c[i] == '\n') {
		i++
	}
	from := i
	for i < len(c) && c[i] != '=' && c[i] != ':' {
		if c[i] == '\'' || c[i] == '"' || c[i] == ' ' {
			return nil, nil, nil
		}
		i++
	}
	if i == len(c) {
		return nil, nil, nil
	}
	k = c[from:i]
	for i++; i < len(c) && c[i] == ' '; i++ {
	}
	if i == len(c) {
		return k, nil, nil
	}
	from = i
	if q := c[i]; q == '\'' || q == '"' {
		for i++; i < len(c) && c[i] != q; i++ {
			if c[i] == '\\' {
				i++
			}
		}
		i = min(i, len(c))
		return k, c[from+1 : i], c[min(i+1, len(c)):]
	}
	for i < len(c) && c[i] != ',' {
		i++
	}
	return k, bytes.TrimSpace(c[from:i]), c[i:]
}

// unescapeTag undoes url-encoding. Python's sqlcommenter leaves "%%2F" where a
// statement had no parameters.
func unescapeTag(v []byte) string {
	s := strings.ReplaceAll(string(v), `\'`, `'`)
	if !strings.Contains(s, "%") {
		return s
	}
	u, err := url.PathUnescape(strings.ReplaceAll(s, "%%", "%"))
	if err != nil {
		return s
	}
	return u
}
