package rules_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ormlint/ormlint/rules"
)

// A pageText is a rule's page, taken apart.
type pageText struct {
	title    string
	intro    string
	order    []string // names of the sections
	sections map[string]*section
}

// A section is what stands under one "## " heading.
type section struct {
	python, capture string
	budgets         []rules.Budget // what the example may come to, as --budget takes it
	findings        block          // of the log
	source          block          // of the source
	text            string
}

// A block is what ormlint says of an example: its lines, and where they stand
// in the page.
type block struct {
	lines   []string
	at, end int // offsets; 0: there is no such block
}

// parsePage takes a page apart. Blocks are fenced and named by their language.
func parsePage(tb testing.TB, doc string) *pageText {
	tb.Helper()
	p := &pageText{sections: map[string]*section{}}
	var here *section
	var lang string
	var block strings.Builder
	at, start := 0, 0
	for line := range strings.SplitAfterSeq(doc, "\n") {
		bare := strings.TrimRight(line, "\n")
		switch {
		case lang != "" && bare == "```":
			here.close(tb, lang, block.String(), start, at)
			lang = ""
			block.Reset()
		case lang != "":
			block.WriteString(line)
		case strings.HasPrefix(bare, "```"):
			if lang = bare[3:]; here == nil || lang == "" {
				tb.Fatalf("a block without a section or a language: %q", bare)
			}
			start = at + len(line)
		case strings.HasPrefix(bare, "## "):
			here = &section{}
			p.order = append(p.order, bare[3:])
			p.sections[bare[3:]] = here
		case strings.HasPrefix(bare, "# "):
			p.title = bare[2:]
		case here == nil:
			p.intro += line
		default:
			here.text += line
		}
		at += len(line)
	}
	if lang != "" {
		tb.Fatalf("a %s block does not end", lang)
	}
	return p
}

func (s *section) close(tb testing.TB, lang, text string, start, end int) {
	tb.Helper()
	switch lang {
	case "python":
		s.python += text
	case "capture":
		s.capture += text
	case "budget":
		for line := range strings.Lines(text) {
			b, err := rules.ParseBudget(strings.TrimSpace(line))
			if err != nil {
				tb.Fatal(err)
			}
			s.budgets = append(s.budgets, b)
		}
	case "findings":
		s.findings = block{strings.FieldsFunc(text, func(r rune) bool { return r == '\n' }), start, end}
	case "source":
		s.source = block{strings.FieldsFunc(text, func(r rune) bool { return r == '\n' }), start, end}
	default:
		tb.Fatalf("unknown block %q", lang)
	}
}

// A run is one statement of a capture.
type run struct {
	sql   string
	ms    float64
	times int
	turns bool // takes turns with the statement before it
}

// nothing stands in a capture for time in which no statement runs.
const nothing = "(nothing)"

// A request is one unit of a capture.
type request struct {
	name  string
	times int
	runs  []run
}

// parseCapture reads the log of a page's example:
//
//	-- GET /books/ × 3        a unit of work, and how often it ran (once when left out)
//	2.1 ms       SELECT …     a statement and its duration,
//	             FROM …       going on where a line is indented
//	40 × 0.3 ms  SELECT … {n} as often; {n} and {nn} are the number of the round, {n%3} its rest, {1..9} a list
//	+ 0.1 ms     COMMIT       takes turns with the statements above, as often as the first of them
//	50 ms        (nothing)    the code does something else
func parseCapture(tb testing.TB, text string) []request {
	tb.Helper()
	var list []request
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		switch {
		case strings.HasPrefix(line, "-- "):
			name, times, many := strings.Cut(line[3:], " × ")
			n := 1
			if many {
				n = atoi(tb, times)
			}
			list = append(list, request{name: name, times: n})
		case strings.HasPrefix(line, " "):
			u := &list[len(list)-1]
			u.runs[len(u.runs)-1].sql += " " + strings.TrimSpace(line)
		default:
			u := &list[len(list)-1]
			u.runs = append(u.runs, parseRun(tb, line))
		}
	}
	return list
}

func parseRun(tb testing.TB, line string) run {
	tb.Helper()
	head, sql, ok := strings.Cut(line, " ms ")
	if !ok {
		tb.Fatalf("no duration in %q", line)
	}
	r := run{sql: strings.TrimSpace(sql), times: 1}
	head, r.turns = strings.CutPrefix(head, "+ ")
	if times, rest, many := strings.Cut(head, " × "); many {
		r.times, head = atoi(tb, times), rest
	}
	ms, err := strconv.ParseFloat(head, 64)
	if err != nil {
		tb.Fatalf("duration of %q: %v", line, err)
	}
	r.ms = ms
	return r
}

func atoi(tb testing.TB, s string) int {
	tb.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// A logWriter writes the log that a PostgreSQL server with the prefix
// '%m [%p] ' and log_min_duration_statement = 0 would have written.
type logWriter struct {
	out   strings.Builder
	now   time.Time
	pid   int
	ties  ties
	trace int
}

// ties are what a log holds the statements of a unit together with.
type ties uint8

const (
	byID         ties = iota // sqlcommenter's comment on each statement, over one kept connection
	byConnection             // a connection for each unit
	byNothing                // one kept connection
)

// writeLog writes the log of a capture.
func writeLog(reqs []request, t ties) string {
	w := &logWriter{now: time.Date(2026, 1, 12, 9, 0, 0, 0, time.UTC), pid: 4711, ties: t}
	for _, u := range reqs {
		for range u.times {
			w.request(u)
			w.now = w.now.Add(180 * time.Millisecond)
		}
	}
	return w.out.String()
}

func (w *logWriter) request(u request) {
	w.trace++
	if w.ties == byConnection {
		w.pid++
		w.line("connection received: host=127.0.0.1 port=%d", 40000+w.trace)
		w.line("connection authorized: user=app database=app")
	}
	comment := ""
	if w.ties == byID {
		_, route, _ := strings.Cut(u.name, " /")
		comment = fmt.Sprintf(" /*controller='example',framework='django%%3A5.2',route='%s',traceparent='00-%032x-%016x-01'*/",
			strings.ReplaceAll(route, "/", "%2F"), 0xabc000+w.trace, w.trace)
	}
	for i := 0; i < len(u.runs); {
		turn := i + 1
		for turn < len(u.runs) && u.runs[turn].turns {
			turn++
		}
		for n := 1; n <= u.runs[i].times; n++ {
			for _, r := range u.runs[i:turn] {
				w.statement(r, n, comment)
			}
		}
		i = turn
	}
	if w.ties == byConnection {
		w.line("disconnection: session time: 0:00:00.100 user=app database=app host=127.0.0.1 port=%d", 40000+w.trace)
	}
}

func (w *logWriter) statement(r run, n int, comment string) {
	if r.sql == nothing {
		w.now = w.now.Add(time.Duration(r.ms * float64(time.Millisecond)))
		return
	}
	// Python takes its time between two queries, and not the same each time.
	w.now = w.now.Add(time.Duration(600+137*(n%7))*time.Microsecond + time.Duration(r.ms*float64(time.Millisecond)))
	w.line("duration: %.3f ms  statement: %s%s", r.ms, fill(r.sql, n), comment)
}

func (w *logWriter) line(format string, args ...any) {
	fmt.Fprintf(&w.out, "%s UTC [%d] LOG:  ", w.now.Format("2006-01-02 15:04:05.000"), w.pid)
	fmt.Fprintf(&w.out, format+"\n", args...)
}

// fill puts the number of the round, and lists, into a statement.
func fill(sql string, n int) string {
	sql = strings.ReplaceAll(sql, "{n}", strconv.Itoa(n))
	sql = strings.ReplaceAll(sql, "{nn}", fmt.Sprintf("%02d", n))
	sql = strings.ReplaceAll(sql, "{n%3}", strconv.Itoa(n%3))
	before, rest, ok := strings.Cut(sql, "{1..")
	if !ok {
		return sql
	}
	end, after, _ := strings.Cut(rest, "}")
	last, err := strconv.Atoi(end)
	if err != nil {
		panic("a list of a capture ends at no number: " + end)
	}
	list := make([]string, last)
	for i := range list {
		list[i] = strconv.Itoa(i + 1)
	}
	return before + strings.Join(list, ", ") + after
}
