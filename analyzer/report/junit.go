package report

import (
	"encoding/xml"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// caseLines is how many findings a test case lists of each kind; several
// readers refuse reports of more than some 10 MB.
const caseLines = 50

// JUnit writes a test case for each endpoint or test that the log names: it
// fails when it has findings that fail a run, other findings are its output,
// its time is the database's. What belongs to no endpoint has a case a file,
// what is suppressed and inputs that could not be read are skipped cases. A
// case has one failure for all its findings, since GitLab reads one.
func JUnit(w io.Writer, r *finding.Report, o Options) error {
	endpoints, files := junitCases(r, o)
	doc := junit{Name: "ormlint"}
	doc.add("endpoints", endpoints)
	doc.add("files", files)
	doc.add("suppressed", suppressedCases(r))
	var bad []junitCase
	for _, in := range unread(r) {
		bad = append(bad, junitCase{Name: Clean(in.Path), Skipped: &junitNote{Message: "not read: " + Clean(in.Problem)}})
	}
	doc.add("inputs", bad)
	if len(doc.Suites) == 0 {
		doc.add("run", []junitCase{{Name: "no findings"}}) // so that a reader sees that it ran
	}
	doc.Time = seconds(r.Run.Took)
	return writeXML(w, doc)
}

type (
	junit struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Time     string       `xml:"time,attr"` // of the whole log: endpoints need not cover it
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Time    string        `xml:"time,attr"`
		Failure *junitFailure `xml:"failure"`
		Skipped *junitNote    `xml:"skipped"`
		Output  *junitText    `xml:"system-out"`
		took    time.Duration
		first   *finding.Finding // of those that fail
		failing lines
		passing lines
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",cdata"`
	}
	junitText struct {
		Text string `xml:",cdata"`
	}
	junitNote struct {
		Message string `xml:"message,attr"`
	}
)

// add finishes the cases of a suite; one without cases is left out.
func (doc *junit) add(name string, cases []junitCase) {
	if len(cases) == 0 {
		return
	}
	s := junitSuite{Name: "ormlint " + name, Tests: len(cases), Cases: cases}
	var took time.Duration
	for i := range cases {
		c := &cases[i]
		c.Class = "ormlint." + name
		c.Time = seconds(c.took)
		if c.passing.n > 0 {
			c.Output = &junitText{c.passing.String()}
		}
		if f := c.first; f != nil {
			c.Failure = &junitFailure{Message: headline(f), Type: Clean(f.Code), Text: c.failing.String()}
			if more := c.failing.n - 1; more > 0 {
				c.Failure.Message += " and " + count(int64(more)) + " more"
			}
			s.Failures++
		}
		if c.Skipped != nil {
			s.Skipped++
		}
		took += c.took
	}
	s.Time = seconds(took)
	doc.Tests += s.Tests
	doc.Failures += s.Failures
	doc.Skipped += s.Skipped
	doc.Suites = append(doc.Suites, s)
}

// junitCases puts each finding into the cases of its endpoints, or where none
// of them is in the log's table, into that of its file.
func junitCases(r *finding.Report, o Options) (endpoints, files []junitCase) {
	byName, byFile := map[string]int{}, map[string]int{}
	for i := range r.Endpoints {
		e := &r.Endpoints[i]
		byName[e.Name] = i
		endpoints = append(endpoints, junitCase{Name: Clean(e.Name), took: e.Took})
	}
	for i := range r.Findings {
		f := &r.Findings[i]
		found := false
		for _, name := range f.Endpoints {
			if n, ok := byName[name]; ok {
				endpoints[n].take(f, o)
				found = true
			}
		}
		if found {
			continue
		}
		path := anchorOf(f).path
		n, ok := byFile[path]
		if !ok {
			n = len(files)
			byFile[path] = n
			files = append(files, junitCase{Name: anchor{path: path}.String(), File: Clean(path)})
		}
		files[n].take(f, o)
	}
	return endpoints, files
}

func (c *junitCase) take(f *finding.Finding, o Options) {
	if !o.fails(f) {
		c.passing.add(headline(f))
		return
	}
	if c.first == nil {
		c.first = f
	}
	c.failing.add(headline(f))
}

func suppressedCases(r *finding.Report) []junitCase {
	var out []junitCase
	for i := range r.Suppressed {
		f := &r.Suppressed[i]
		c := junitCase{Name: headline(f), Skipped: &junitNote{Message: suppressedBy(f)}}
		if at := anchorOf(f); at.inSource {
			c.File = Clean(at.path)
		}
		out = append(out, c)
	}
	return out
}

// suppressedBy says what silenced a finding: "comment: the table has 3 rows".
func suppressedBy(f *finding.Finding) string {
	if f.Suppression == nil {
		return "suppressed"
	}
	by := map[finding.SuppressionKind]string{
		finding.InSource: "comment", finding.InBaseline: "baseline", finding.Unchanged: "not on a changed line",
	}[f.Suppression.Kind]
	if by == "" {
		by = Clean(string(f.Suppression.Kind))
	}
	if f.Suppression.Reason != "" {
		by += ": " + Clean(f.Suppression.Reason)
	}
	return by
}

// lines keeps the first caseLines of what is added and counts the rest.
type lines struct {
	kept []string
	n    int
}

func (l *lines) add(s string) {
	if l.n++; l.n <= caseLines {
		l.kept = append(l.kept, s)
	}
}

func (l *lines) String() string {
	s := "\n" + strings.Join(l.kept, "\n") + "\n"
	if rest := l.n - len(l.kept); rest > 0 {
		s += "and " + count(int64(rest)) + " more\n"
	}
	return s
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 6, 64) }
