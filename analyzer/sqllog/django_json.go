package sqllog

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// djangoJSON is a log of JSON lines whose formatter writes the extras of
// django.db.backends (sql, duration, params, alias), in any order, at the top
// or one object below, or only its message.
type djangoJSON struct{}

func (djangoJSON) speculative() bool { return false }

func (djangoJSON) first(b []byte, i int) int { return firstLine(b, i, '\n') }

func (d djangoJSON) parse(w *worker, b []byte, i, hi int, eof bool) (int, bool) {
	return parseLines(w, b, i, hi, eof, d.line)
}

// djangoFields are the values of one line, still escaped. Strings are without
// their quotes.
type djangoFields struct {
	sql, message, params, name []byte
	process, thread            []byte
	unit                       []byte
	code                       codeTags
	stack                      []byte
	at                         int64
	took                       int64
}

// djangoJSONLine says whether a line is such a log's.
func djangoJSONLine(l []byte) bool {
	f := djangoFields{took: -1}
	var c clock
	if _, ok := f.read(&c, l, 0, 0); !ok {
		return false
	}
	return f.sql != nil && f.took >= 0 || djangoLine(decodeJSON(nil, f.message))
}

func (d djangoJSON) line(w *worker, b []byte) string {
	f := djangoFields{took: -1}
	if _, ok := f.read(&w.clock, b, 0, 0); !ok {
		return badJSON
	}
	r := record{verb: ran, at: f.at, took: f.took, line: w.lines, rows: -1, key: hashedKey}
	if f.process != nil || f.thread != nil {
		r.key |= mix(hashBytes(1, f.process), hashBytes(2, f.thread))
	}
	if len(f.unit) > 0 {
		t := tags{trace: f.unit, id: f.unit}
		r.unit = t.unitID()
	}
	r.name = w.jsonName(&f)
	unit, name := r.unit, r.name
	if f.sql == nil {
		var h djangoHead
		w.text = decodeJSON(w.text[:0], f.message)
		if !djangoLine(w.text) || !readHead(w.text, &w.clock, &h) {
			return "" // another logger's entry
		}
		r.took = h.took
		w.djangoStatement(&r, w.text[h.sql:])
	} else {
		if len(f.sql) == 0 {
			return "empty sql"
		}
		st := w.scan.Scan(f.sql, sqlshape.JSON)
		w.fill(&r, &st)
		w.foldArgs(&r, st.Placeholders, f.params)
		w.out.recs = append(w.out.recs, r)
	}
	last := &w.out.recs[len(w.out.recs)-1]
	if last.unit == 0 {
		last.unit = unit
	}
	if last.name == 0 {
		last.name = name
	}
	return ""
}

// read walks the object at i and gives the offset after it.
func (f *djangoFields) read(c *clock, b []byte, i, depth int) (int, bool) {
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	if i >= len(b) || b[i] != '{' {
		return i, false
	}
	for i++; ; {
		for i < len(b) && (isSpace(b[i]) || b[i] == ',') {
			i++
		}
		if i < len(b) && b[i] == '}' {
			return i + 1, true
		}
		if i >= len(b) || b[i] != '"' {
			return i, false
		}
		k := closeJSON(b, i+1, i+1)
		if k < 0 {
			return i, false
		}
		key := b[i+1 : k]
		i = k + 1
		for i < len(b) && (isSpace(b[i]) || b[i] == ':') {
			i++
		}
		if i < len(b) && b[i] == '{' && depth == 0 && nests(key) {
			e, ok := f.read(c, b, i, 1)
			if !ok {
				return i, false
			}
			i = e
			continue
		}
		from := i
		if i = jsonValue(b, i); i < 0 {
			return from, false
		}
		f.set(c, key, bytes.TrimSpace(b[from:i]))
	}
}

// jsonName numbers the name and the site of a line; each pair is decoded once.
func (w *worker) jsonName(f *djangoFields) uint32 {
	if len(f.name) == 0 && f.stack == nil && f.code.file == nil {
		return 0
	}
	h := sqlshape.MixArgs(sqlshape.MixArgs(5, f.name), f.stack)
	h = sqlshape.MixArgs(sqlshape.MixArgs(sqlshape.MixArgs(h, f.code.file), f.code.line), f.code.function)
	if id, ok := w.memo.byTags[h]; ok {
		return id
	}
	id := uint32(0)
	if text := markName(cleanName(string(decodeJSON(nil, f.name))), f.site()); text != "" {
		fresh := ""
		if id, fresh = w.memo.index(text); fresh != "" {
			w.out.names = append(w.out.names, fresh)
		}
	}
	if w.memo.byTags == nil {
		w.memo.byTags = map[uint64]uint32{}
	}
	w.memo.byTags[h] = id
	return id
}

// site is where the line says that its statement was run: a stack's innermost
// frame of the application, or fields that name one place.
func (f *djangoFields) site() Site {
	if s := stackSite(f.stack); s.Path != "" {
		return s
	}
	c := f.code
	c.file, c.function = decodeJSON(nil, c.file), decodeJSON(nil, c.function)
	s := c.site()
	s.Path = strings.ReplaceAll(s.Path, `\`, "/")
	if s.Path == "" || isLibrary(s.Path) {
		return Site{}
	}
	return s
}

// nests names the objects that formatters put extras in.
func nests(key []byte) bool {
	switch string(key) {
	case "extra", "extras", "fields", "data", "record", "context", "attributes", "jsonPayload", "event":
		return true
	}
	return false
}

// set keeps the value of a key, under any of its common names.
func (f *djangoFields) set(c *clock, key, v []byte) {
	s := unquote(v)
	if len(v) == 0 || string(v) == "null" {
		return
	}
	switch string(key) {
	case "sql":
		if v[0] == '"' {
			f.sql = s
		}
	case "message", "msg", "event":
		if v[0] == '"' && f.message == nil {
			f.message = s
		}
	case "duration":
		if d, err := strconv.ParseFloat(string(s), 64); err == nil && d >= 0 && d < 1e9 {
			f.took = int64(d*1e9 + 0.5)
		}
	case "params":
		f.params = v
	case "timestamp", "asctime", "time", "@timestamp", "ts", "created", "datetime", "date":
		if f.at == 0 {
			f.at = jsonTime(c, s)
		}
	case "process", "pid", "process_id", "processId":
		f.process = s
	case "thread", "thread_id", "threadId", "tid":
		f.thread = s
	case "threadName", "thread_name":
		if f.thread == nil {
			f.thread = s
		}
	case "request_id", "requestId", "trace_id", "traceId", "traceparent", "correlation_id", "otelTraceID", "dd.trace_id", "x_request_id":
		if len(s) > 1 {
			f.unit = s
		}
	case "route", "view", "view_name", "url_name", "endpoint", "task_name", "task", "command":
		if v[0] == '"' && f.name == nil {
			f.name = s
		}
	case "stack", "frames", "stacktrace", "stack_trace", "traceback", "stack_info", "code.stacktrace", "callsite":
		f.stack = v
	case "code_filepath", "code_file_path", "pathname", "source_location", "code.filepath", "code.file.path":
		if !bytes.Contains(s, []byte(loggerPath)) {
			f.code.file = s
		}
	case "code_lineno", "code_line_number", "lineno", "code.lineno", "code.line.number":
		f.code.line = s
	case "code_function", "code_function_name", "funcName", "func_name", "code.function", "code.function.name":
		f.code.function = s
	}
}

// loggerPath is where the logger's own call stands, which says nothing of the
// application.
const loggerPath = "/django/db/"

// jsonTime reads a timestamp, or seconds or milliseconds since 1970.
func jsonTime(c *clock, s []byte) int64 {
	if at, n, _, _ := c.stamp(s, true); n > 0 {
		return at
	}
	x, err := strconv.ParseFloat(string(s), 64)
	switch {
	case err != nil || x <= 0 || x > 1e19:
		return 0
	case x < 1e11:
		return int64(x*1e6) * 1e3
	case x < 1e14:
		return int64(x * 1e6)
	case x < 1e17:
		return int64(x) * 1e3
	}
	return int64(x)
}
