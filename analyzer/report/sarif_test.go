package report

import (
	"bytes"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/finding"
)

func TestSemantic(t *testing.T) {
	for version, want := range map[string]string{
		"devel": "", "v1.2.3": "1.2.3", "1.2.3-rc.1+dirty": "1.2.3-rc.1+dirty", "v1.2": "", "": "",
		"v0.0.0-20261122200345-0123456789ab": "0.0.0-20261122200345-0123456789ab",
	} {
		if got := semantic(version); got != want {
			t.Errorf("semantic(%q) = %q, want %q", version, got, want)
		}
	}
}

func TestPascal(t *testing.T) {
	for name, want := range map[string]string{
		"n-plus-one": "NplusOne", "n-plus-one-aggregate": "NplusOneAggregate", "m2m-add-in-loop": "M2mAddInLoop",
		"get-or-create-in-loop": "GetOrCreateInLoop", "QP101": "Qp101", "": "Unnamed", "--": "Unnamed", "a.b c": "Ab" + "C",
	} {
		if got := pascal(name); got != want {
			t.Errorf("pascal(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestArtifactOf(t *testing.T) {
	for _, p := range []string{"a/b.py", oddPath, "c:\\x/d.py", "http://x/y", "a\nb\x00", "ä/ü"} {
		uri := artifactOf(p).URI
		u, err := url.Parse(uri)
		if err != nil || u.Scheme != "" || u.Host != "" || u.RawQuery != "" || u.Fragment != "" || u.Path != p {
			t.Errorf("%q became %q, which is %+v (%v)", p, uri, u, err)
		}
		for _, r := range uri {
			if r <= ' ' || r > '~' {
				t.Errorf("%q has %q in it", uri, r)
			}
		}
	}
}

var messageLink = regexp.MustCompile(`[^\\]\]\(([0-9]+)\)`)

// TestSARIFRules holds all samples against what GitHub documents and the
// schema does not say.
func TestSARIFRules(t *testing.T) {
	all, o := reportsAndOptions(t)
	for _, r := range all {
		var log sarifLog
		decode(t, printed(t, "sarif", r, o), &log)
		if log.Schema == "" || log.Version != "2.1.0" || len(log.Runs) != 1 {
			t.Fatalf("$schema %q, version %q, %d runs", log.Schema, log.Version, len(log.Runs))
		}
		run := log.Runs[0]
		if run.Results == nil || run.ColumnKind != "unicodeCodePoints" || !strings.Contains(run.AutomationDetails.ID, "/") {
			t.Errorf("results %v, columns %q, category %q", run.Results, run.ColumnKind, run.AutomationDetails.ID)
		}
		if d := run.Tool.Driver; d.Name != "ormlint" || d.Version == "" {
			t.Errorf("driver %q %q", d.Name, d.Version)
		}
		ids := map[string]bool{}
		for _, rule := range run.Tool.Driver.Rules {
			if ids[rule.ID] || rule.ID == "" {
				t.Errorf("two rules %q", rule.ID)
			}
			ids[rule.ID] = true
			for _, text := range []string{rule.Name, rule.ShortDescription.Text, rule.FullDescription.Text, rule.Help.Text} {
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s: an empty text is a missing one", rule.ID)
				}
			}
			if _, ok := rule.Properties["security-severity"]; ok {
				t.Errorf("%s is no security problem", rule.ID)
			}
		}
		for _, res := range run.Results {
			checkResult(t, res)
			if rule := run.Tool.Driver.Rules[res.RuleIndex]; rule.ID != res.RuleID {
				t.Errorf("rule %d is %s, want %s", res.RuleIndex, rule.ID, res.RuleID)
			}
		}
		left := run.Properties.Findings + run.Properties.Suppressed - run.Properties.Omitted
		if len(run.Results) != left {
			t.Errorf("%d results, want %d", len(run.Results), left)
		}
	}
}

func checkResult(t *testing.T, res sarifRes) {
	t.Helper()
	if len(res.Locations) != 1 || res.PartialFingerprints["ormlintFinding/v1"] == "" || res.Message.Text == "" {
		t.Errorf("%d locations, fingerprints %v, message %q", len(res.Locations), res.PartialFingerprints, res.Message.Text)
	}
	ids := map[string]bool{}
	places := res.Locations
	for _, rel := range res.RelatedLocations {
		id := strconv.Itoa(*rel.ID)
		if ids[id] || rel.Message.Text == "" {
			t.Errorf("two related places %s, or no message", id)
		}
		ids[id] = true
		places = append(places, rel)
	}
	for _, m := range messageLink.FindAllStringSubmatch(res.Message.Text, -1) {
		if !ids[m[1]] {
			t.Errorf("no related place %s: %s", m[1], res.Message.Text)
		}
	}
	for _, flow := range res.CodeFlows {
		for _, at := range flow.ThreadFlows[0].Locations {
			places = append(places, at.Location)
		}
	}
	for _, at := range places {
		p := at.PhysicalLocation
		uri, err := url.PathUnescape(p.ArtifactLocation.URI)
		if err != nil || !filepath.IsLocal(uri) || p.Region.StartLine < 1 {
			t.Errorf("%q line %d: %v", p.ArtifactLocation.URI, p.Region.StartLine, err)
		}
	}
	if res.Rank != nil && (*res.Rank < 0 || *res.Rank > 100) {
		t.Errorf("rank %v", *res.Rank)
	}
}

func machineSARIF(t *testing.T, o Options) sarifLog {
	t.Helper()
	r, text := machineReport(t)
	o.Source, o.Rules = text, testRules()
	var log sarifLog
	decode(t, printed(t, "sarif", r, o), &log)
	return log
}

func TestSARIFParts(t *testing.T) {
	log := machineSARIF(t, Options{})
	run := log.Runs[0]
	by := map[string]sarifRes{}
	var got []string
	for _, res := range run.Results {
		if len(res.Suppressions) > 0 {
			s := res.Suppressions[0]
			got = append(got, s.Kind+" "+s.Status+" "+s.Justification)
			continue
		}
		by[fmt.Sprint(res.Properties["subject"])] = res
	}
	want := []string{"inSource accepted the list is short", "external accepted known to the baseline", "external accepted not on a line that changed"}
	if !slices.Equal(got, want) {
		t.Errorf("suppressions\n%q, want\n%q", got, want)
	}

	var flows []string
	for _, res := range run.Results[3:4] {
		for _, f := range res.CodeFlows {
			var way []string
			for _, at := range f.ThreadFlows[0].Locations {
				way = append(way, fmt.Sprintf("%d %s", at.Location.PhysicalLocation.Region.StartLine, at.Location.Message.Text))
			}
			flows = append(flows, strings.Join(way, " / "))
		}
	}
	want = []string{
		`2 The queryset. / 4 through Book.byline. / 5 called from here: \[evil\](9) {{0}}. / 5 each read runs the query.`,
		`2 The queryset. / 6 through print.`,
	}
	if !slices.Equal(flows, want) {
		t.Errorf("flows\n%q, want\n%q", flows, want)
	}
	if got, want := run.Results[3].Message.Text, "9.3 s in 8,480 queries, 41% of the database time: library_book → library_author: one query per row, up to 100 in one unit of work."; !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want it to begin with %q", got, want)
	}
	if rank := run.Results[3].Rank; rank == nil || *rank != 41.04 {
		t.Errorf("rank %v, want 41.04", rank)
	}

	places := map[string]string{
		"log": "logs/app%20log.gz:120", "candidates": "library/views.py:4", "two files": "src%20dir/100%25/a%23b%3F%C3%A9%3A%E6%97%A5%E6%9C%AC/views%201.py:6",
	}
	for subject, want := range places {
		p := by[subject].Locations[0].PhysicalLocation
		if got := fmt.Sprintf("%s:%d", p.ArtifactLocation.URI, p.Region.StartLine); got != want {
			t.Errorf("%s is at %s, want %s", subject, got, want)
		}
	}
	if _, ok := by["elsewhere"]; ok {
		t.Error("a finding without a place is a result")
	}
	if got := by["end of file"].Level; got != "note" {
		t.Errorf("a possible warning has level %s, want note", got)
	}
	_, text := machineReport(t)
	hash := lineHashes(text(oddPath))[5]
	if got := by["two files"].PartialFingerprints["primaryLocationLineHash"]; got != hash {
		t.Errorf("line hash %s, want %s", got, hash)
	}
	if got := by["log"].PartialFingerprints["primaryLocationLineHash"]; got != "0000000000000005:1" {
		t.Errorf("line hash %s in a log, want the finding's fingerprint", got)
	}
	if files := len(by["two files"].Fixes[0].ArtifactChanges); files != 2 {
		t.Errorf("a fix of two files changes %d", files)
	}
	if inv := run.Invocations[0]; inv.ExecutionSuccessful {
		t.Error("an input was not read, and the run is a success")
	}
	if n := len(machineSARIF(t, Options{HideSuppressed: true}).Runs[0].Results); n != len(run.Results)-3 {
		t.Errorf("%d results without the suppressed, want %d", n, len(run.Results)-3)
	}
}

// Two findings of one rule at one line are two alerts, and which of them has
// the plain hash does not depend on their costs.
func TestSARIFOneLine(t *testing.T) {
	hashes := func(order ...int) map[string]string {
		r := manyFindings(3)
		all := &finding.Report{}
		for _, i := range order {
			f := r.Findings[i]
			f.Location.Line = 7
			all.Findings = append(all.Findings, f)
		}
		all.Findings[0].Code = map[bool]string{true: "QP201", false: "QP101"}[len(order) == 2]
		var log sarifLog
		decode(t, printed(t, "sarif", all, Options{Source: manyLines}), &log)
		out := map[string]string{}
		for _, res := range log.Runs[0].Results {
			out[res.PartialFingerprints["ormlintFinding/v1"]] = res.PartialFingerprints["primaryLocationLineHash"]
		}
		return out
	}
	plain := lineHashes(manyLines(""))[6]
	want := map[string]string{
		"0000000000000000": plain, "0000000000000001": plain + ".0000000000000001", "0000000000000002": plain + ".0000000000000002",
	}
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}} {
		if got := hashes(order...); !maps.Equal(got, want) {
			t.Errorf("in order %v: got %v, want %v", order, got, want)
		}
	}
	if got := hashes(0, 1); got["0000000000000000"] != plain || got["0000000000000001"] != plain {
		t.Errorf("findings of two rules: got %v, want the plain hash for both", got)
	}
}

// Without the text there is no hash of it: upload-sarif computes it.
func TestSARIFWithoutText(t *testing.T) {
	r := manyFindings(1)
	var log sarifLog
	decode(t, printed(t, "sarif", r, Options{}), &log)
	got := log.Runs[0].Results[0].PartialFingerprints
	if len(got) != 1 || got["ormlintFinding/v1"] != r.Findings[0].Fingerprint {
		t.Errorf("fingerprints %v", got)
	}
}

// TestMultitool asks Microsoft's validator, which knows GitHub's rules. It
// ends well even when it finds errors, so its report is read. CI sets the
// variable; .ci/sarif-multitool installs the tool and prints what to set.
func TestMultitool(t *testing.T) {
	tool := os.Getenv("ORMLINT_SARIF_MULTITOOL")
	if tool == "" {
		t.Skip("ORMLINT_SARIF_MULTITOOL does not name the validator")
	}
	all, o := reportsAndOptions(t)
	var logs [][]byte
	for _, r := range all {
		logs = append(logs, printed(t, "sarif", r, o))
	}
	for _, said := range multitool(t, tool, logs...) {
		// There is no page on the network that a link could lead to.
		if !strings.HasPrefix(said, "SARIF2005 warning") {
			t.Error(said)
		}
	}
	bad := bytes.Replace(logs[0], []byte(`"executionSuccessful"`), []byte(`"executionSuccess"`), 1)
	bad = bytes.ReplaceAll(bad, []byte(`"startLine"`), []byte(`"line"`))
	if said := multitool(t, tool, bad); !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, " error ") }) {
		t.Errorf("the validator takes places without a line: %q", said)
	}
}

// multitool is what the validator says of SARIF files, but for notes: "RULE
// level file message".
func multitool(t *testing.T, tool string, logs ...[]byte) []string {
	t.Helper()
	dir := t.TempDir()
	out := filepath.Join(dir, "out.sarif")
	args := []string{"validate"}
	for i, log := range logs {
		in := filepath.Join(dir, fmt.Sprintf("%d.sarif", i))
		if err := os.WriteFile(in, log, 0o666); err != nil {
			t.Fatal(err)
		}
		args = append(args, in)
	}
	cmd := exec.Command(tool, append(args, "--rule-kind", "Sarif;Gh", "-o", out, "--log", "ForceOverwrite")...)
	cmd.Env = append(os.Environ(), "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1")
	said, err := cmd.CombinedOutput()
	if err != nil && len(said) == 0 {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("%d files scanned", len(logs)); !strings.Contains(string(said), want) {
		t.Fatalf("the validator does not say %q: %s", want, said)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	var report struct {
		Runs []struct {
			Results []struct {
				RuleID, Level string
				Message       struct {
					ID, Text  string
					Arguments []string
				}
				Locations []sarifLoc
			}
		}
	}
	decode(t, bytes.TrimPrefix(b, []byte("\ufeff")), &report)
	if len(report.Runs) == 0 {
		t.Fatalf("no run in the validator's report: %s", said)
	}
	var lines []string
	for _, res := range report.Runs[0].Results {
		if res.Level == "" {
			res.Level = "warning"
		}
		if res.Level != "note" && res.Level != "none" {
			file := ""
			if len(res.Locations) > 0 {
				file = res.Locations[0].PhysicalLocation.ArtifactLocation.URI
			}
			lines = append(lines, fmt.Sprintf("%s %s %s %s %q", res.RuleID, res.Level, file, res.Message.ID+res.Message.Text, res.Message.Arguments))
		}
	}
	return lines
}

// A finding whose code the catalogue lacks still has a rule.
func TestSARIFUnknownRule(t *testing.T) {
	r := manyFindings(2)
	r.Findings[1].Code, r.Findings[1].Rule = "QP099", "of-another-version"
	r.Suppressed = []finding.Finding{silenced(r.Findings[0], finding.InBaseline, "", r.Findings[0].Location)}
	r.Suppressed[0].Code = "QP098"
	rules, index := sarifRules(r, testRules())
	if len(rules) != 6 || index["QP098"] != 4 || index["QP099"] != 5 || rules[5].Name != "OfAnotherVersion" {
		t.Errorf("%d rules, %v", len(rules), index)
	}
}
