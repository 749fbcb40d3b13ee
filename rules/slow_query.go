package rules

import (
	"fmt"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
	"github.com/ormlint/ormlint/analyzer/work"
)

// slow-query: a statement takes as long as the threshold slow-query-ms says, or longer.
//
// Silent on transaction control (a slow COMMIT is the disk's) and on COPY and
// DDL, whose time is their work.
var slowQuery = &Rule{
	Code: "QP501", Name: "slow-query", Severity: finding.Warning,
	Summary: "a query takes half a second or longer",
	Doc:     page("slow_query.md"),
	pattern: patSlow,
	explain: explainSlow,
}

// addSlow enters the steps of a group that were slow.
func (s *scene) addSlow(g *work.Group) {
	if k := s.shape(g).Kind; k == sqlshape.Copy || k == sqlshape.Utility {
		return
	}
	slow := work.Group{Shape: g.Shape, MaxRows: g.MaxRows, MaxTook: g.MaxTook, First: -1}
	for i := g.First; i >= 0; i = s.Steps[i].Next {
		if s.Steps[i].Took < s.d.slow {
			continue
		}
		if slow.First < 0 {
			slow.First = i
		}
		slow.Last = i
		slow.N++
		slow.Took += s.Steps[i].Took
	}
	s.d.profile.Add(profile.Case{Rule: uint8(patSlow), Child: g.Shape}, s.sighting(&slow))
}

func explainSlow(d *docket, e *evidence) (finding.Finding, bool) {
	f := d.finding(d.subject(e.child), e.Ledger, e.child, nil)
	f.Cost.Wasted, f.Cost.Saved = 0, 0
	f.Confidence = finding.Proven
	if e.Calls == 1 {
		f.Confidence = finding.Likely // once may be the machine's bad moment
	}
	f.Relation = finding.Relation{Kind: "slow"}
	f.Message = fmt.Sprintf("%s: %s took %d ms or longer, %d ms at most", orText(statement(e.child).Table, "a query"), calls(f.Cost.Calls), d.options.SlowQueryMS, time.Duration(e.MaxTook).Milliseconds())
	if k := e.child.Kind; k != sqlshape.Select && k != sqlshape.Declare {
		f.Rewrites = []finding.Rewrite{{Title: "see whether it waits for a lock", Code: "ALTER SYSTEM SET log_lock_waits = on;", Safe: true}}
		return f, true
	}
	f.Rewrites = []finding.Rewrite{{
		Title: "look at the plan, then at indexes and at the rows it touches",
		Code:  "print(queryset.explain(analyze=True, buffers=True))",
		Safe:  true,
	}}
	return f, true
}

func calls(n int64) string {
	if n == 1 {
		return "one call"
	}
	return number(n) + " calls"
}

func orText(s, or string) string {
	if s == "" {
		return or
	}
	return s
}
