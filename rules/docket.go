package rules

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/sqllog"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// A docket is what rules explain their cases from.
type docket struct {
	set     *sqlshape.Set
	names   *sqllog.Names
	profile *profile.Profile
	graph   *link.Graph
	project *link.Project
	siteOf  map[sqlshape.ID][]link.Site
	inputs  []string // paths, by the number that examples carry
	rule    *Rule
	cases   []*evidence // all but read loops, in order of rule
	// looped are the shapes whose loops were reported, for the rules that look
	// at the same statements from another side.
	looped map[sqlshape.ID]bool
	// related keeps what the graph said of a parent and a child.
	related map[[2]sqlshape.ID]relation
}

type relation struct {
	link.Relation
	ok bool
}

// relate asks the graph about each pair of statements once.
func (d *docket) relate(parent, child sqlshape.ID) (link.Relation, bool) {
	k := [2]sqlshape.ID{parent, child}
	r, known := d.related[k]
	if !known {
		r.Relation, r.ok = d.graph.Relate(d.set.Shape(parent), d.set.Shape(child))
		d.related[k] = r
	}
	return r.Relation, r.ok
}

// evidence is one case with what was added up for it.
type evidence struct {
	profile.Case
	*profile.Ledger
	child, parent *sqlshape.Shape // parent nil when there is none
}

// Explain turns a profile into findings, ranked by the time they cost. inputs
// are the paths of the inputs in the order of their numbers. Where the project
// has a source, its findings are joined with the log's.
func Explain(p *profile.Profile, set *sqlshape.Set, names *sqllog.Names, project *link.Project, inputs []string) []finding.Finding {
	d := &docket{
		set: set, names: names, profile: p, graph: project.Graph, project: project, inputs: inputs,
		looped: map[sqlshape.ID]bool{}, related: map[[2]sqlshape.ID]relation{},
	}
	d.cases = d.collect()
	seen := d.explainLoops()
	for _, e := range d.cases {
		for _, r := range all {
			if r.explain == nil || uint8(r.pattern) != e.Rule {
				continue
			}
			d.rule = r
			if f, ok := r.explain(d, e); ok {
				seen = append(seen, observed{Finding: f, ledger: e.Ledger, child: e.child, parent: e.parent, ids: [2]sqlshape.ID{e.Child, e.Parent}})
			}
		}
	}
	if project.Index != nil {
		d.siteOf = d.sitesOf()
		return rank(d.join(seen), time.Duration(p.Took))
	}
	found := make([]finding.Finding, len(seen))
	for i := range seen {
		found[i] = seen[i].Finding
	}
	return rank(found, time.Duration(p.Took))
}

// collect returns the cases that are no read loops: loops of writes first, so
// that wide-update can see them.
func (d *docket) collect() []*evidence {
	var list []*evidence
	for c, l := range d.profile.Cases {
		if pattern(c.Rule) == patLoop {
			continue
		}
		e := &evidence{Case: c, Ledger: l, child: d.set.Shape(c.Child)}
		if c.Parent != sqlshape.Other {
			e.parent = d.set.Shape(c.Parent)
		}
		list = append(list, e)
	}
	slices.SortFunc(list, func(a, b *evidence) int { return compareCases(a.Case, b.Case) })
	return list
}

func compareCases(a, b profile.Case) int {
	return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Child, b.Child), cmp.Compare(a.Parent, b.Parent),
		cmp.Compare(a.Parents, b.Parents), cmp.Compare(a.Variant, b.Variant))
}

// rank merges findings of one key and sorts them, the costliest first.
func rank(found []finding.Finding, total time.Duration) []finding.Finding {
	slices.SortStableFunc(found, func(a, b finding.Finding) int { return cmp.Compare(b.Cost.Took, a.Cost.Took) })
	at := map[finding.Key]int{}
	var merged []finding.Finding
	for _, f := range found {
		if i, ok := at[f.Key]; ok {
			merge(&merged[i], &f)
			continue
		}
		at[f.Key] = len(merged)
		merged = append(merged, f)
	}
	for i := range merged {
		f := &merged[i]
		f.Message = strings.NewReplacer(countsHere, counts(f.Cost), wastedHere, number(f.Cost.Wasted)).Replace(f.Message)
		f.Fingerprint = fingerprint(f.Key)
		if total > 0 {
			f.Share = float64(f.Cost.Took) / float64(total)
		}
	}
	slices.SortFunc(merged, Order)
	return merged
}

// Order compares findings as the report has them: the costliest first, and
// those that no log prices last.
func Order(a, b finding.Finding) int {
	if a.Cost.Calls == 0 && b.Cost.Calls == 0 { // no log tells what they cost
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(b.Confidence, a.Confidence),
			source.Compare(a.Location, b.Location), cmp.Compare(a.Fingerprint, b.Fingerprint))
	}
	return cmp.Or(cmp.Compare(b.Cost.Took, a.Cost.Took), cmp.Compare(b.Cost.Calls, a.Cost.Calls), cmp.Compare(a.Fingerprint, b.Fingerprint))
}

// What stands in a message for how often, which is known only once findings of
// one key are merged.
const (
	countsHere = "{counts}"
	wastedHere = "{wasted}"
)

// merge adds what a cheaper finding of the same key saw.
func merge(into, f *finding.Finding) {
	into.Cost.Units += f.Cost.Units
	into.Cost.Calls += f.Cost.Calls
	into.Cost.Wasted += f.Cost.Wasted
	into.Cost.Took += f.Cost.Took
	into.Cost.Saved += f.Cost.Saved
	into.Cost.MaxCalls = max(into.Cost.MaxCalls, f.Cost.MaxCalls)
	into.Confidence = max(into.Confidence, f.Confidence)
	into.Severity = max(into.Severity, f.Severity)
	for _, n := range f.Endpoints {
		if len(into.Endpoints) < endpointMax && !slices.Contains(into.Endpoints, n) {
			into.Endpoints = append(into.Endpoints, n)
		}
	}
	into.Examples = append(into.Examples, f.Examples...)
	slices.SortStableFunc(into.Examples, func(a, b finding.Example) int { return cmp.Compare(b.Calls, a.Calls) })
	into.Examples = into.Examples[:min(len(into.Examples), 3)]
}

func fingerprint(k finding.Key) string {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s\x00%s\x00%s", k.Rule, k.Subject, k.Place)
	return fmt.Sprintf("%016x", h.Sum64())
}

// endpointMax is how many endpoints a finding names.
const endpointMax = 10

// finding starts a finding of the current rule about one ledger.
func (d *docket) finding(subject string, l *profile.Ledger, child, parent *sqlshape.Shape) finding.Finding {
	f := finding.Finding{
		Key:        finding.Key{Rule: d.rule.Name, Subject: subject},
		Code:       d.rule.Code,
		Severity:   d.rule.Severity,
		Evidence:   []finding.Evidence{finding.Observed},
		Confidence: finding.Likely,
		Child:      statement(child),
		Cost: finding.Cost{
			Units: l.Units, Calls: l.Calls, Wasted: l.Wasted, MaxCalls: l.MaxCalls,
			Took: time.Duration(l.Took), Saved: time.Duration(l.SavedTook),
		},
		Endpoints: d.endpoints(l),
		Examples:  d.examples(l),
	}
	if parent != nil {
		f.Parent = statement(parent)
	}
	return f
}

func statement(s *sqlshape.Shape) finding.Statement {
	st := finding.Statement{SQL: s.Text}
	if len(s.Tables) > 0 {
		st.Table = s.Tables[0].Name
	}
	if st.Table == "" && len(s.Reads) > 0 { // FROM (SELECT …)
		st.Table = s.Reads[0]
	}
	return st
}

func (d *docket) endpoints(l *profile.Ledger) []string {
	type row struct {
		name string
		took int64
		n    int64
	}
	sum := map[string]row{}
	for _, t := range l.Places {
		name := d.PlaceName(t.Place)
		r := sum[name]
		sum[name] = row{name, r.took + t.Took, r.n + t.Calls}
	}
	rows := make([]row, 0, len(sum))
	for _, r := range sum {
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(b.took, a.took), cmp.Compare(b.n, a.n), strings.Compare(a.name, b.name))
	})
	var names []string
	for _, r := range rows[:min(len(rows), endpointMax)] {
		names = append(names, r.name)
	}
	return names
}

func (d *docket) examples(l *profile.Ledger) []finding.Example {
	var list []finding.Example
	for _, e := range l.Examples {
		x := finding.Example{Unit: d.PlaceName(e.Place), Calls: e.Calls, Line: int64(e.Line)}
		if int(e.Input) < len(d.inputs) {
			x.Input = d.inputs[e.Input]
		}
		if e.Start != 0 {
			x.Start, x.End = time.Unix(0, e.Start).UTC(), time.Unix(0, e.End).UTC()
		}
		list = append(list, x)
	}
	return list
}

// PlaceName is how the report names where units come from.
func (d *docket) PlaceName(p profile.Place) string { return PlaceName(p, d.names, d.set) }

// PlaceName names a place: the endpoint's own name, or where the log has none
// the first statement that tells such units apart.
func PlaceName(p profile.Place, names *sqllog.Names, set *sqlshape.Set) string {
	if p.Name != 0 {
		return names.Text(p.Name)
	}
	if p.First == sqlshape.Other {
		return "(other)"
	}
	s := set.Shape(p.First)
	verb := map[sqlshape.Kind]string{
		sqlshape.Select: "SELECT", sqlshape.Insert: "INSERT", sqlshape.Update: "UPDATE",
		sqlshape.Delete: "DELETE", sqlshape.Declare: "SELECT", sqlshape.Copy: "COPY",
	}[s.Kind]
	if verb == "" || len(s.Tables) == 0 {
		words := strings.Fields(s.Text)
		return strings.Join(words[:min(len(words), 3)], " ") + " …"
	}
	return verb + " " + s.Tables[0].Name + " …"
}

// subject names a statement by its table and the columns it filters on: what
// stays the same when columns are added or literals change.
func (d *docket) subject(s *sqlshape.Shape) string {
	if statement(s).Table == "" {
		words := strings.Fields(s.Text)
		return strings.Join(words[:min(len(words), 4)], " ")
	}
	var cols []string
	for _, p := range s.Where {
		if !slices.Contains(cols, p.Column.Name) {
			cols = append(cols, p.Column.Name)
		}
	}
	sort.Strings(cols)
	label := d.graph.Label(statement(s).Table)
	if len(cols) == 0 {
		return label
	}
	return label + "[" + strings.Join(cols, ",") + "]"
}

// model is the model's class name of a statement's base table.
func (d *docket) model(s *sqlshape.Shape) string {
	_, m := d.graph.Model(statement(s).Table)
	if m == "" {
		return "Model"
	}
	return m
}

// boundNote says how sure the bounds of the units are.
func boundNote(t profile.Trust) string {
	switch t {
	case profile.Certain:
		return "units come from ids in the log"
	case profile.Strong:
		return "units are cut at session reads, health checks or transactions"
	case profile.Fair:
		return "units are connections, or what follows one statement closely"
	}
	return "only the time between the queries says that they are one loop"
}
