package report

import (
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
)

func (t *text) footer(r *finding.Report, shown int, quiet bool) {
	t.gap()
	if !quiet {
		t.para(0, 2, t.head, verdict(r))
	}
	if rest := r.Findings[shown:]; len(rest) > 0 {
		t.para(0, 2, t.plain, counted(int64(len(rest)), "more finding", "more findings")+
			more(took(rest))+" not shown: --top 0 shows all")
	}
	if quiet {
		return
	}
	if s := suppressed(r.Suppressed); s != "" {
		t.para(0, 2, t.plain, s)
	}
	t.stale(r.Stale)
	if s := lost(r.Run.Lost); s != "" {
		t.para(0, 2, t.warn, "left out: "+s)
	}
	t.idleBudgets(r.Run.IdleBudgets)
	if shown > 0 {
		t.para(0, 2, t.plain, "next: ormlint explain "+Clean(r.Findings[0].Code))
	}
}

// idleBudgetsMax is how many budgets without an endpoint are named.
const idleBudgetsMax = 5

// idleBudgets tells of budgets that limit nothing: a typo must not pass for
// a budget that is kept.
func (t *text) idleBudgets(all []string) {
	for i, p := range all {
		if i == idleBudgetsMax {
			t.para(0, 2, t.warn, "… and "+count(int64(len(all)-i))+" budgets more")
			return
		}
		t.para(0, 2, t.warn, "no endpoint for the budget "+Clean(p))
	}
}

func took(findings []finding.Finding) (sum time.Duration) {
	for i := range findings {
		sum += findings[i].Cost.Took
	}
	return sum
}

func more(d time.Duration) string {
	if d <= 0 {
		return ""
	}
	return ", " + span(d) + ","
}

// verdict sums up: how many findings, how bad, what the rewrites would save.
func verdict(r *finding.Report) string {
	if len(r.Findings) == 0 {
		return "no findings"
	}
	var n [finding.Error + 1]int64
	for i := range r.Findings {
		n[min(r.Findings[i].Severity, finding.Error)]++
	}
	var parts []string
	if n[finding.Error] > 0 {
		parts = append(parts, counted(n[finding.Error], "error", "errors"))
	}
	if n[finding.Warning] > 0 {
		parts = append(parts, counted(n[finding.Warning], "warning", "warnings"))
	}
	if k := n[finding.Note] + n[0]; k > 0 {
		parts = append(parts, counted(k, "note", "notes"))
	}
	s := counted(int64(len(r.Findings)), "finding", "findings") + " (" + strings.Join(parts, ", ") + ")"
	if saved := savedTogether(r); saved > 0 {
		s += " · rewrites would save up to " + span(saved) + " of " + span(r.Run.Took) +
			" (" + percent(float64(saved)/float64(r.Run.Took)) + ")"
	}
	return s
}

// savedTogether adds up the estimates. Findings may share a statement, whose
// time can be saved only once: no statement saves more than it took.
func savedTogether(r *finding.Report) time.Duration {
	took := make(map[string]time.Duration, len(r.Shapes))
	for _, s := range r.Shapes {
		took[s.SQL] = s.Took
	}
	saved := map[string]time.Duration{}
	var sum time.Duration
	for i := range r.Findings {
		f := &r.Findings[i]
		more := f.Cost.Saved
		if most, ok := took[f.Child.SQL]; ok {
			more = min(more, most-saved[f.Child.SQL])
			saved[f.Child.SQL] += more
		}
		sum += more
	}
	return min(sum, r.Run.Took)
}
