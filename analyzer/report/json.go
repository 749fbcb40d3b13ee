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
	"github.com/ormlint/ormlint/analyzer/source"
)

// JSON writes the report for other programs: schema version 1, docs/json.md
// describes it field by field. Arrays are never null; relation, parent, child,
// start, end, problem, hint, source, location and edits are absent where they make no sense. Invalid
// UTF-8 becomes U+FFFD, and what Clean escapes for people is \u-escaped, so
// that the output is safe on a terminal too.
func JSON(w io.Writer, r *finding.Report) error {
	_, err := w.Write(jsonBytes(jsonReport(r), "  "))
	return err
}

// jsonBytes is v with a line end behind it, safe on a terminal; see JSON.
func jsonBytes(v any, indent string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		panic(fmt.Sprintf("report: %v", err)) // plain data always encodes
	}
	return escapeJSON(b.Bytes())
}

// version is what .ci/binary tells the linker, from pyproject.toml; nothing
// else sets it.
var version string

// Version is the version that wheels, images and the action were built with,
// else the module version that Go recorded; "devel" when it was built from a
// checkout without version control data.
func Version() string {
	if version != "" {
		return version
	}
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
		Stale         []jKnown    `json:"stale,omitempty"`
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
		Idle       []string     `json:"idle_budgets,omitempty"`
		Source     *jSource     `json:"source,omitempty"`
	}
	jSource struct {
		Root          string       `json:"root"`
		Files         int          `json:"files"`
		Bytes         int64        `json:"bytes"`
		Models        int          `json:"models"`
		Queries       int          `json:"queries"`
		Fetches       int          `json:"fetches"`
		Django        string       `json:"django"`
		DjangoOrigin  string       `json:"django_origin"`
		AutoPrefetch  bool         `json:"auto_prefetch"`
		Skipped       []jSkip      `json:"skipped"`
		UnknownModels []string     `json:"unknown_models"`
		Lost          finding.Lost `json:"lost"`
	}
	jSkip struct {
		Path    string `json:"path"`
		Line    int    `json:"line"`
		Message string `json:"message"`
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
		Named      bool    `json:"named"`
		Units      int64   `json:"units"`
		ExactUnits int64   `json:"exact_units"`
		Statements int64   `json:"statements"`
		TotalMS    float64 `json:"total_ms"`
		Share      float64 `json:"share"`
		Queries    int64   `json:"queries"`
		Rows       *int64  `json:"rows,omitempty"`
		MaxQueries int64   `json:"max_queries_in_unit"`
		MaxRows    *int64  `json:"max_rows_in_unit,omitempty"`
		MaxMS      float64 `json:"max_ms_in_unit"`
		SpreadMS   float64 `json:"stddev_ms"`
	}
	jKnown struct {
		Code        string `json:"code"`
		Rule        string `json:"rule"`
		Subject     string `json:"subject"`
		Place       string `json:"place"`
		Fingerprint string `json:"fingerprint"`
	}
	jSuppression struct {
		Kind   string  `json:"kind"`
		Reason string  `json:"reason"`
		Place  *jPlace `json:"place,omitempty"`
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
		Place       string      `json:"place"`
		Relation    *jRelation  `json:"relation,omitempty"`
		Parent      *jStatement `json:"parent,omitempty"`
		Child       *jStatement `json:"child,omitempty"`
		Cost        jCost       `json:"cost"`
		Endpoints   []string    `json:"endpoints"`
		Examples    []jExample  `json:"examples"`
		Location    *jLocation  `json:"location,omitempty"`
		Related     []jRelated  `json:"related"`
		Rewrites    []jRewrite  `json:"rewrites"`
		// Only in the list of the suppressed.
		Suppression *jSuppression `json:"suppression,omitempty"`
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
		Title string  `json:"title"`
		Code  string  `json:"code"`
		Safe  bool    `json:"safe"`
		Edits []jEdit `json:"edits,omitempty"`
	}
	jPlace struct {
		Path      string `json:"path"`
		Line      int    `json:"line"`
		Column    int    `json:"column"`
		EndLine   int    `json:"end_line"`
		EndColumn int    `json:"end_column"`
	}
	jLocation struct {
		jPlace
		Function string `json:"function"`
	}
	jRelated struct {
		jPlace
		Message string `json:"message"`
	}
	jEdit struct {
		jPlace
		Text string `json:"text"`
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
		out.Endpoints = append(out.Endpoints, jsonEndpoint(&e))
	}
	for i := range r.Findings {
		out.Findings = append(out.Findings, jsonFinding(&r.Findings[i]))
	}
	for i := range r.Suppressed {
		out.Suppressed = append(out.Suppressed, jsonFinding(&r.Suppressed[i]))
	}
	for _, k := range r.Stale {
		out.Stale = append(out.Stale, jKnown{k.Code, k.Rule, k.Subject, k.Place, k.Fingerprint})
	}
	for _, s := range r.Shapes {
		out.Shapes = append(out.Shapes, jShape{s.SQL, s.Calls, ms(s.Took)})
	}
	return out
}

func jsonEndpoint(e *finding.Endpoint) jEndpoint {
	out := jEndpoint{
		Name: e.Name, Named: e.Named, Units: e.Units, ExactUnits: e.ExactUnits, Statements: e.Statements, TotalMS: ms(e.Took), Share: share(e.Share),
		Queries: e.Queries, MaxQueries: e.MaxQueries, MaxMS: ms(e.MaxTook), SpreadMS: ms(e.Spread),
	}
	if e.RowsKnown {
		out.Rows, out.MaxRows = &e.Rows, &e.MaxRows
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
		Lost:       jsonLost(r.Lost),
		Idle:       r.IdleBudgets,
		Source:     jsonSource(r.Source),
	}
	for _, in := range r.Inputs {
		out.Inputs = append(out.Inputs, jInput{
			Path: in.Path, Format: in.Format, Statements: in.Statements, Skipped: in.Skipped,
			TotalMS: ms(in.Took), Problem: in.Problem, Hint: in.Hint,
		})
	}
	return out
}

func jsonLost(l finding.Lost) finding.Lost {
	out := finding.Lost{}
	for name, n := range l {
		if n != 0 {
			out[name] = n // encoding/json sorts the keys
		}
	}
	return out
}

func jsonSource(s *finding.Source) *jSource {
	if s == nil {
		return nil
	}
	out := &jSource{
		Root: s.Root, Files: s.Files, Bytes: s.Bytes, Models: s.Models, Queries: s.Queries, Fetches: s.Fetches,
		Django: s.Django, DjangoOrigin: s.DjangoOrigin, AutoPrefetch: s.AutoPrefetch,
		Skipped: []jSkip{}, UnknownModels: append([]string{}, s.Unknown...), Lost: jsonLost(s.Lost),
	}
	for _, k := range s.Skipped {
		out.Skipped = append(out.Skipped, jSkip{k.Span.Path, k.Span.Line, k.Msg})
	}
	return out
}

func jsonPlace(s source.Span) jPlace {
	return jPlace{s.Path, s.Line, s.Column, s.EndLine, s.EndColumn}
}

func jsonRewrite(rw *finding.Rewrite) jRewrite {
	out := jRewrite{Title: rw.Title, Code: rw.Code, Safe: rw.Safe}
	for _, e := range rw.Edits {
		out.Edits = append(out.Edits, jEdit{jsonPlace(e.Span), e.Text})
	}
	return out
}

func jsonFinding(f *finding.Finding) jFinding {
	out := jFinding{
		Code:        f.Code,
		Rule:        f.Rule,
		Severity:    f.Severity.String(),
		Evidence:    []string{},
		Confidence:  f.Confidence.String(),
		Fingerprint: f.Fingerprint,
		Message:     message(f),
		Subject:     f.Subject,
		Place:       f.Place,
		Parent:      jsonStatement(f.Parent),
		Child:       jsonStatement(f.Child),
		Cost:        jsonCost(&f.Cost),
		Endpoints:   append([]string{}, f.Endpoints...),
		Examples:    []jExample{},
		Related:     []jRelated{},
		Rewrites:    []jRewrite{},
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
	if f.Location.Known() {
		out.Location = &jLocation{jsonPlace(f.Location), f.Function}
	}
	for _, r := range f.Related {
		out.Related = append(out.Related, jRelated{jsonPlace(r.Span), r.Message})
	}
	for i := range f.Rewrites {
		out.Rewrites = append(out.Rewrites, jsonRewrite(&f.Rewrites[i]))
	}
	if s := f.Suppression; s != nil {
		out.Suppression = &jSuppression{Kind: string(s.Kind), Reason: s.Reason}
		if s.Place.Known() {
			place := jsonPlace(s.Place)
			out.Suppression.Place = &place
		}
	}
	return out
}

func jsonCost(c *finding.Cost) jCost {
	return jCost{c.Units, c.Calls, c.Wasted, ms(c.Took), ms(c.Saved), c.MaxCalls}
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

// escapeJSON \u-escapes what Clean would escape and encoding/json leaves: DEL,
// the C1 controls, bidirectional and invisible characters, and the second # of
// ##vso[ and the like. They can only stand inside strings.
func escapeJSON(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		switch {
		case r == '#' && bytes.HasSuffix(out, []byte("#")) && command.Match(b):
			out = append(out, `\u0023`...)
		case r == utf8.RuneError: // as encoding/json writes bytes that are no UTF-8
			out = append(out, `\ufffd`...)
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
