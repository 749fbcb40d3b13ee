package sqllog

import (
	"bytes"
	"net/url"
	"strings"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// A note is what an SQL comment tells about its statement.
type note struct {
	hash  uint64
	unit  uint64
	name  uint32 // in the worker's table of names; 0: none
	fresh string // set when the name is new to the worker's table
}

// memoSize is how many comments a worker remembers. A request repeats one.
const memoSize = 16

// A memo keeps the last comments of a worker and its names.
type memo struct {
	last  [memoSize]note
	names map[string]uint32
}

func (m *memo) full() bool { return len(m.names) > NamesMax }

func (m *memo) clear() { *m = memo{} }

// look reads a comment, or remembers it.
func (m *memo) look(c []byte) note {
	h := sqlshape.MixArgs(1, c)
	n := &m.last[h%memoSize]
	if n.hash == h {
		return *n
	}
	unit, name := readComment(c)
	*n = note{hash: h, unit: unit}
	fresh := ""
	if name != "" {
		n.name, fresh = m.index(name)
	}
	out := *n
	out.fresh = fresh
	return out
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

// readComment reads sqlcommenter (k='v',…, url-encoded) and marginalia or
// Rails query_log_tags (k:v,…) comments.
func readComment(c []byte) (unit uint64, name string) {
	c = bytes.TrimSuffix(bytes.TrimPrefix(c, []byte("/*")), []byte("*/"))
	if len(c) > commentMax {
		return 0, ""
	}
	t := tags{}
	for rest := string(c); rest != ""; {
		var k, v string
		if k, v, rest = nextTag(rest); k == "" {
			break
		}
		t.set(strings.ToLower(k), v)
	}
	if t.unit != "" {
		unit = unitHash(t.unit)
	}
	return unit, t.endpoint()
}

// unitHash is the Unit of an id as the log writes it; it is never 0.
func unitHash(id string) uint64 {
	return sqlshape.MixArgs(2, []byte(strings.ToLower(id))) | 1
}

// tags are the known keys of a comment.
type tags struct {
	unit, route, controller, action, task string
	namespace                             string
}

func (t *tags) set(k, v string) {
	switch k {
	case "traceparent":
		// 00-<trace id>-<span id>-<flags>: the span differs inside a request.
		if p := strings.Split(v, "-"); len(p) == 4 && len(p[1]) == 32 && strings.Trim(p[1], "0") != "" {
			t.unit = p[1]
		}
	case "request_id", "job_id", "trace_id", "x_request_id":
		if t.unit == "" {
			t.unit = v
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
	}
}

// endpoint chooses the name.
func (t *tags) endpoint() string {
	name := t.controller
	if t.namespace != "" {
		name = t.namespace
	}
	switch {
	case t.route != "":
		name = t.route
		if name[0] != '/' {
			name = "/" + name
		}
	case name != "" && t.action != "":
		name += "/" + t.action
	case name == "" && t.action != "":
		name = t.action
	case name == "":
		name = t.task
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

// nextTag takes one k='v', k="v", k:v or k=v from the start of s. k is "" when
// there is none.
func nextTag(s string) (k, v, rest string) {
	s = strings.TrimLeft(s, " ,\t\n")
	e := strings.IndexAny(s, "=:")
	if e <= 0 {
		return "", "", ""
	}
	k = strings.TrimSpace(s[:e])
	if strings.ContainsAny(k, " '\"") {
		return "", "", ""
	}
	s = strings.TrimLeft(s[e+1:], " ")
	if s == "" {
		return k, "", ""
	}
	if q := s[0]; q == '\'' || q == '"' {
		i := 1
		for i < len(s) && s[i] != q {
			if s[i] == '\\' {
				i++
			}
			i++
		}
		i = min(i, len(s))
		return k, unescapeTag(s[1:i]), s[min(i+1, len(s)):]
	}
	i := strings.IndexByte(s, ',')
	if i < 0 {
		i = len(s)
	}
	return k, strings.TrimSpace(unescapeTag(s[:i])), s[i:]
}

// unescapeTag undoes url-encoding. Python's sqlcommenter leaves "%%2F" where a
// statement had no parameters.
func unescapeTag(s string) string {
	s = strings.ReplaceAll(s, `\'`, `'`)
	if !strings.Contains(s, "%") {
		return s
	}
	u, err := url.PathUnescape(strings.ReplaceAll(s, "%%", "%"))
	if err != nil {
		return s
	}
	return u
}
