package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// DeltaJSON writes what changed for other programs: docs/diff.md describes it
// field by field. What JSON promises of its bytes holds here too.
func DeltaJSON(w io.Writer, d *finding.Delta) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(jsonDelta(d)); err != nil {
		panic(fmt.Sprintf("report: %v", err)) // plain data always encodes
	}
	_, err := w.Write(escapeJSON(b.Bytes()))
	return err
}

// deltaKind tells a diff from a report.
const deltaKind = "diff"

type (
	jDelta struct {
		SchemaVersion int              `json:"schema_version"`
		Kind          string           `json:"kind"`
		Tool          jTool            `json:"tool"`
		Base          jSide            `json:"base"`
		Head          jSide            `json:"head"`
		Summary       string           `json:"summary"`
		Regressed     bool             `json:"regressed"`
		Alpha         float64          `json:"alpha"`
		Notes         []string         `json:"notes"`
		Endpoints     []jEndpointDelta `json:"endpoints"`
		Findings      []jFindingDelta  `json:"findings"`
	}
	jSide struct {
		Path       string       `json:"path"`
		Statements int64        `json:"statements"`
		Units      int64        `json:"units"`
		TotalMS    float64      `json:"total_ms"`
		Source     bool         `json:"source"`
		Lost       finding.Lost `json:"lost"`
	}
	jEndpointDelta struct {
		Name    string     `json:"name"`
		Base    *jEndpoint `json:"base,omitempty"`
		Head    *jEndpoint `json:"head,omitempty"`
		Queries *jShift    `json:"queries_per_unit,omitempty"`
		Rows    *jShift    `json:"rows_per_unit,omitempty"`
		Time    *jShift    `json:"ms_per_unit,omitempty"`
	}
	jShift struct {
		Base      float64  `json:"base"`
		Head      float64  `json:"head"`
		P         *float64 `json:"p,omitempty"`
		Changed   bool     `json:"changed"`
		Regressed bool     `json:"regressed"`
	}
	jFindingDelta struct {
		Change    string   `json:"change"`
		Regressed bool     `json:"regressed"`
		Base      *float64 `json:"base_calls_per_unit,omitempty"`
		Head      *float64 `json:"head_calls_per_unit,omitempty"`
		Note      string   `json:"note"`
		Finding   jFinding `json:"finding"`
	}
)

func jsonDelta(d *finding.Delta) jDelta {
	out := jDelta{
		SchemaVersion: finding.SchemaVersion, Kind: deltaKind, Tool: jTool{Name: "ormlint", Version: Version()},
		Base: jsonSide(&d.Base), Head: jsonSide(&d.Head), Summary: deltaSummary(d, func(s string) string { return s }),
		Regressed: regressions(d) != "", Alpha: d.Alpha, Notes: append([]string{}, d.Notes...),
		Endpoints: []jEndpointDelta{}, Findings: []jFindingDelta{},
	}
	for i := range d.Endpoints {
		e := &d.Endpoints[i]
		j := jEndpointDelta{Name: e.Name, Queries: jsonShift(&e.Queries, 1), Rows: jsonShift(&e.Rows, 1), Time: jsonShift(&e.Time, 1e6)}
		for _, side := range []struct {
			from *finding.Endpoint
			to   **jEndpoint
		}{{e.Base, &j.Base}, {e.Head, &j.Head}} {
			if side.from != nil {
				x := jsonEndpoint(side.from)
				*side.to = &x
			}
		}
		out.Endpoints = append(out.Endpoints, j)
	}
	for i := range d.Findings {
		f := &d.Findings[i]
		j := jFindingDelta{Change: string(f.Change), Regressed: f.Regressed, Note: f.Note, Finding: jsonFinding(&f.Finding)}
		if f.BaseCalls > 0 {
			j.Base = thousandth(f.BaseCalls)
		}
		if f.HeadCalls > 0 {
			j.Head = thousandth(f.HeadCalls)
		}
		out.Findings = append(out.Findings, j)
	}
	return out
}

func jsonSide(s *finding.Side) jSide {
	return jSide{Path: s.Name, Statements: s.Statements, Units: s.Units, TotalMS: ms(s.Took), Source: s.Source, Lost: jsonLost(s.Lost)}
}

// jsonShift is nil where a side does not have the figure; per is how many of
// its units make one of the output's.
func jsonShift(s *finding.Shift, per float64) *jShift {
	if !s.Known {
		return nil
	}
	out := &jShift{Base: *thousandth(s.Base / per), Head: *thousandth(s.Head / per), Changed: s.Changed, Regressed: s.Regressed}
	if s.Tested {
		p := math.Round(s.P*1e6) / 1e6
		out.P = &p
	}
	return out
}

func thousandth(f float64) *float64 {
	f = math.Round(f*1000) / 1000
	return &f
}
