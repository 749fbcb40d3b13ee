// Package analyzer runs the whole of ormlint: it reads logs, cuts them into
// units of work, lets the rules look at each, and makes the report.
//
//	bytes ─► sqllog.Read ─► work.Tracker ─► rules.Detector ─► profile.Profile     watch: hot, ids only
//	            └─ sqlshape.Scanner: mask → shape                   │
//	schema.sql ─► pgparse.Schema ─► link.Graph ─► rules.Explain ─► finding.Report   explain: cold, names
//	*.py ─► django.Project ─► schema.Models, source.Index ─┘
//
// It is the only package that wires the stages. Each hands on plain values;
// nothing flows back.
package analyzer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/sqllog"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
	"github.com/ormlint/ormlint/analyzer/sqlshape/pgparse"
	"github.com/ormlint/ormlint/analyzer/work"
	"github.com/ormlint/ormlint/rules"
)

// A Config says what to read and how. The zero value reads nothing.
type Config struct {
	Paths  []string // files, folders, globs; "-" is standard input
	Format string   // input format, "" = detect
	Prefix string   // log_line_prefix, "" = detect
	Schema string   // path of a pg_dump --schema-only file, "" = none
	// Source is the folder of the application's source, "" = none, and
	// NoSource leaves it aside. DjangoVersion stands above what lock files say;
	// Tests has tests and migrations looked at too.
	Source        string
	NoSource      bool
	DjangoVersion string
	Tests         bool
	// SourceRoots are the folders at or below Source that Python imports from;
	// empty = found by what they hold.
	SourceRoots []string
	// PathMap tells where the source lay on the machines that wrote the logs.
	PathMap []PathMap
	// Select and Ignore are codes, names or beginnings of codes (QP1). Ignore
	// wins; an empty Select means all.
	Select, Ignore []string
	// PerFileIgnores leave rules out by the file of the finding's Location.
	PerFileIgnores []FileIgnores
	Severities     map[string]finding.Severity // of rules, by code; those of the catalogue otherwise
	MinCalls       int                         // repetitions that make a loop; 0 = rules.DefaultMinCalls
	Thresholds     rules.Thresholds
	// Budgets are what units of work may come to, by the name of their
	// endpoint; the first pattern that matches holds.
	Budgets []rules.Budget
	// Baseline is a file of findings that do not count, "" = none. Its entries
	// that no finding answers to fail a run when StrictBaseline is set; that is
	// the command's to do.
	Baseline       string
	StrictBaseline bool
	// NewSince is a git branch, tag or commit: only findings count of which a
	// line changed since HEAD left it. "" = all do.
	NewSince string
	// Stdin is what the path "-" reads; nil: os.Stdin.
	Stdin io.Reader
	// Workers and BlockBytes spread the reading; 0 = one for each CPU, 512 KiB.
	// They change nothing in the report.
	Workers, BlockBytes int
	// Progress is told the bytes read so far, of all inputs, and their sum, -1
	// where that is not known. It is called from one goroutine; may be nil.
	Progress func(done, total int64)
}

// A PathMap says that what a log calls From, "/app", is the folder To.
type PathMap struct{ From, To string }

// FileIgnores are rules, as in Config.Ignore, to leave out in the files that a
// glob matches. Pattern is relative to Folder, "" = the current one; "**"
// stands for any folders, and a folder's name for all that is in it.
type FileIgnores struct {
	Folder, Pattern string
	Rules           []string
}

// Formats lists the values of Config.Format.
func Formats() []string { return sqllog.Formats() }

// shapeMax is how many different statements are told apart; those beyond are
// counted as "(other)".
const shapeMax = 100_000

// A UsageError is a mistake in the Config.
type UsageError struct{ Msg, Hint string }

func (e *UsageError) Error() string { return e.Msg }

// Run reads the inputs and makes the report. The error is non-nil only when
// the Config makes no sense or ctx is done; an input that cannot be read is
// told in the report, and reading goes on with the next.
func Run(ctx context.Context, c Config) (*finding.Report, error) {
	chosen, err := choose(c.Select, c.Ignore)
	if err != nil {
		return nil, err
	}
	db, err := loadSchema(c.Schema)
	if err != nil {
		return nil, err
	}
	gate, err := openGate(ctx, c, chosen)
	if err != nil {
		return nil, err
	}
	wait, err := openSource(ctx, c)
	if err != nil {
		return nil, err
	}
	w := newWatch(c)
	inputs, problems := sqllog.Expand(c.Paths)
	if c.Stdin != nil {
		for i := range inputs {
			if inputs[i].Path == "-" {
				inputs[i].Open = func() (io.ReadCloser, error) { return io.NopCloser(c.Stdin), nil }
			}
		}
	}
	for _, p := range problems {
		w.refuse(p)
	}
	w.total = totalSize(inputs)
	for _, in := range inputs {
		if err := w.read(ctx, in); err != nil {
			return nil, err
		}
	}
	src, err := wait()
	if err != nil {
		return nil, err
	}
	project := src.project(ctx, w)
	project.Graph = link.New(db, project.Models, w.set, w.profile.Prefetches)
	found := rules.Explain(w.profile, w.set, w.names, project, w.paths, c.rules())
	spots := w.spots()
	found, idle := rules.Measure(found, spots, c.Budgets, time.Duration(w.profile.Took), w.paths)
	p := gate.pass(ctx, found, src, project.Index, w.complete())
	r := w.report(src.prefixed(p.found), spots)
	r.Run.IdleBudgets = idle
	r.Suppressed, r.Stale = src.prefixed(p.silenced), p.stale
	r.Run.Source = src.told(project)
	return r, ctx.Err()
}

// choose turns selectors into the set of codes to report.
func choose(sel, ignore []string) (map[string]bool, error) {
	chosen, unknown, ok := rules.Codes(sel)
	if !ok {
		return nil, unknownRule(unknown)
	}
	if len(sel) == 0 {
		for _, r := range rules.All() {
			chosen[r.Code] = true
		}
	}
	left, unknown, ok := rules.Codes(ignore)
	if !ok {
		return nil, unknownRule(unknown)
	}
	maps.DeleteFunc(chosen, func(code string, _ bool) bool { return left[code] })
	return chosen, nil
}

func unknownRule(s string) error {
	return &UsageError{Msg: fmt.Sprintf("no rule is called %q", s), Hint: "ormlint rules lists them all"}
}

func loadSchema(path string) (*schema.Schema, error) {
	if path == "" {
		return nil, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &UsageError{Msg: fmt.Sprintf("read the schema: %v", err), Hint: "make one with pg_dump --schema-only"}
	}
	s, errs := pgparse.Schema(text)
	if s == nil || len(s.Tables) == 0 {
		msg := fmt.Sprintf("%s holds no CREATE TABLE", path)
		if len(errs) > 0 {
			msg += ": " + errs[0].Error()
		}
		return nil, &UsageError{Msg: msg, Hint: "make one with pg_dump --schema-only"}
	}
	return s, nil
}

// totalSize is the bytes of all inputs, -1 when one of them is not known.
func totalSize(inputs []sqllog.Input) int64 {
	sum := int64(0)
	for _, in := range inputs {
		if in.Left != "" {
			continue
		}
		if in.Size < 0 {
			return -1
		}
		sum += in.Size
	}
	return sum
}

// watch is the hot phase: logs in, a profile out.
type watch struct {
	config  Config
	set     *sqlshape.Set
	names   *sqllog.Names
	profile *profile.Profile
	tracker *work.Tracker
	inputs  []finding.Input
	paths   []string // by input number
	done    int64    // bytes of the inputs before this one
	total   int64
	cut     int64 // entries beyond the limit on lines
	evicted int64 // sessions closed before their end was seen
}

func newWatch(c Config) *watch {
	w := &watch{config: c, set: sqlshape.NewSet(pgparse.Parse, shapeMax), names: &sqllog.Names{}, profile: profile.New(profile.DefaultLimits())}
	if len(c.Budgets) > 0 {
		w.profile.Budget = func(p profile.Place) profile.Limit {
			return rules.LimitOf(rules.PlaceName(p, w.names, w.set), c.Budgets)
		}
	}
	detector := rules.NewDetector(w.set, w.profile, c.rules())
	w.tracker = work.NewTracker(w.set, work.DefaultLimits(), detector.Unit)
	return w
}

// refuse notes a path that led to no input.
func (w *watch) refuse(err error) {
	in := finding.Input{Problem: err.Error()}
	var bad *sqllog.InputError
	if errors.As(err, &bad) {
		in.Path, in.Problem, in.Hint = bad.Path, bad.Problem, bad.Hint
	}
	w.inputs = append(w.inputs, in)
	w.paths = append(w.paths, in.Path)
}

func (w *watch) read(ctx context.Context, in sqllog.Input) error {
	if in.Left != "" {
		w.inputs = append(w.inputs, finding.Input{Path: in.Path, Left: in.Left})
		w.paths = append(w.paths, in.Path)
		return nil
	}
	w.profile.Input(len(w.paths))
	w.paths = append(w.paths, in.Path)
	o := sqllog.Options{Format: w.config.Format, Prefix: w.config.Prefix, Workers: w.config.Workers, BlockBytes: w.config.BlockBytes}
	if w.config.Progress != nil {
		o.Progress = func(n int64) { w.config.Progress(w.done+n, w.total) }
	}
	s, err := sqllog.Read(ctx, in, w.set, w.names, o, func(events []sqllog.Event) error {
		w.profile.Count(events)
		w.tracker.Add(events)
		return nil
	})
	w.tracker.Close()
	w.done += max(in.Size, 0)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	w.cut += s.Cut
	w.evicted += s.Evicted
	w.inputs = append(w.inputs, inputOf(s, in.Path, err))
	return nil
}

func inputOf(s sqllog.Summary, path string, err error) finding.Input {
	in := finding.Input{
		Path: path, Format: s.Format, Chain: s.Chain, Statements: s.Statements,
		Skipped: s.Skipped, Untimed: s.Untimed, Took: time.Duration(s.Took),
	}
	var bad *sqllog.InputError
	switch {
	case errors.As(err, &bad):
		in.Problem, in.Hint, in.Detected, in.Expected, in.Samples = bad.Problem, bad.Hint, bad.Detected, bad.Expected, bad.Samples
		in.Empty = bad.Empty
	case err != nil:
		in.Problem = err.Error()
	}
	for _, p := range s.Problems {
		in.Lines = append(in.Lines, finding.BadLine{Line: p.Line, Msg: p.Msg})
	}
	return in
}

// complete reports whether there were logs and all were read to their end: what
// is not found then is not there.
func (w *watch) complete() bool {
	return w.profile.Calls > 0 && !slices.ContainsFunc(w.inputs, func(in finding.Input) bool { return in.Problem != "" && !in.Empty })
}

// report puts everything together.
func (w *watch) report(found []finding.Finding, spots []rules.Spot) *finding.Report {
	p := w.profile
	r := &finding.Report{
		Run: finding.Run{
			Inputs: w.inputs, Statements: p.Calls, Units: p.Units, ExactUnits: p.Exact,
			Took: time.Duration(p.Took), Lost: w.lost(),
		},
		Findings:  found,
		Endpoints: w.endpoints(spots),
		Shapes:    w.shapes(),
	}
	return r
}
