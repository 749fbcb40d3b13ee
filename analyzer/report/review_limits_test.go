package report

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// reviewOf has n findings of all severities and kinds of place, with
// endpoints that all of them share.
func reviewOf(n int) *finding.Report {
	base := reviewReport()
	r := reviewReport()
	r.Findings, r.Suppressed = nil, nil
	for i := range n {
		f := base.Findings[i%len(base.Findings)]
		f.Fingerprint = fmt.Sprintf("%016x", i)
		f.Cost.Took = time.Duration(n-i) * time.Millisecond
		f.Endpoints = []string{r.Endpoints[i%len(r.Endpoints)].Name}
		r.Findings = append(r.Findings, f)
		s := f
		s.Suppression = &finding.Suppression{Kind: finding.InBaseline}
		r.Suppressed = append(r.Suppressed, s)
		r.Stale = append(r.Stale, finding.Known{Code: "QP101", Fingerprint: f.Fingerprint})
	}
	return r
}

// notes are n findings that GitHub gets as notices.
func notes(n int) *finding.Report {
	r := reviewOf(n)
	for i := range r.Findings {
		r.Findings[i].Severity = finding.Note
	}
	r.Run.Inputs = nil
	return r
}

// Ten thousand findings stay within every platform's limits, and are printed
// in no time.
func TestManyFindings(t *testing.T) {
	const n = 10_000
	r := reviewOf(n)
	for _, p := range Printers() {
		t.Run(p.Name, func(t *testing.T) {
			var b bytes.Buffer
			start := time.Now()
			if err := p.Print(&b, r, Options{Source: reviewFile, Top: 10}); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			if b.Len() > 64<<20 {
				t.Errorf("%d bytes", b.Len())
			}
			if check, ok := limitChecks[p.Name]; ok {
				check(t, b.Bytes(), n)
			}
		})
	}
}

var limitChecks = map[string]func(t *testing.T, out []byte, n int){
	"github": func(t *testing.T, out []byte, n int) {
		checkGitHub(t, out)
		checkAnnotations(t, out, n, "::error ", "::warning ", "::notice ")
	},
	"azure": func(t *testing.T, out []byte, n int) {
		checkAnnotations(t, out, n, "##vso[task.logissue type=error;", "##vso[task.logissue type=warning;")
	},
	"bitbucket": checkBitbucketLimits,
	"gitlab": func(t *testing.T, out []byte, n int) {
		if got := parseGitLab(t, out); len(got) != n || len(slices.Compact(slices.Sorted(slices.Values(got)))) != n {
			t.Errorf("%d issues, not all different", len(got))
		}
	},
	"concise": func(t *testing.T, out []byte, n int) {
		if got := bytes.Count(out, []byte("\n")); got != n+1 {
			t.Errorf("%d lines", got)
		}
	},
	"markdown": checkMarkdownLimits,
	"agent": func(t *testing.T, out []byte, n int) {
		if shown := len(parseAgent(t, out)); shown != agentMax || left(t, out, `left out: ([\d,]+) `) != n-agentMax {
			t.Errorf("%d shown", shown)
		}
		if len(out) > 1<<20 {
			t.Errorf("%d bytes", len(out))
		}
	},
	"junit": func(t *testing.T, out []byte, _ int) {
		parseJUnit(t, out)
		if len(out) > 10<<20 {
			t.Errorf("%d bytes", len(out))
		}
	},
}

// left reads how many findings an output says it leaves out.
func left(t *testing.T, out []byte, pattern string) int {
	t.Helper()
	m := regexp.MustCompile(pattern).FindSubmatch(out)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(strings.ReplaceAll(string(m[1]), ",", ""))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func checkAnnotations(t *testing.T, out []byte, n int, starts ...string) {
	t.Helper()
	for _, start := range starts {
		got := 0
		for line := range strings.SplitSeq(string(out), "\n") {
			if strings.HasPrefix(line, start) {
				got++
			}
			if u := len(utf16.Encode([]rune(line))); u > 4096+512 {
				t.Errorf("a line of %d", u)
			}
		}
		if got != annotationsMax {
			t.Errorf("%d lines of %s", got, start)
		}
	}
	shown := len(parseLines(t, out))
	if more := left(t, out, `(?m)(?:^|::)([\d,]+) more findings?`); shown+more != n {
		t.Errorf("%d shown and %d left of %d", shown, more, n)
	}
}

func checkBitbucketLimits(t *testing.T, out []byte, n int) {
	var doc bitbucketDoc
	decodeJSON(t, out, &doc)
	seen := map[string]bool{}
	for _, a := range doc.Annotations {
		if seen[a.ID] || len(a.ID) > 450 {
			t.Errorf("external_id %q", a.ID)
		}
		seen[a.ID] = true
		if utf16Len(a.Summary) > bitbucketSummary || utf16Len(a.Details) > bitbucketDetails || a.Summary == "" {
			t.Errorf("summary of %d, details of %d", utf16Len(a.Summary), utf16Len(a.Details))
		}
	}
	if len(doc.Annotations) != min(n, bitbucketMax) {
		t.Errorf("%d annotations", len(doc.Annotations))
	}
	if got := left(t, []byte(doc.Report.Details), `^([\d,]+) findings? more`); got != max(n-bitbucketMax, 0) {
		t.Errorf("%d left out: %s", got, doc.Report.Details)
	}
	if utf16Len(doc.Report.Details) > bitbucketDetails || len(doc.Report.Data) > 6 {
		t.Error("report too long")
	}
}

func utf16Len(s string) int { return len(utf16.Encode([]rune(s))) }

func checkMarkdownLimits(t *testing.T, out []byte, n int) {
	checkMarkdown(t, out)
	if len(out) > markdownMax {
		t.Errorf("%d bytes", len(out))
	}
	shown := len(parseMarkdown(t, out))
	if more := left(t, out, `([\d,]+) more findings? would not fit`); shown == 0 || shown+more != n {
		t.Errorf("%d shown and %d left of %d", shown, more, n)
	}
}

// Texts as long as they come still leave room for findings, and every cut is
// between two of them.
func TestLongTexts(t *testing.T) {
	for _, evil := range []string{strings.Repeat("x", 20_000), strings.Repeat("`|", 10_000), strings.Repeat("日本語 ", 6_000), strings.Repeat("👩 | ", 6_000)} {
		for _, n := range []int{1, 20} {
			r := reviewOf(n)
			poison(reflect.ValueOf(r), evil)
			r.Endpoints = slices.Repeat(r.Endpoints, 20)
			r.Run.Inputs = slices.Repeat(r.Run.Inputs, 20)
			r.Run.Lost = finding.Lost{evil: 1}
			for i := range r.Findings {
				f := &r.Findings[i]
				f.Code = fmt.Sprintf("QP%03d", 101+i)
				f.Location.Path = "shop/views.py"
				f.Notes = slices.Repeat([]string{evil}, 9)
				f.Endpoints = slices.Repeat([]string{evil}, 9)
				f.Rewrites = slices.Repeat([]finding.Rewrite{{Title: evil, Code: strings.Repeat(evil+"\n", 30)}}, 3)
			}
			out := render(t, printer(t, "markdown"), r, Options{Source: reviewFile})
			checkMarkdownLimits(t, out, n)
			checkBitbucketLimits(t, render(t, printer(t, "bitbucket"), r, Options{}), n)
			agent := render(t, printer(t, "agent"), r, Options{Source: reviewFile})
			if len(agent) > agentBytes+50_000 {
				t.Errorf("agent: %d bytes", len(agent))
			}
			for line := range strings.SplitSeq(string(render(t, printer(t, "github"), r, Options{})), "\n") {
				if u := utf16Len(line); u > 4096*3 { // escaped
					t.Errorf("github: a line of %d", u)
				}
			}
		}
	}
}

// Each limit at the limit and one beyond it.
func TestLimits(t *testing.T) {
	for _, tt := range []struct {
		format      string
		n           int
		shown, left int
	}{
		{"github", annotationsMax, annotationsMax, 0},
		{"github", annotationsMax + 1, annotationsMax - 1, 2}, // the last one says so
		{"azure", annotationsMax, annotationsMax, 0},
		{"azure", annotationsMax + 1, annotationsMax, 1},
		{"agent", agentMax, agentMax, 0},
		{"agent", agentMax + 1, agentMax, 1},
	} {
		out := render(t, printer(t, tt.format), notes(tt.n), Options{Source: reviewFile})
		shown := len(parsers[tt.format](t, out))
		left := left(t, out, `(?m)(?:^|::|left out: )([\d,]+) (?:more )?finding`)
		if strings.HasPrefix(tt.format, "agent") && tt.left == 0 {
			left = 0 // the summary
		}
		if shown != tt.shown || left != tt.left {
			t.Errorf("%s of %d: %d shown and %d left, want %d and %d", tt.format, tt.n, shown, left, tt.shown, tt.left)
		}
	}
	for _, n := range []int{bitbucketMax, bitbucketMax + 1} {
		checkBitbucketLimits(t, render(t, printer(t, "bitbucket"), reviewOf(n), Options{}), n)
	}
	for _, n := range []int{caseLines, caseLines + 1} {
		r := notes(n)
		r.Endpoints = r.Endpoints[:1]
		for i := range r.Findings {
			r.Findings[i].Endpoints = []string{r.Endpoints[0].Name}
		}
		out := parseJUnit(t, render(t, printer(t, "junit"), r, Options{}))[0].Output
		if got, want := strings.Contains(out, "and 1 more"), n > caseLines; got != want {
			t.Errorf("junit of %d: says more: %v", n, got)
		}
	}
}

// Those that fail a run come before notes where Azure has one type for both.
func TestAzureOrder(t *testing.T) {
	r := notes(30)
	r.Findings[29].Severity, r.Findings[29].Confidence = finding.Warning, finding.Proven
	out := string(render(t, printer(t, "azure"), r, Options{}))
	last := strings.Split(strings.TrimSpace(out), "\n")[annotationsMax-1]
	if !strings.Contains(last, escapedSentence(t, &r.Findings[29])) {
		t.Errorf("the warning is not among them:\n%s", out)
	}
}

func escapedSentence(t *testing.T, f *finding.Finding) string {
	t.Helper()
	return azureData.Replace(sentence(f))
}
