package report

import (
	"compress/gzip"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// What GitHub's code scanning takes in one upload; beyond these it rejects the
// file or drops results without a word (docs.github.com, "SARIF support for
// code scanning").
const (
	sarifResultsMax = 5000     // results that it keeps, of 25,000 that it reads
	sarifRelatedMax = 100      // related places that it shows, of 1,000
	sarifBytesMax   = 10 << 20 // of the file, with gzip
	sarifTextMax    = 1024     // characters of a rule's descriptions
	sarifNameMax    = 255      // characters of a rule's name
)

// SARIF 2.1.0, as far as it is written here; the order of the fields is the
// order in the output.
type (
	sLog struct {
		Schema  string `json:"$schema"`
		Version string `json:"version"`
		Runs    []sRun `json:"runs"`
	}
	sRun struct {
		Tool              sTool            `json:"tool"`
		Invocations       []sInvocation    `json:"invocations"`
		AutomationDetails sAutomation      `json:"automationDetails"`
		ColumnKind        string           `json:"columnKind"`
		NewlineSequences  []string         `json:"newlineSequences"`
		OriginalURIBases  map[string]sBase `json:"originalUriBaseIds"`
		Results           []sResult        `json:"results"`
		Properties        sRunProperties   `json:"properties"`
	}
	sTool struct {
		Driver sDriver `json:"driver"`
	}
	sDriver struct {
		Name            string  `json:"name"`
		Version         string  `json:"version"`
		SemanticVersion string  `json:"semanticVersion,omitempty"`
		Rules           []sRule `json:"rules"`
	}
	sRule struct {
		ID               string          `json:"id"`
		Name             string          `json:"name"`
		ShortDescription sText           `json:"shortDescription"`
		FullDescription  sText           `json:"fullDescription"`
		Help             sText           `json:"help"`
		Default          sConfiguration  `json:"defaultConfiguration"`
		Properties       sRuleProperties `json:"properties"`
	}
	sConfiguration struct {
		Level string `json:"level"`
	}
	sRuleProperties struct {
		Tags            []string `json:"tags"`
		Precision       string   `json:"precision"`
		ProblemSeverity string   `json:"problem.severity"`
	}
	sText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sAutomation struct {
		ID string `json:"id"`
	}
	sBase struct {
		Description sText `json:"description"`
	}
	sRunProperties struct {
		Statements int64   `json:"statements"`
		Units      int64   `json:"units"`
		TotalMS    float64 `json:"total_ms"`
		Findings   int     `json:"findings"`   // all of them, those left out too
		Omitted    int     `json:"omitted"`    // findings that are no result
		Suppressed int     `json:"suppressed"` // findings that do not count
	}
)

const srcRoot = "%SRCROOT%"

// SARIF writes the report for code scanning. Findings come by cost; those that
// GitHub's limits leave no room for, or that have no place in a file, are
// counted and told of in the invocation's notifications. Suppressed findings
// are results too, marked as such, unless o.HideSuppressed is set.
func SARIF(w io.Writer, r *finding.Report, o Options) error {
	most := sarifResultsMax
	out := sarifBytes(r, o, most)
	for tooLarge(out) && most > 0 {
		most = min(most, len(r.Findings)+len(r.Suppressed)) / 2
		out = sarifBytes(r, o, most)
	}
	_, err := w.Write(out)
	return err
}

// sarifBytes is the report with at most that many results.
func sarifBytes(r *finding.Report, o Options, most int) []byte {
	rules, index := sarifRules(r, o.Rules)
	run := sRun{
		Tool:              sTool{sDriver{Name: "ormlint", Version: Version(), SemanticVersion: semantic(Version()), Rules: rules}},
		AutomationDetails: sAutomation{"ormlint/"}, // what stands before the last slash is GitHub's category
		ColumnKind:        "unicodeCodePoints",
		NewlineSequences:  []string{"\r\n", "\n", "\r"}, // as Python has it
		OriginalURIBases:  map[string]sBase{srcRoot: {sText{Text: "The folder that ormlint ran in."}}},
		Results:           []sResult{},
		Properties: sRunProperties{
			Statements: r.Run.Statements, Units: r.Run.Units, TotalMS: ms(r.Run.Took),
			Findings: len(r.Findings), Suppressed: len(r.Suppressed),
		},
	}
	found := r.Findings
	if !o.HideSuppressed {
		found = append(append([]finding.Finding{}, found...), r.Suppressed...)
	}
	var nowhere []*finding.Finding
	left := 0
	t := textsOf(o.Source)
	for i := range found {
		f := &found[i]
		at, ok := primary(f)
		switch {
		case !ok:
			nowhere = append(nowhere, f)
		case len(run.Results) == most:
			left++
		default:
			run.Results = append(run.Results, sarifResult(t, f, at, index[f.Code]))
		}
	}
	tellApart(run.Results)
	run.Properties.Omitted = len(nowhere) + left
	run.Invocations = []sInvocation{sarifInvocation(t, r, index, nowhere, left)}
	return jsonBytes(sLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sRun{run}}, "  ")
}

// tooLarge tells whether GitHub would refuse the file. Uploaders compress it
// better than this.
func tooLarge(b []byte) bool {
	if len(b) <= sarifBytesMax {
		return false
	}
	var n counter
	z, err := gzip.NewWriterLevel(&n, gzip.BestSpeed)
	if err == nil {
		_, err = z.Write(b)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic(fmt.Sprintf("report: %v", err)) // counting does not fail
	}
	return n > sarifBytesMax
}

// counter is a writer that only counts.
type counter int

func (n *counter) Write(b []byte) (int, error) {
	*n += counter(len(b))
	return len(b), nil
}

var semver = regexp.MustCompile(`^v?([0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?)$`)

// semantic is a version as semver.org has it, "" when it is none.
func semantic(version string) string {
	if m := semver.FindStringSubmatch(version); m != nil {
		return m[1]
	}
	return ""
}

// plainText is a sentence of SARIF: braces and brackets, which make
// placeholders and links there, stand for themselves. It ends with a full stop,
// as SARIF2001 asks.
func plainText(cleaned string) sText {
	return sText{Text: sarifEscape(strings.TrimRight(cleaned, ". ")) + "."}
}

var sarifEscapes = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `{`, `{{`, `}`, `}}`)

func sarifEscape(s string) string { return sarifEscapes.Replace(s) }
