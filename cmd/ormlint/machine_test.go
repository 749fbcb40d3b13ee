package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/report"
	"github.com/ormlint/ormlint/analyzer/rewrite"
)

// machineRuns are real runs: the log of a talk, the source of a project, and
// both together.
func machineRuns(t *testing.T) map[string]analyzer.Config {
	t.Helper()
	root := filepath.Join("..", "..", "testdata")
	runs := map[string]analyzer.Config{"log": {Paths: []string{filepath.Join(root, "logs", "talk.log")}}}
	if !analyzer.ReadsSource {
		return runs
	}
	source := filepath.Join(root, "django")
	runs["source"] = analyzer.Config{Source: source}
	logs, err := filepath.Glob(filepath.Join(root, "logs", "scenarios", "*_bad.log"))
	if err != nil || len(logs) == 0 {
		t.Fatalf("%d logs: %v", len(logs), err)
	}
	runs["both"] = analyzer.Config{Paths: logs, Source: source}
	return runs
}

// TestMachineFormats holds what real runs print against the published schemas
// and makes every edit that they offer.
func TestMachineFormats(t *testing.T) {
	schemas := "../../analyzer/report/testdata/schemas/"
	own := "../../docs/report.schema.json"
	for _, name := range slices.Sorted(maps.Keys(machineRuns(t))) {
		t.Run(name, func(t *testing.T) {
			r, err := analyzer.Run(context.Background(), machineRuns(t)[name])
			if err != nil {
				t.Fatal(err)
			}
			o := report.Options{Source: sourceText(r), Rules: catalogue()}
			checkSchema(t, own, "", printReport(t, "json", r, o))
			sarif := printReport(t, "sarif", r, o)
			checkSchema(t, schemas+"sarif-2.1.0.json", "", sarif)
			checkSchema(t, schemas+"rdf-DiagnosticResult.json", "", printReport(t, "rdjson", r, o))
			checkSchema(t, own, "#/$defs/record", lines(printReport(t, "jsonl", r, o))...)
			diagnostics := lines(printReport(t, "rdjsonl", r, o))
			checkSchema(t, schemas+"rdf-Diagnostic.json", "", diagnostics...)
			fixes, flows := sarifFixes(t, r, o.Source, sarif)
			suggestions := suggestionsOf(t, r, o.Source, diagnostics)
			t.Logf("%d findings, %d fixes, %d flows, %d suggestions", len(r.Findings), fixes, flows, suggestions)
			if name != "log" && (fixes < 50 || suggestions < fixes/2 || flows < 3) {
				t.Errorf("%d findings have %d fixes, %d suggestions and %d flows", len(r.Findings), fixes, suggestions, flows)
			}
		})
	}
}

func printReport(t *testing.T, format string, r *finding.Report, o report.Options) []byte {
	t.Helper()
	p, ok := report.Find(format)
	if !ok {
		t.Fatalf("no format %s", format)
	}
	var b bytes.Buffer
	if err := p.Print(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func lines(b []byte) [][]byte { return bytes.Split(bytes.TrimSuffix(b, []byte{'\n'}), []byte{'\n'}) }

func checkSchema(t *testing.T, path, part string, values ...[]byte) {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile(path + part)
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range values {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); err != nil {
			t.Errorf("%v\nin %.1000s", err, b)
		}
	}
}

type region struct{ StartLine, StartColumn, EndLine, EndColumn int }

// sarifFixes makes each fix by its lines and columns and compares with the
// edits made by their offsets.
func sarifFixes(t *testing.T, r *finding.Report, text report.Source, b []byte) (fixes, flows int) {
	t.Helper()
	var log struct {
		Runs []struct {
			Results []struct {
				PartialFingerprints map[string]string
				CodeFlows           []any
				Fixes               []struct {
					ArtifactChanges []struct {
						ArtifactLocation struct{ URI string }
						Replacements     []struct {
							DeletedRegion   region
							InsertedContent struct{ Text string }
						}
					}
				}
			}
		}
	}
	if err := json.Unmarshal(b, &log); err != nil {
		t.Fatal(err)
	}
	found := map[string]*finding.Finding{}
	for i := range r.Findings {
		found[r.Findings[i].Fingerprint] = &r.Findings[i]
	}
	for _, res := range log.Runs[0].Results {
		f := found[res.PartialFingerprints["ormlintFinding/v1"]]
		flows += len(res.CodeFlows)
		edits := withEdits(f)
		if len(edits) != len(res.Fixes) {
			t.Errorf("%s %s: %d fixes, want %d", f.Code, f.Subject, len(res.Fixes), len(edits))
			continue
		}
		for i, fix := range res.Fixes {
			fixes++
			for _, c := range fix.ArtifactChanges {
				path, err := url.PathUnescape(c.ArtifactLocation.URI)
				if err != nil {
					t.Fatal(err)
				}
				old := string(text(path))
				now := old
				for _, rep := range c.Replacements {
					d, shift := rep.DeletedRegion, len(now)-len(old)
					from, to := place(old, d.StartLine, d.StartColumn), place(old, d.EndLine, d.EndColumn)
					now = now[:from+shift] + rep.InsertedContent.Text + now[to+shift:]
				}
				equal(t, f, path, now, text, edits[i])
			}
		}
	}
	return fixes, flows
}

// place is a line and column, in code points, as an offset.
func place(text string, line, column int) int {
	at := 0
	for range line - 1 {
		at += strings.IndexByte(text[at:], '\n') + 1
	}
	for range column - 1 {
		_, n := utf8.DecodeRuneInString(text[at:])
		at += n
	}
	return at
}

func withEdits(f *finding.Finding) (edits [][]finding.Edit) {
	for _, rw := range f.Rewrites {
		if len(rw.Edits) > 0 {
			edits = append(edits, rw.Edits)
		}
	}
	return edits
}

// equal wants now to be what the edits make of a file.
func equal(t *testing.T, f *finding.Finding, path, now string, text report.Source, edits []finding.Edit) {
	t.Helper()
	edits = slices.DeleteFunc(slices.Clone(edits), func(e finding.Edit) bool { return e.Span.Path != path })
	want, err := rewrite.Apply(text(path), edits)
	if err != nil {
		t.Fatal(err)
	}
	if now != string(want) {
		t.Errorf("%s %s: %s is\n%s\nwant\n%s", f.Code, f.Subject, path, now, want)
	}
}

// suggestionsOf makes each suggestion as a review tool does, whole lines for
// whole lines.
func suggestionsOf(t *testing.T, r *finding.Report, text report.Source, diagnostics [][]byte) (made int) {
	t.Helper()
	for i, line := range diagnostics {
		var d struct {
			Location    struct{ Path string }
			Suggestions []struct {
				Range struct{ Start, End struct{ Line, Column int } }
				Text  string
			}
		}
		if err := json.Unmarshal(line, &d); err != nil {
			t.Fatal(err)
		}
		for _, s := range d.Suggestions {
			made++
			old := strings.SplitAfter(string(text(d.Location.Path)), "\n")
			first, last := s.Range.Start.Line, s.Range.End.Line
			end := old[last-1][len(strings.TrimRight(old[last-1], "\r\n")):]
			now := strings.Join(old[:first-1], "") + s.Text + end + strings.Join(old[last:], "")
			equal(t, &r.Findings[i], d.Location.Path, now, text, withEdits(&r.Findings[i])[0])
		}
	}
	return made
}

// TestMultitool asks Microsoft's validator; .ci/sarif-multitool installs it.
// What it says of every report is that there is no page to link to.
func TestMultitool(t *testing.T) {
	tool := os.Getenv("ORMLINT_SARIF_MULTITOOL")
	if tool == "" {
		t.Skip("ORMLINT_SARIF_MULTITOOL does not name the validator")
	}
	dir := t.TempDir()
	for name, c := range machineRuns(t) {
		r, err := analyzer.Run(context.Background(), c)
		if err != nil {
			t.Fatal(err)
		}
		log := printReport(t, "sarif", r, report.Options{Source: sourceText(r), Rules: catalogue()})
		if err := os.WriteFile(filepath.Join(dir, name+".sarif"), log, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	said, _ := shell(t, dir, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 '"+tool+"' validate *.sarif --rule-kind 'Sarif;Gh' -o out --log ForceOverwrite")
	b, err := os.ReadFile(filepath.Join(dir, "out"))
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if want := fmt.Sprintf("%d files scanned", len(machineRuns(t))); !strings.Contains(said, want) {
		t.Fatalf("the validator does not say %q: %s", want, said)
	}
	var log struct {
		Runs []struct {
			Results []struct {
				RuleID, Level string
				Message       struct{ ID string }
			}
		}
	}
	if err := json.Unmarshal(bytes.TrimPrefix(b, []byte("\ufeff")), &log); err != nil {
		t.Fatal(err)
	}
	for _, res := range log.Runs[0].Results {
		if res.Level != "note" && res.RuleID != "SARIF2005" {
			t.Errorf("%s %s %s", res.RuleID, res.Level, res.Message.ID)
		}
	}
}
