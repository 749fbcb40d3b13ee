package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/baseline"
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/report"
)

func (a *app) baselineCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "baseline",
		Short: "Accept the findings that there are, so that only new ones count",
		Long: "Accept the findings that there are, so that only new ones count.\n\n" +
			"The file lists findings by rule, subject and place. Lines, counts, times and messages are\n" +
			"not in it, so code above a finding, another log or another machine changes nothing.\n" +
			"ormlint check --baseline FILE leaves them out.",
		Example: "  ormlint baseline write --source .\n" +
			"  ormlint check --baseline " + baseline.Name + "\n" +
			"  ormlint baseline prune --source .",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			fmt.Fprint(a.stderr, cmd.UsageString())
			return usage("baseline takes write, prune or show", "ormlint baseline write")
		},
		Args: cobra.ArbitraryArgs, // for a better message than cobra's
	}
	cmd.AddCommand(
		a.baselineRun("write [PATH…]", "Write all findings into the baseline", "Write all findings into the baseline.\n\n"+
			"Entries that are there already keep their reasons. Those that are not found any more go;\n"+
			"those that this run cannot find (another rule, a log that is not read) stay.", a.baselineWrite),
		a.baselineRun("prune [PATH…]", "Take out entries that are not found any more", "Take out entries that are not found any more.\n\n"+
			"Nothing is added, and entries that this run cannot find (another rule, a log that is not\n"+
			"read) stay. Give it the inputs that the baseline was written with.", a.baselinePrune),
		a.baselineShow(),
	)
	return cmd
}

// baselineRun is a command that looks for findings as check does.
func (a *app) baselineRun(use, short, long string, run func(*cobra.Command, *checkFlags) error) *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{Use: use, Short: short, Long: long, RunE: func(cmd *cobra.Command, args []string) error {
		f.Paths = args
		if err := a.settleBaseline(cmd, f); err != nil {
			return err
		}
		return run(cmd, f)
	}}
	fl := cmd.Flags()
	fl.SortFlags = false
	baselineFlag(cmd, &f.Baseline)
	f.register(cmd)
	f.registerLogs(cmd, "")
	return cmd
}

func baselineFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "baseline", "", "the baseline's `FILE` (default: the settings', else "+baseline.Name+")")
}

// settleBaseline is settle for commands about the baseline itself: what it
// holds does not fail them.
func (a *app) settleBaseline(cmd *cobra.Command, f *checkFlags) error {
	f.format, f.failOn, f.color = "text", "never", "never"
	if err := f.validate(); err != nil {
		return err
	}
	if _, err := a.settle(cmd, &f.settingFlags, false); err != nil {
		return err
	}
	f.Baseline = cmp.Or(f.Baseline, baseline.Name)
	return nil
}

// look runs check's analysis; false when it told of inputs that could not be
// read, which leaves the baseline as it is.
func (a *app) look(cmd *cobra.Command, f *checkFlags) (*finding.Report, bool, error) {
	if len(f.Paths) == 0 && (f.Source == "" || f.NoSource) {
		fmt.Fprintln(a.stderr, "Usage: "+cmd.UseLine())
		return nil, false, usage("no input", "name what ormlint check reads: logs, or --source with a Django project")
	}
	r, err := a.analyze(cmd.Context(), f.Config)
	if err != nil {
		return nil, false, err
	}
	a.code = exitCode(r, f)
	a.problems(r, f, false)
	return r, a.code == exitClean, nil
}

// current are the entries for the findings of a report, but those that a
// comment silences. Findings that the baseline knows keep their reason; their
// keys are known.
func current(r *finding.Report) (entries []finding.Known, known []finding.Key) {
	for i := range r.Findings {
		entries = append(entries, baseline.Of(&r.Findings[i]))
	}
	for i := range r.Suppressed {
		if s := r.Suppressed[i].Suppression; s.Kind == finding.InBaseline {
			k := baseline.Of(&r.Suppressed[i])
			k.Reason = s.Reason
			entries, known = append(entries, k), append(known, k.Key)
		}
	}
	return entries, known
}

// unseen are the entries of the old file that this run could not find: no
// finding answers to them, and they are not stale. A finding that a comment
// silences needs none.
func unseen(r *finding.Report, old []finding.Known, known []finding.Key) []finding.Known {
	gone := map[finding.Key]bool{}
	for _, k := range r.Stale {
		gone[k.Key] = true
	}
	for i := range r.Suppressed {
		if r.Suppressed[i].Suppression.Kind == finding.InSource {
			gone[r.Suppressed[i].Key] = true
		}
	}
	_, left := baseline.Match(old, known)
	return slices.DeleteFunc(left, func(k finding.Known) bool { return gone[k.Key] })
}

func (a *app) baselineWrite(cmd *cobra.Command, f *checkFlags) error {
	path := f.Baseline
	if dir := filepath.Dir(path); !isDir(dir) {
		return usage("--baseline: no folder "+dir, "create it first")
	}
	var old []finding.Known
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		f.Baseline = "" // nothing is known yet
	} else if old, err = analyzer.ReadBaseline(path); err != nil {
		return err
	}
	r, ok, err := a.look(cmd, f)
	if err != nil || !ok {
		return err
	}
	now, known := current(r)
	rest := unseen(r, old, known)
	if err := replaceFile(path, baseline.Format(slices.Concat(now, rest))); err != nil {
		return err
	}
	facts := []string{number(len(now)-len(known), "new")}
	if len(known) > 0 {
		facts = append(facts, number(len(known), "known before"))
	}
	if n := len(old) - len(known) - len(rest); n > 0 {
		facts = append(facts, number(n, "taken out"))
	}
	if len(rest) > 0 {
		facts = append(facts, number(len(rest), "kept that this run could not find"))
	}
	return a.tell(report.Clean(path) + ": " + plural(len(now)+len(rest), "entry", "entries") + " (" + strings.Join(facts, ", ") + ")")
}

func (a *app) baselinePrune(cmd *cobra.Command, f *checkFlags) error {
	old, err := analyzer.ReadBaseline(f.Baseline)
	if err != nil {
		return err
	}
	r, ok, err := a.look(cmd, f)
	if err != nil || !ok {
		return err
	}
	gone := map[finding.Key]bool{}
	for _, k := range r.Stale {
		gone[k.Key] = true
	}
	left := slices.DeleteFunc(slices.Clone(old), func(k finding.Known) bool { return gone[k.Key] })
	lines := []string{report.Clean(f.Baseline) + ": nothing to take out, " + plural(len(left), "entry stays", "entries stay")}
	if len(gone) > 0 {
		if err := replaceFile(f.Baseline, baseline.Format(left)); err != nil {
			return err
		}
		lines[0] = report.Clean(f.Baseline) + ": took out " + plural(len(old)-len(left), "entry", "entries") + ", " + plural(len(left), "stays", "stay")
		for _, k := range r.Stale {
			lines = append(lines, "  "+report.Entry(k))
		}
	}
	return a.tell(lines...)
}

func (a *app) baselineShow() *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{
		Use:   "show",
		Short: "List the entries of the baseline",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.settleBaseline(cmd, f); err != nil {
				return err
			}
			path := f.Baseline
			known, err := analyzer.ReadBaseline(path)
			if err != nil {
				return err
			}
			lines := []string{report.Clean(path) + ": " + plural(len(known), "entry", "entries")}
			for _, k := range known {
				s := "  " + report.Entry(k)
				if k.Reason != "" {
					s += ": " + report.Clean(k.Reason)
				}
				lines = append(lines, s)
			}
			return a.tell(lines...)
		},
	}
	baselineFlag(cmd, &f.Baseline)
	f.registerFile(cmd)
	return cmd
}

// tellBaseline says on standard error what the exit code and the report do not
// say of the baseline.
func (a *app) tellBaseline(r *finding.Report, f *checkFlags) {
	if f.StrictBaseline && len(r.Stale) > 0 {
		a.say(plural(len(r.Stale), "entry of the baseline is stale", "entries of the baseline are stale"), "ormlint baseline prune removes what is gone")
	}
	if f.Baseline == "" || r.Run.Source != nil {
		return
	}
	known, err := analyzer.ReadBaseline(f.Baseline)
	if err == nil && slices.ContainsFunc(known, func(k finding.Known) bool { return k.Place != "" }) {
		a.say("the baseline was written with source, and none is read: its entries fit no finding", "--source names the project's folder")
	}
}

func (a *app) tell(lines ...string) error {
	_, err := a.stdout.WriteString(strings.Join(lines, "\n") + "\n")
	return err
}

func number(n int, what string) string { return strconv.Itoa(n) + " " + what }

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
