package report

import (
	"bytes"
	"io"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// A record is one line of jsonl: what type says, with the fields that JSON has
// for it.
type (
	jRunRecord struct {
		Type          string `json:"type"` // run
		SchemaVersion int    `json:"schema_version"`
		Tool          jTool  `json:"tool"`
		Run           jRun   `json:"run"`
	}
	jFindingRecord struct {
		Type string `json:"type"` // finding
		jFinding
	}
	jSuppressedRecord struct {
		Type string `json:"type"` // suppressed
		jFinding
	}
	jKnownRecord struct {
		Type string `json:"type"` // stale
		jKnown
	}
	jEndpointRecord struct {
		Type string `json:"type"` // endpoint
		jEndpoint
	}
	jShapeRecord struct {
		Type string `json:"type"` // shape
		jShape
	}
)

// JSONL writes the report for programs that read lines: what JSON says, an
// object a line, first the run, then findings, suppressed, stale, endpoints and
// shapes.
func JSONL(w io.Writer, r *finding.Report) error {
	in := jsonReport(r)
	var b bytes.Buffer
	put := func(record any) { b.Write(jsonBytes(record, "")) }
	put(jRunRecord{"run", in.SchemaVersion, in.Tool, in.Run})
	for _, f := range in.Findings {
		put(jFindingRecord{"finding", f})
	}
	for _, f := range in.Suppressed {
		put(jSuppressedRecord{"suppressed", f})
	}
	for _, k := range in.Stale {
		put(jKnownRecord{"stale", k})
	}
	for _, e := range in.Endpoints {
		put(jEndpointRecord{"endpoint", e})
	}
	for _, s := range in.Shapes {
		put(jShapeRecord{"shape", s})
	}
	_, err := w.Write(b.Bytes())
	return err
}
