package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
	"github.com/ormlint/ormlint/analyzer/work"
)

// savepoint-in-loop: atomic() inside a loop, inside a transaction: SAVEPOINT and
// RELEASE around each row's statements.
//
// Silent on the savepoints of get_or_create() and update_or_create(), which
// have a finding of their own, and where many statements stand between SAVEPOINT
// and RELEASE: that is a test, or a step of a job.
var savepointInLoop = &Rule{
	Code: "QP407", Name: "savepoint-in-loop", Severity: finding.Note,
	Summary: "atomic() in a loop sets and releases a savepoint for each row",
	Doc:     page("savepoint_in_loop.md"),
	pattern: patSavepoint,
	explain: explainSavepoint,
	inspect: inspectSavepoint,
}

// savepointInside is the most statements, on average, that stand between
// SAVEPOINT and RELEASE in a loop over rows.
const savepointInside = 8

// detectSavepoints enters savepoints that are set again and again in one unit.
func detectSavepoints(s *scene) {
	g := work.Group{MaxRows: -1}
	var what sqlshape.ID
	inside, depth := int32(0), 0
	for i := range s.Steps {
		sh := s.d.set.Shape(s.Steps[i].Shape)
		if sh.Kind != sqlshape.Savepoint {
			if depth > 0 && s.groupOf(int32(i)) >= 0 {
				inside++
			}
			continue
		}
		if !strings.HasPrefix(sh.Text, "SAVEPOINT") {
			depth = max(0, depth-1)
			if g.N > 0 {
				g.Took += max(s.Steps[i].Took, 0)
			}
			continue
		}
		next := s.nextGroup(int32(i))
		if next < 0 || s.taken[next] {
			continue
		}
		depth++
		if g.N == 0 {
			g.Shape, g.First, what = s.Steps[i].Shape, int32(i), s.Groups[next].Shape
		}
		g.N, g.Distinct, g.Last = g.N+1, g.N+1, int32(i)
		g.Took += max(s.Steps[i].Took, 0)
	}
	if g.N < s.d.minCalls || inside > savepointInside*g.N {
		return
	}
	if t, ok := s.trust(&g); ok {
		s.add(profile.Case{Rule: uint8(patSavepoint), Child: g.Shape, Parent: what}, &g, t, 1)
	}
}

func explainSavepoint(d *docket, e *evidence) (finding.Finding, bool) {
	label := d.graph.Label(statement(e.parent).Table)
	f := d.finding(label+".atomic()", e.Ledger, e.child, e.parent)
	f.Cost.Saved = time.Duration(e.SavedTook)
	f.Message = fmt.Sprintf("%s: each row has a savepoint of its own, "+countsHere, statement(e.parent).Table)
	f.Relation = finding.Relation{Kind: "savepoint"}
	f.Notes = append(f.Notes, boundNote(e.Trust()))
	f.Rewrites = []finding.Rewrite{{Title: "one transaction around the loop", Code: "with transaction.atomic():\n    for …"}}
	return f, true
}

// inspectSavepoint tells of atomic() in a loop. From source alone it is never
// more than possible: without a transaction around the loop it is no savepoint
// but a transaction for each row, and either may be meant, so that one bad row
// does not take the others with it.
func inspectSavepoint(in *inspector) []witness {
	var found []witness
	for _, vs := range group(in.mine(), spot) {
		v := vs[0]
		subject := "atomic()"
		if i := slices.IndexFunc(in.Index.Fetches, v.wraps); i >= 0 {
			subject = in.Index.Fetches[i].Model + ".atomic()"
		}
		w := in.witness(subject, v.Span, v.Function, nil, vs)
		w.Relation = finding.Relation{Kind: "savepoint"}
		w.Message = "each round of the loop runs in a transaction or savepoint of its own"
		w.Confidence = finding.Possible
		w.showLoop(vs)
		rw, ok := rewrite.OneTransaction(in.code(), v.Fetch)
		w.Rewrites = []finding.Rewrite{offer(finding.Rewrite{Title: "one transaction around the loop", Code: "with transaction.atomic():\n    for …"}, rw, ok)}
		found = append(found, w)
	}
	return found
}

// wraps reports whether a fetch is the next write after atomic() in its loop.
func (v *visit) wraps(f *source.Fetch) bool {
	l := v.inner()
	return f.Op != source.Savepoint && f.Model != "" && f.Function == v.Function && f.Span.Path == v.Span.Path && f.Span.Start > v.Span.End &&
		slices.ContainsFunc(f.Loops, func(o source.Loop) bool { return o.Span == l.Span })
}
