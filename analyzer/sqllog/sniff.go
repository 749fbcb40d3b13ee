package sqllog

import (
	"bytes"
	"errors"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// A format is what sniffing found, ready for reading.
type format struct {
	name    string // Summary.Format
	label   string // for people
	dialect dialect
	sql     sqlshape.Dialect
	crlf    bool // every line ends in CRLF
	ansi    bool // colour codes
	plans   bool // plans of auto_explain are all, or nearly all, there is
}

// The formats.
const (
	PostgresStderr = "postgres-stderr"
	PostgresCSV    = "postgres-csv"
	PostgresJSON   = "postgres-json"
	Django         = "django"
	DjangoJSON     = "django-json"
)

// Formats lists the values of Options.Format.
func Formats() []string {
	return []string{PostgresStderr, PostgresCSV, PostgresJSON, Django, DjangoJSON}
}

const expected = "a PostgreSQL log (stderr, csvlog or jsonlog) or a Django django.db.backends log"

// linesMax is how many lines of a sample are looked at.
const linesMax = 400

// sniff finds the format from samples of the input, the first being its start.
func sniff(samples [][]byte, o Options) (*format, *InputError) {
	head := samples[0]
	var lines [][]byte
	for _, s := range samples {
		lines = append(lines, sampleOf(s)...)
	}
	if binaryData(head) && (o.Format == "" || bytes.IndexByte(head, 0) >= 0) { // a named format may log odd literals
		return nil, &InputError{Problem: "binary data", Expected: expected}
	}
	if o.Format == "" && o.Prefix == "" && isSyslog(lines) {
		return nil, &InputError{
			Problem: "syslog or journald, which cuts statements into pieces, is not read yet", Detected: "syslog lines of postgres", Expected: expected,
			Hint: "set log_destination = 'stderr', 'csvlog' or 'jsonlog' with logging_collector = on",
		}
	}
	f := &format{name: o.Format, crlf: allCRLF(head), ansi: bytes.Contains(head, []byte("\x1b["))}
	if f.name == "" {
		f.name = guess(lines)
	}
	if f.name == "" && o.Prefix != "" {
		f.name = PostgresStderr
	}
	if f.name == "" {
		e := &InputError{Problem: "unknown format", Expected: expected, Samples: sampleLines(head)}
		if looksLikeJSON(lines) {
			e.Detected = "json lines without PostgreSQL's error_severity and message or Django's sql and duration"
			e.Hint = "name the fields sql and duration in the formatter of django.db.backends"
		} else {
			e.Hint = "give the format (--input-format), or the log_line_prefix as it stands in postgresql.conf (--log-line-prefix)"
		}
		return nil, e
	}
	return f, f.open(lines, samples, o)
}

// open makes the dialect of f.name.
func (f *format) open(lines, samples [][]byte, o Options) *InputError {
	switch f.name {
	case PostgresCSV:
		f.label, f.dialect = "postgres csvlog", csvlog{}
	case PostgresJSON:
		f.label, f.dialect = "postgres jsonlog", jsonlog{}
	case PostgresStderr:
		m, err := choosePrefix(spread(samples), o.Prefix)
		if err != nil {
			return err
		}
		f.dialect, f.label = openStderr(m, samples), "postgres stderr, prefix '"+cleanName(m.text)+"'"
	case Django:
		f.label, f.sql, f.dialect = "django.db.backends text", sqlshape.Django, openDjango(lines)
	case DjangoJSON:
		f.label, f.sql, f.dialect = "django.db.backends json lines", sqlshape.Django, djangoJSON{}
	default:
		return &InputError{Problem: "unknown format name", Expected: expected}
	}
	f.plans = f.probe(samples[0])
	return nil
}

// openStderr adds to the prefix m those that other places of the input have,
// and the known ones: log_line_prefix may have been changed.
func openStderr(m *matcher, samples [][]byte) *stderr {
	d := &stderr{match: m}
	seen := map[string]bool{m.text: true}
	add := func(k *matcher) {
		if k != nil && !seen[k.text] {
			seen[k.text] = true
			d.others = append(d.others, k)
		}
	}
	for _, s := range samples {
		if lines := severityLines(sampleOf(s)); m.hits(lines) < len(lines) {
			found, _ := detectPrefix(lines)
			add(found)
		}
	}
	for _, k := range knownMatchers() {
		add(k)
	}
	return d
}

// spread takes lines that may be entries from all samples alike.
func spread(samples [][]byte) [][]byte {
	var out [][]byte
	for _, s := range samples {
		l := severityLines(sampleOf(s))
		out = append(out, l[:min(len(l), candidates/len(samples))]...)
	}
	return out
}

// candidates is how many lines a prefix is chosen by.
const candidates = 100

// probeBytes is how much of the input is parsed to see what kind of entries
// there are.
const probeBytes = 64 << 10

// probe says whether plans of auto_explain outnumber statements, so that they
// are what the log has to tell. It parses, since a literal may hold anything.
func (f *format) probe(head []byte) bool {
	head = head[:min(len(head), probeBytes)]
	set := sqlshape.NewSet(func(string) (sqlshape.Facts, error) { return sqlshape.Facts{}, errProbe }, 1000)
	w := newWorker(set, f.sql, f, probeBytes)
	out := &result{}
	w.start(out)
	f.dialect.parse(w, head, 0, len(head), true)
	plans, stmts := 0, 0
	for i := range out.recs {
		switch out.recs[i].verb {
		case planned:
			plans++
		case ran, executed, said, saidExecute:
			stmts++
		}
	}
	return plans > 2*stmts
}

var errProbe = errors.New("not parsed while sniffing")

// choosePrefix compiles the given prefix or detects it.
func choosePrefix(lines [][]byte, given string) (*matcher, *InputError) {
	if given != "" {
		m, err := compile(given)
		if err != nil {
			return nil, &InputError{Problem: "log_line_prefix has an unknown escape", Expected: "the value of log_line_prefix as it stands in postgresql.conf"}
		}
		return m, nil
	}
	m, _ := detectPrefix(lines)
	if m == nil {
		m, _ = compile("%m [%p] ")
	}
	return m, nil
}

// detectPrefix finds the prefix that most lines with a severity have; n is how
// many.
func detectPrefix(lines [][]byte) (best *matcher, n int) {
	cands := severityLines(lines)
	if len(cands) == 0 {
		return nil, 0
	}
	for _, m := range knownMatchers() {
		if m.hits(cands[:min(len(cands), 20)]) == 0 && m.hits(cands[len(cands)*3/4:]) == 0 {
			continue
		}
		hits := m.hits(cands)
		if hits > n || hits == n && hits > 0 && m.fields > best.fields {
			best, n = m, hits
		}
	}
	if m := guessPrefix(cands); m != nil && n < len(cands) {
		if hits := m.hits(cands); hits > n {
			best, n = m, hits
		}
	}
	return best, n
}

func (m *matcher) hits(lines [][]byte) int {
	var c clock
	var p prefix
	n := 0
	for _, l := range lines {
		if m.match(l, &c, &p) {
			n++
		}
	}
	return n
}

// severityLines are the lines that may be entries.
func severityLines(lines [][]byte) [][]byte {
	var out [][]byte
	for _, l := range lines {
		if len(l) > 0 && l[0] != '\t' && severityIn(l) >= 0 && len(out) < candidates {
			out = append(out, l)
		}
	}
	return out
}

// severityIn is the offset of the first "LOG: " or the like, or -1.
func severityIn(l []byte) int {
	l = l[:min(len(l), prefixBytes)]
	for i := 0; i < len(l); i++ {
		k := bytes.Index(l[i:], []byte(": "))
		if k < 0 {
			return -1
		}
		i += k
		s := i
		for s > 0 && (l[s-1] >= 'A' && l[s-1] <= 'Z' || digit(l[s-1])) {
			s--
		}
		if _, n := severityWord(l[s:]); n > 0 && s+n == i {
			return s
		}
	}
	return -1
}

// guess names the format that most lines have.
func guess(lines [][]byte) string {
	var first []byte
	json, pg, csv, django, djangoJSON := 0, 0, 0, 0, 0
	for _, l := range lines {
		if first == nil {
			first = l
		}
		switch {
		case l[0] == '{':
			json++
			if jsonlogLine(l) {
				pg++
			} else if djangoJSONLine(l) {
				djangoJSON++
			}
		case csvStart(l) && bytes.Count(l, []byte{','}) > colSeverity:
			csv++
		case djangoLine(l):
			django++
		}
	}
	if json > len(lines)/2 {
		switch {
		case pg >= djangoJSON && pg > 0:
			return PostgresJSON
		case djangoJSON > 0:
			return DjangoJSON
		}
		return ""
	}
	_, stderr := detectPrefix(lines)
	switch {
	case csv > 0 && (csv >= stderr || csvStart(first)) && csv >= django:
		return PostgresCSV
	case stderr > 0 && stderr >= django:
		return PostgresStderr
	case django > 0:
		return Django
	}
	return ""
}

// jsonlogLine says whether an object has PostgreSQL's keys at the top: others
// wrap them.
func jsonlogLine(l []byte) bool {
	found := 0
	for i := 1; i < len(l); {
		if l[i] == ' ' || l[i] == ',' {
			i++
			continue
		}
		k := jsonValue(l, i)
		if k <= i || l[i] != '"' {
			break
		}
		if key := string(l[i:k]); key == `"error_severity"` || key == `"message"` {
			found++
		}
		for i = k; i < len(l) && (l[i] == ':' || l[i] == ' '); i++ {
		}
		if i = jsonValue(l, i); i < 0 {
			break
		}
	}
	return found == 2
}

func looksLikeJSON(lines [][]byte) bool {
	n := 0
	for _, l := range lines {
		if l[0] == '{' {
			n++
		}
	}
	return n > len(lines)/2
}

// sampleOf gives the lines of a sample that are not blank, the last, which may
// be cut, only when it is the only one.
func sampleOf(b []byte) [][]byte {
	var out [][]byte
	for len(b) > 0 && len(out) < linesMax {
		k := bytes.IndexByte(b, '\n')
		if k < 0 {
			if len(out) == 0 {
				out = append(out, b)
			}
			break
		}
		if l := bytes.TrimRight(b[:k], "\r"); len(bytes.TrimSpace(l)) > 0 {
			out = append(out, l)
		}
		b = b[k+1:]
	}
	return out
}

func allCRLF(b []byte) bool {
	n := bytes.Count(b, newline)
	return n > 0 && n == bytes.Count(b, []byte("\r\n"))
}

// binary: logs may hold a NUL or a stray byte, not many.
func binaryData(b []byte) bool {
	b = b[:min(len(b), 64<<10)]
	n := 0
	for _, c := range b {
		if c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != 0x1b {
			n++
		}
	}
	return n > len(b)/20
}

// isSyslog reports whether most lines carry the tag that syslog and journald put
// before PostgreSQL's own prefix: "host postgres[123]: ". Longer statements are
// spread over several such lines, so reading them as stderr would cut them.
func isSyslog(lines [][]byte) bool {
	hits := 0
	for _, l := range lines {
		i := bytes.Index(l[:min(len(l), 120)], []byte(" postgres["))
		if i < 0 {
			continue
		}
		rest := bytes.TrimLeft(l[i+len(" postgres["):], "0123456789")
		if bytes.HasPrefix(rest, []byte("]: ")) {
			hits++
		}
	}
	return hits*2 > len(lines)
}
