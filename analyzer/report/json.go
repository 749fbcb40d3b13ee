package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// JSON writes the report for other programs: schema version 1, docs/json.md
// describes it field by field. Arrays are never null; relation, parent, child,
// start, end, problem and hint are absent where they make no sense. Invalid
// UTF-8 becomes U+FFFD, and what Clean escapes for people is \u-escaped, so
// that the output is safe on a terminal too.
func JSON(w io.Writer, r *finding.Report) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(jsonReport(r)); err != nil {
		panic(fmt.Sprintf("report: %v", err)) // plain data always encodes
	}
	_, err := w.Write(escapeJSON(b.Bytes()))
	return err
}

// Version is the module version this binary was built from, "devel" when it
// was built from a checkout without version control data.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}

// The order of the fields below is the order in the output.
type (
	jReport struct {
		SchemaVersion int         `json:"schema_version"`
		Tool          jTool       `json:"tool"`
		Run           jRun        `json:"run"`
		Endpoints     []jEndpoint `json:"endpoints"`
		Findings      []jFinding  `json:"findings"`
		Suppressed    []jFinding  `json:"suppressed"`
		Shapes        []jShape    `json:"shapes"`
	}
	jTool struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	jRun struct {
		Inputs     []jInput     `json:"inputs"`
		Statements int64        `json:"statements"`
		Units      int64        `json:"units"`
		ExactUnits int64        `json:"exact_units"`
		TotalMS    float64      `json:"total_ms"`
		Lost       finding.Lost `json:"lost"`
	}
	jInput struct {
		Path       string  `json:"path"`
		Format     string  `json:"format"`
		Statements int64   `json:"statements"`
		Skipped    int64   `json:"skipped"`
		TotalMS    float64 `json:"total_ms"`
		Problem    string  `json:"problem,omitempty"`
		Hint       string  `json:"hint,omitempty"`
	}
	jEndpoint struct {
		Name       string  `json:"name"`
		Units      int64   `json:"units"`
		Statements int64   `json:"statements"`
		TotalMS    float64 `json:"total_ms"`
		Share      float64 `json:"share"`
	}
	jFinding struct {
		Code        string      `json:"code"`
		Rule        string      `json:"rule"`
		Severity    string      `json:"severity"`
		Evidence    []string    `json:"evidence"`
		Confidence  string      `json:"confidence"`
		Fingerprint string      `json:"fingerprint"`
		Message     string      `json:"message"`
		Subject     string      `json:"subject"`
		Relation    *jRelation  `json:"relation,omitempty"`
		Parent      *jStatement `json:"parent,omitempty"`
		Child       *jStatement `json:"child,omitempty"`
		Cost        jCost       `json:"cost"`
		Examples    []jExample  `json:"examples"`
		Related     []struct{}  `json:"related"` // places in source: none are read yet
		Rewrites    []jRewrite  `json:"rewrites"`
	}
	jRelation struct {
		Kind  string `json:"kind"`
		Field string `json:"field"`
	}
	jStatement struct {
		Table string `json:"table"`
		SQL   string `json:"sql"`
	}
	jCost struct {
		Units    int64   `json:"units"`
		Calls    int64   `json:"calls"`
		Wasted   int64   `json:"wasted"`
		TotalMS  float64 `json:"total_ms"`
		SavedMS  float64 `json:"saved_ms"`
		MaxCalls int64   `json:"max_calls_in_unit"`
	}
	jExample struct {
		Unit  string `json:"unit"`
		Calls int64  `json:"calls"`
		Start string `json:"start,omitempty"`
		End   string `json:"end,omitempty"`
		Input string `json:"input"`
		Line  int64  `json:"line"`
	}
	jRewrite struct {
		Title string `json:"title"`
		Code  string `json:"code"`
		Safe  bool   `json:"safe"`
	}
	jShape struct {
		SQL     string  `json:"sql"`
		Calls   int64   `json:"calls"`
		TotalMS float64 `json:"total_ms"`
	}
)

func jsonReport(r *finding.Report) jReport {
	out := jReport{
		SchemaVersion: finding.SchemaVersion,
		Tool:          jTool{Name: "ormlint", Version: Version()},
		Run:           jsonRun(&r.Run),
		Endpoints:     []jEndpoint{},
		Findings:      []jFinding{},
		Suppressed:    []jFinding{},
		Shapes:        []jShape{},
	}
	for _, e := range r.Endpoints {
		out.Endpoints = append(out.Endpoints, jEndpoint{e.Name, e.Units, e.Statements, ms(e.Took), share(e.Share)})
	}
	for i := range r.Findings {
		out.Findings = append(out.Findings, jsonFinding(&r.Findings[i]))
	}
	for _, s := range r.Shapes {
		out.Shapes = append(out.Shapes, jShape{s.SQL, s.Calls, ms(s.Took)})
	}
	return out
}

func jsonRun(r *finding.Run) jRun {
	out := jRun{
		Inputs:     []jInput{},
		Statements: r.Statements,
		Units:      r.Units,
		ExactUnits: r.ExactUnits,
		TotalMS:    ms(r.Took),
		Lost:       finding.Lost{},
	}
	for name, n := range r.Lost {
		if n != 0 {
			out.Lost[name] = n // encoding/json sorts the keys
		}
	}
	for _, in := range r.Inputs {
		out.Inputs = append(out.Inputs, jInput{
			Path: in.Path, Format: in.Format, Statements: in.Statements, Skipped: in.Skipped,
			TotalMS: ms(in.Took), Problem: in.Problem, Hint: in.Hint,
		})
	}
	return out
}

func jsonFinding(f *finding.Finding) jFinding {
	out := jFinding{
		Code:        f.Code,
		Rule:        f.Rule,
		Severity:    severityName(f.Severity),
		Evidence:    []string{},
		Confidence:  confidenceName(f.Confidence),
		Fingerprint: f.Fingerprint,
		Message:     message(f),
		Subject:     f.Subject,
		Parent:      jsonStatement(f.Parent),
		Child:       jsonStatement(f.Child),
		Cost: jCost{
			Units: f.Cost.Units, Calls: f.Cost.Calls, Wasted: f.Cost.Wasted,
			TotalMS: ms(f.Cost.Took), SavedMS: ms(f.Cost.Saved), MaxCalls: f.Cost.MaxCalls,
		},
		Examples: []jExample{},
		Related:  []struct{}{},
		Rewrites: []jRewrite{},
	}
	if f.Relation.Kind != "" {
		out.Relation = &jRelation{f.Relation.Kind, f.Relation.Field}
	}
	for _, e := range f.Evidence {
		out.Evidence = append(out.Evidence, string(e))
	}
	for _, e := range f.Examples {
		out.Examples = append(out.Examples, jExample{e.Unit, e.Calls, stamp(e.Start), stamp(e.End), e.Input, e.Line})
	}
	for _, rw := range f.Rewrites {
		out.Rewrites = append(out.Rewrites, jRewrite{rw.Title, rw.Code, rw.Safe})
	}
	return out
}

func jsonStatement(s finding.Statement) *jStatement {
	if s.SQL == "" && s.Table == "" {
		return nil
	}
	return &jStatement{s.Table, s.SQL}
}

// ms is d in milliseconds to the microsecond, the precision of PostgreSQL's logs.
func ms(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond)/time.Microsecond) / 1000
}

func share(f float64) float64 { return math.Round(f*10000) / 10000 }

// stamp is t as RFC 3339 in UTC, "" for the zero time.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

func severityName(s finding.Severity) string {
	switch s {
	case finding.Error:
		return "error"
	case finding.Warning:
		return "warning"
	}
	return "note"
}

func confidenceName(c finding.Confidence) string {
	switch c {
	case finding.Proven:
		return "proven"
	case finding.Likely:
		return "likely"
	}
	return "possible"
}

// escapeJSON \u-escapes what Clean would escape and encoding/json leaves: DEL,
// the C1 controls, bidirectional and invisible characters. They can only stand
// inside strings.
func escapeJSON(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == '\n' || !hostile(r): // a bare line end is the indentation's
			out = append(out, b[:n]...)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		b = b[n:]
	}
	return out
}

// message is the sentence with what the finding rests on: where the relation's
// name comes from, how units were found. The report has no other place for it.
func message(f *finding.Finding) string {
	return strings.Join(append([]string{f.Message}, f.Notes...), "; ")
}
