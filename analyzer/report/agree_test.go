package report

import (
	"encoding/json"
	"encoding/xml"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// parsers reads each format back: the findings it names, each by its
// fingerprint, or as "code place" with the place as concise has it, the column
// left out.
var parsers = map[string]func(t *testing.T, out []byte) []string{
	"json":       parseJSONReport,
	"jsonl":      parseJSONLines,
	"sarif":      parseSARIF,
	"rdjson":     parseRDJSON,
	"rdjsonl":    parseRDJSONLines,
	"concise":    parseLines,
	"github":     parseLines,
	"azure":      parseLines,
	"gitlab":     parseGitLab,
	"checkstyle": parseCheckstyle,
	"junit":      parseJUnitFindings,
	"bitbucket":  parseBitbucket,
	"markdown":   parseMarkdown,
	"agent":      parseAgent,
}

// TestFormatsAgree prints a report in every format and reads it back: all name
// the same findings, each once, and none that is suppressed.
func TestFormatsAgree(t *testing.T) {
	r := reviewReport()
	names := map[string]string{} // what a format may say → the fingerprint
	var want []string
	for i := range r.Findings {
		f := &r.Findings[i]
		at := anchorOf(f)
		at.column = 0
		names[f.Fingerprint] = f.Fingerprint
		names[f.Code+" "+at.String()] = f.Fingerprint
		want = append(want, f.Fingerprint)
	}
	slices.Sort(want)
	for _, p := range Printers() {
		if p.Name == "text" { // for people: places and codes stand lines apart
			continue
		}
		t.Run(p.Name, func(t *testing.T) {
			parse, ok := parsers[p.Name]
			if !ok {
				t.Fatal("no parser: add one to the table")
			}
			out := render(t, p, r, Options{Source: reviewFile})
			var got []string
			for _, name := range parse(t, out) {
				id, ok := names[name]
				if !ok {
					t.Errorf("no finding is %q", name)
				}
				got = append(got, id)
			}
			slices.Sort(got)
			if p.Name == "junit" { // a finding stands in each of its endpoints
				got = slices.Compact(got)
			}
			if !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q\nin\n%s", got, want, out)
			}
		})
	}
}

var headlined = regexp.MustCompile(`(?m)^(?:::[a-z]+ [^\n]*?::|##vso\[[^\]]*\])?(-|[^\s:]+(?::\d+)?)(?::\d+)?: (QP\d+) `)

// parseLines reads lines of "place: code message", behind a command or not.
func parseLines(_ *testing.T, out []byte) (names []string) {
	for _, m := range headlined.FindAllStringSubmatch(string(out), -1) {
		names = append(names, m[2]+" "+m[1])
	}
	return names
}

func parseJSONReport(t *testing.T, out []byte) (names []string) {
	var doc struct {
		Findings []struct{ Fingerprint string }
	}
	decodeJSON(t, out, &doc)
	for _, f := range doc.Findings {
		names = append(names, f.Fingerprint)
	}
	return names
}

func decodeJSON(t *testing.T, out []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(out, v); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func parseJSONLines(t *testing.T, out []byte) (names []string) {
	for line := range strings.Lines(string(out)) {
		var o struct{ Type, Fingerprint string }
		decodeJSON(t, []byte(line), &o)
		if o.Type == "finding" {
			names = append(names, o.Fingerprint)
		}
	}
	return names
}

func parseSARIF(t *testing.T, out []byte) (names []string) {
	var doc struct {
		Runs []struct {
			Results []struct {
				PartialFingerprints map[string]string
				Suppressions        []any
			}
		}
	}
	decodeJSON(t, out, &doc)
	for _, run := range doc.Runs {
		for _, res := range run.Results {
			if len(res.Suppressions) == 0 {
				names = append(names, res.PartialFingerprints["ormlintFinding/v1"])
			}
		}
	}
	return names
}

type rdRead struct {
	Code     struct{ Value string }
	Location struct {
		Path  string
		Range struct{ Start struct{ Line int } }
	}
}

func (d *rdRead) name() string {
	return d.Code.Value + " " + anchor{path: d.Location.Path, line: d.Location.Range.Start.Line}.String()
}

func parseRDJSON(t *testing.T, out []byte) (names []string) {
	var doc struct{ Diagnostics []rdRead }
	decodeJSON(t, out, &doc)
	for _, d := range doc.Diagnostics {
		names = append(names, d.name())
	}
	return names
}

func parseRDJSONLines(t *testing.T, out []byte) (names []string) {
	for line := range strings.Lines(string(out)) {
		var d rdRead
		decodeJSON(t, []byte(line), &d)
		names = append(names, d.name())
	}
	return names
}

func parseGitLab(t *testing.T, out []byte) (names []string) {
	var issues []struct{ Fingerprint string }
	decodeJSON(t, out, &issues)
	for _, i := range issues {
		names = append(names, i.Fingerprint)
	}
	return names
}

func parseBitbucket(t *testing.T, out []byte) (names []string) {
	var doc struct {
		Annotations []struct {
			ID string `json:"external_id"`
		}
	}
	decodeJSON(t, out, &doc)
	for _, a := range doc.Annotations {
		names = append(names, strings.TrimPrefix(a.ID, "ormlint-"))
	}
	return names
}

func parseCheckstyle(t *testing.T, out []byte) (names []string) {
	var doc struct {
		Files []struct {
			Name   string `xml:"name,attr"`
			Errors []struct {
				Line   string `xml:"line,attr"`
				Source string `xml:"source,attr"`
			} `xml:"error"`
		} `xml:"file"`
	}
	if err := xml.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	for _, file := range doc.Files {
		for _, e := range file.Errors {
			names = append(names, strings.TrimSuffix(e.Source+" "+file.Name+":"+e.Line, ":"))
		}
	}
	return names
}

func parseJUnitFindings(t *testing.T, out []byte) (names []string) {
	for _, c := range parseJUnit(t, out) {
		text := c.Output
		if c.Failure != nil {
			text += c.Failure.Text
		}
		names = append(names, parseLines(t, []byte(text))...)
	}
	return names
}

var markdownHeadline = regexp.MustCompile("(?m)^\\*\\*`(QP\\d+)` .*?\\*\\* · (?:log )?`([^`:]+(?::\\d+)?)(?::\\d+)?`")

func parseMarkdown(_ *testing.T, out []byte) (names []string) {
	for _, m := range markdownHeadline.FindAllStringSubmatch(string(out), -1) {
		names = append(names, m[1]+" "+m[2])
	}
	return names
}

var agentHeadline = regexp.MustCompile(`(?m)^\d+\. .*; id (\S+)$`)

func parseAgent(_ *testing.T, out []byte) (names []string) {
	for _, m := range agentHeadline.FindAllStringSubmatch(string(out), -1) {
		names = append(names, m[1])
	}
	return names
}
