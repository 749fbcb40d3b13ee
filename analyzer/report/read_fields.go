package report

import (
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// The functions below are the way back from those of json.go, in its order.

func (b *back) report(in *jReport) *finding.Report {
	r := &finding.Report{Run: b.run(&in.Run)}
	for i := range in.Endpoints {
		r.Endpoints = append(r.Endpoints, b.endpoint(&in.Endpoints[i], i))
	}
	for i := range in.Findings {
		r.Findings = append(r.Findings, b.finding(&in.Findings[i], "findings", i))
	}
	for i := range in.Suppressed {
		r.Suppressed = append(r.Suppressed, b.finding(&in.Suppressed[i], "suppressed", i))
	}
	for _, k := range in.Stale {
		r.Stale = append(r.Stale, finding.Known{Key: finding.Key{Rule: k.Rule, Subject: k.Subject, Place: k.Place}, Code: k.Code, Fingerprint: k.Fingerprint})
	}
	for i, s := range in.Shapes {
		r.Shapes = append(r.Shapes, finding.Shape{SQL: s.SQL, Calls: b.count(s.Calls, "shapes", i, "calls"), Took: b.took(s.TotalMS, "shapes", i, "total_ms")})
	}
	// Shares of findings are not written: they follow from the times.
	if r.Run.Took > 0 {
		for _, list := range [][]finding.Finding{r.Findings, r.Suppressed} {
			for i := range list {
				list[i].Share = float64(list[i].Cost.Took) / float64(r.Run.Took)
			}
		}
	}
	return r
}

func (b *back) endpoint(e *jEndpoint, i int) finding.Endpoint {
	at := func(field string) []any { return []any{"endpoints", i, field} }
	out := finding.Endpoint{
		Name: e.Name, Named: e.Named, Share: e.Share,
		Units:      b.count(e.Units, at("units")...),
		ExactUnits: b.count(e.ExactUnits, at("exact_units")...),
		Statements: b.count(e.Statements, at("statements")...),
		Queries:    b.count(e.Queries, at("queries")...),
		Took:       b.took(e.TotalMS, at("total_ms")...),
		MaxQueries: b.count(e.MaxQueries, at("max_queries_in_unit")...),
		MaxTook:    b.took(e.MaxMS, at("max_ms_in_unit")...),
		Spread:     b.took(e.SpreadMS, at("stddev_ms")...),
	}
	if e.Rows != nil {
		out.Rows, out.RowsKnown = b.count(*e.Rows, at("rows")...), true
	}
	if e.MaxRows != nil {
		out.MaxRows = b.count(*e.MaxRows, at("max_rows_in_unit")...)
	}
	return out
}

func (b *back) run(r *jRun) finding.Run {
	out := finding.Run{
		Statements: b.count(r.Statements, "run", "statements"), Units: b.count(r.Units, "run", "units"),
		ExactUnits: b.count(r.ExactUnits, "run", "exact_units"), Took: b.took(r.TotalMS, "run", "total_ms"),
		Lost: r.Lost, IdleBudgets: r.Idle, Source: sourceOf(r.Source),
	}
	for i, in := range r.Inputs {
		out.Inputs = append(out.Inputs, finding.Input{
			Path: in.Path, Format: in.Format, Statements: b.count(in.Statements, "run", "inputs", i, "statements"),
			Skipped: b.count(in.Skipped, "run", "inputs", i, "skipped"), Took: b.took(in.TotalMS, "run", "inputs", i, "total_ms"),
			Problem: in.Problem, Hint: in.Hint,
		})
	}
	return out
}

func sourceOf(s *jSource) *finding.Source {
	if s == nil {
		return nil
	}
	out := &finding.Source{
		Root: s.Root, Files: s.Files, Bytes: s.Bytes, Models: s.Models, Queries: s.Queries, Fetches: s.Fetches,
		Django: s.Django, DjangoOrigin: s.DjangoOrigin, AutoPrefetch: s.AutoPrefetch, Unknown: s.UnknownModels, Lost: s.Lost,
	}
	for _, k := range s.Skipped {
		out.Skipped = append(out.Skipped, source.Skip{Span: source.Span{Path: k.Path, Line: k.Line}, Msg: k.Message})
	}
	return out
}

func spanOf(p jPlace) source.Span {
	return source.Span{Path: p.Path, Line: p.Line, Column: p.Column, EndLine: p.EndLine, EndColumn: p.EndColumn}
}

func (b *back) finding(f *jFinding, list string, i int) finding.Finding {
	at := func(path ...any) []any { return append([]any{list, i}, path...) }
	out := finding.Finding{
		Key: finding.Key{Rule: f.Rule, Subject: f.Subject, Place: f.Place}, Code: f.Code, Fingerprint: f.Fingerprint, Message: f.Message,
		Severity: b.severity(f.Severity, at("severity")...), Confidence: b.confidence(f.Confidence, at("confidence")...),
		Cost: finding.Cost{
			Units: b.count(f.Cost.Units, at("cost", "units")...), Calls: b.count(f.Cost.Calls, at("cost", "calls")...),
			Wasted: b.count(f.Cost.Wasted, at("cost", "wasted")...), MaxCalls: b.count(f.Cost.MaxCalls, at("cost", "max_calls_in_unit")...),
			Took: b.took(f.Cost.TotalMS, at("cost", "total_ms")...), Saved: b.took(f.Cost.SavedMS, at("cost", "saved_ms")...),
		},
		Endpoints: f.Endpoints,
	}
	if f.Code == "" || f.Rule == "" || f.Fingerprint == "" {
		b.fail("expected code, rule and fingerprint", at()...)
	}
	for _, e := range f.Evidence {
		out.Evidence = append(out.Evidence, finding.Evidence(e))
	}
	if f.Relation != nil {
		out.Relation = finding.Relation{Kind: f.Relation.Kind, Field: f.Relation.Field}
	}
	if f.Parent != nil {
		out.Parent = finding.Statement{Table: f.Parent.Table, SQL: f.Parent.SQL}
	}
	if f.Child != nil {
		out.Child = finding.Statement{Table: f.Child.Table, SQL: f.Child.SQL}
	}
	for k, e := range f.Examples {
		out.Examples = append(out.Examples, finding.Example{
			Unit: e.Unit, Calls: b.count(e.Calls, at("examples", k, "calls")...), Input: e.Input, Line: b.count(e.Line, at("examples", k, "line")...),
			Start: b.stamp(e.Start, at("examples", k, "start")...), End: b.stamp(e.End, at("examples", k, "end")...),
		})
	}
	if f.Location != nil {
		out.Location, out.Function = spanOf(f.Location.jPlace), f.Location.Function
	}
	for _, r := range f.Related {
		out.Related = append(out.Related, finding.Related{Span: spanOf(r.jPlace), Message: r.Message})
	}
	for _, rw := range f.Rewrites {
		back := finding.Rewrite{Title: rw.Title, Code: rw.Code, Safe: rw.Safe}
		for _, e := range rw.Edits {
			back.Edits = append(back.Edits, finding.Edit{Span: spanOf(e.jPlace), Text: e.Text})
		}
		out.Rewrites = append(out.Rewrites, back)
	}
	if s := f.Suppression; s != nil {
		out.Suppression = &finding.Suppression{Kind: finding.SuppressionKind(s.Kind), Reason: s.Reason}
		if s.Place != nil {
			out.Suppression.Place = spanOf(*s.Place)
		}
	}
	return out
}

func (b *back) severity(name string, path ...any) finding.Severity {
	s, ok := finding.SeverityOf(name)
	if !ok {
		b.fail("expected note, warning or error", path...)
	}
	return s
}

func (b *back) confidence(name string, path ...any) finding.Confidence {
	for c := finding.Possible; c <= finding.Proven; c++ {
		if c.String() == name {
			return c
		}
	}
	b.fail("expected possible, likely or proven", path...)
	return 0
}
