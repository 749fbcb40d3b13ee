package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/report"
)

// manyFindings is how many patterns the log of TestManyFindings holds, each at
// an endpoint and on tables of its own.
const manyFindings = 10_000

// TestManyFindings: what a whole run writes of a log with ten thousand findings
// stays within the limits of each platform, and says how many it left out.
func TestManyFindings(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 80,000 statements")
	}
	dir := t.TempDir()
	var requests []request
	for k := range manyFindings {
		requests = append(requests, request{
			route: fmt.Sprintf("page%d/", k), view: fmt.Sprintf("site.views.page%d", k),
			first: fmt.Sprintf(`SELECT "site_a%d"."id", "site_a%d"."b_id" FROM "site_a%d" LIMIT 20`, k, k, k),
			each:  fmt.Sprintf(`SELECT "site_b%d"."id" FROM "site_b%d" WHERE "site_b%d"."id" = %%d LIMIT 21`, k, k, k),
			n:     7,
		})
	}
	if err := os.WriteFile(filepath.Join(dir, "app.log"), pullLog(requests, 1), 0o666); err != nil {
		t.Fatal(err)
	}
	args := []string{"check", "app.log", "--no-source"}
	for _, p := range report.Printers() {
		args = append(args, "--output", p.Name+"="+p.Name)
	}
	if _, code := ormlint(t, dir, args...); code != exitFindings {
		t.Errorf("exit code %d", code)
	}
	out := map[string]string{}
	for _, p := range report.Printers() {
		out[p.Name] = content(t, filepath.Join(dir, p.Name))
	}

	var whole struct{ Findings []json.RawMessage }
	decode(t, out["json"], &whole)
	if len(whole.Findings) != manyFindings {
		t.Fatalf("%d findings, want %d", len(whole.Findings), manyFindings)
	}
	if n := len(linesOf(out["concise"])); n != manyFindings+1 {
		t.Errorf("concise: %d lines", n)
	}

	// docs.github.com, "SARIF support for code scanning"
	var sarif struct {
		Runs []struct {
			Results    []json.RawMessage
			Properties struct{ Omitted int }
		}
	}
	decode(t, out["sarif"], &sarif)
	if run := sarif.Runs[0]; len(run.Results) != 5000 || run.Properties.Omitted != manyFindings-5000 {
		t.Errorf("sarif: %d results, %d left out", len(run.Results), run.Properties.Omitted)
	}
	// ten annotations of a level for each step, fifty for a job
	if got := linesOf(out["github"]); len(got) > 30 || !strings.Contains(got[len(got)-1], "9,990 more findings") {
		t.Errorf("github: %d lines, the last %q", len(got), got[len(got)-1])
	}
	// 65,536 characters of a comment, 1 MiB of a summary
	if n := len(out["markdown"]); n > 60_000 || !strings.Contains(out["markdown"], " more findings would not fit here.") {
		t.Errorf("markdown: %d bytes", n)
	}
	// 1,000 annotations of a report
	var bitbucket struct{ Annotations []json.RawMessage }
	decode(t, out["bitbucket"], &bitbucket)
	if n := len(bitbucket.Annotations); n != 1000 {
		t.Errorf("bitbucket: %d annotations", n)
	}
	// reviewdog reads lines of up to 64 KiB
	for _, l := range linesOf(out["rdjsonl"]) {
		if len(l) > 64<<10 {
			t.Errorf("rdjsonl: a line of %d bytes", len(l))
		}
	}
	// GitLab keeps one of equal fingerprints
	var gitlab []struct{ Fingerprint string }
	decode(t, out["gitlab"], &gitlab)
	prints := map[string]bool{}
	for _, g := range gitlab {
		prints[g.Fingerprint] = true
	}
	if len(prints) != manyFindings {
		t.Errorf("gitlab: %d fingerprints", len(prints))
	}
	if n := len(out["agent"]); n > 256<<10 {
		t.Errorf("agent: %d bytes", n)
	}
	if got := linesOf(out["azure"]); len(got) > 21 {
		t.Errorf("azure: %d lines", len(got))
	}
}

func decode(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatal(err)
	}
}

func linesOf(s string) []string { return strings.Split(strings.TrimSuffix(s, "\n"), "\n") }
