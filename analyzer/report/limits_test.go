package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// manyFindings is a report of n findings at lines of one file.
func manyFindings(n int) *finding.Report {
	r := &finding.Report{}
	for i := range n {
		at := source.Span{Path: "app/views.py", Line: i%500 + 1, Column: 1, EndLine: i%500 + 1, EndColumn: 9}
		r.Findings = append(r.Findings, finding.Finding{
			Key: finding.Key{Rule: "n-plus-one", Subject: fmt.Sprintf("app.Book.f%d", i)}, Code: "QP101", Severity: finding.Warning,
			Confidence: finding.Proven, Evidence: []finding.Evidence{finding.Observed, finding.Inferred}, Fingerprint: fmt.Sprintf("%016x", i),
			Message: "app_book → app_author: one query per row, up to 100 in one unit of work", Location: at, Function: "books",
			Cost: finding.Cost{Units: 1, Calls: 100, Took: time.Second}, Share: 1 / float64(n),
			Related: []finding.Related{{Span: at, Message: "through f"}, {Span: at, Message: "each read runs the query"}},
			Rewrites: []finding.Rewrite{{
				Title: "join author", Code: "…", Safe: true,
				Edits: []finding.Edit{{Span: source.Span{Path: at.Path, Line: at.Line, Column: 9, EndLine: at.Line, EndColumn: 9}, Text: `.select_related("author")`}},
			}},
		})
	}
	return r
}

func manyLines(string) []byte { return []byte(strings.Repeat("x = books # é\n", 500)) }

func TestTenThousandFindings(t *testing.T) {
	r := manyFindings(10_000)
	reads := 0
	o := Options{Rules: testRules(), Source: func(p string) []byte { reads++; return manyLines(p) }}
	start := time.Now()
	for _, format := range machineFormats {
		reads = 0
		p, _ := Find(format)
		var b bytes.Buffer
		if err := p.Print(&b, r, o); err != nil {
			t.Fatal(err)
		}
		if reads > 1 {
			t.Errorf("%s read the file %d times", format, reads)
		}
		switch format {
		case "sarif":
			var log sarifLog
			decode(t, b.Bytes(), &log)
			run := log.Runs[0]
			if got := len(run.Results); got != sarifResultsMax || tooLarge(b.Bytes()) {
				t.Errorf("%d results, want %d; too large: %v", got, sarifResultsMax, tooLarge(b.Bytes()))
			}
			if got := run.Properties.Omitted; got != 5000 {
				t.Errorf("%d omitted, want 5000", got)
			}
			if want := "5,000 findings are left out"; !strings.Contains(b.String(), want) {
				t.Errorf("no notification says %q", want)
			}
		case "rdjsonl":
			if got := bytes.Count(b.Bytes(), []byte{'\n'}); got != 10_000 {
				t.Errorf("%d lines, want 10000", got)
			}
		}
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}

func decode(t testing.TB, b []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(b, v); err != nil {
		t.Fatal(err)
	}
}

// Edits that no compression makes small cost results, not the upload.
func TestSARIFBytes(t *testing.T) {
	r := manyFindings(24)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range r.Findings {
		text := make([]byte, 600_000)
		for k := range text {
			text[k] = byte('!' + random.IntN(90))
		}
		r.Findings[i].Rewrites[0].Edits[0].Text = string(text)
	}
	var b bytes.Buffer
	if err := SARIF(&b, r, Options{}); err != nil {
		t.Fatal(err)
	}
	if tooLarge(b.Bytes()) {
		t.Error("too large for an upload")
	}
	var log sarifLog
	decode(t, b.Bytes(), &log)
	run := log.Runs[0]
	if len(run.Results) == 0 || len(run.Results)+run.Properties.Omitted != 24 {
		t.Errorf("%d results and %d omitted of 24", len(run.Results), run.Properties.Omitted)
	}
}

// reviewdog reads lines of up to 64 KiB.
func TestRDJSONLLines(t *testing.T) {
	long := strings.Repeat("\u202e", 10_000) // six bytes each when escaped
	for _, change := range []func(*finding.Finding){
		func(f *finding.Finding) { f.Rewrites[0].Edits[0].Text = long },
		func(f *finding.Finding) {
			for range 50 {
				f.Related = append(f.Related, finding.Related{Span: source.Span{Path: long[:3000], Line: 1}, Message: long})
			}
		},
		func(f *finding.Finding) { f.Message, f.Code, f.Rewrites[0].Code = long, long, long },
		func(f *finding.Finding) { f.Location.Path, f.Code = strings.Repeat(long, 3), long },
	} {
		r := manyFindings(1)
		change(&r.Findings[0])
		out := printed(t, "rdjsonl", r, Options{Source: manyLines})
		if bytes.Count(out, []byte{'\n'}) != 1 {
			t.Errorf("not one line: %.300q", out)
		}
		if len(out) > 64<<10 {
			t.Errorf("%d bytes: %.300q", len(out), out)
		}
	}
}

func TestSARIFText(t *testing.T) {
	long := strings.Repeat("é ", 5000)
	r := manyFindings(1)
	f := &r.Findings[0]
	f.Message, f.Notes, f.Rewrites[0].Title = long, []string{long, long}, long
	for range 2000 {
		f.Related = append(f.Related, finding.Related{Span: f.Location, Message: long})
	}
	out := printed(t, "sarif", r, Options{Rules: []Rule{{Code: "QP101", Name: long, Summary: long, Doc: long}}})
	var log sarifLog
	decode(t, out, &log)
	rule, res := log.Runs[0].Tool.Driver.Rules[0], log.Runs[0].Results[0]
	for what, text := range map[string]string{"shortDescription": rule.ShortDescription.Text, "fullDescription": rule.FullDescription.Text} {
		if n := len([]rune(text)); n > sarifTextMax || n < 1000 {
			t.Errorf("%s has %d characters", what, n)
		}
	}
	if n := len([]rune(rule.Name)); n > sarifNameMax {
		t.Errorf("the name has %d characters", n)
	}
	if n := len(res.RelatedLocations); n != sarifRelatedMax {
		t.Errorf("%d related places, want %d", n, sarifRelatedMax)
	}
	if n := len([]rune(res.Message.Text)); n > 6000 {
		t.Errorf("the message has %d characters", n)
	}
}
