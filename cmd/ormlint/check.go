package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/baseline"
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/report"
	"github.com/ormlint/ormlint/analyzer/spelling"
	"github.com/ormlint/ormlint/rules"
)

// topDefault is how many findings text shows: what a person reads in one go.
const topDefault = 10

// interruptGrace is how long an interrupted run may take to stop by itself; a
// read from a terminal or a slow pipe may never return.
const interruptGrace = 2 * time.Second

// checkFlags are the flags of check as the user gave them.
type checkFlags struct {
	settingFlags
	format, color     string
	outputs, budgets  []string
	top               int
	allowEmpty, quiet bool
	hideSuppressed    bool
	diff, unsafeFixes bool
}

func (a *app) checkCommand() *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{
		Use:   "check [PATH…]",
		Short: "Read query logs and rank what wastes database time",
		Long: "Read query logs, Django source or both, and rank what wastes database time.\n\n" +
			"A PATH is a file, a folder, a glob, or - for standard input; formats and compression are\n" +
			"detected. With source (by itself the current folder, when that holds a Django project)\n" +
			"findings name the queryset's line; without a PATH the source is read alone.\n" +
			"Exit code 0: clean, 1: findings at or above --fail-on, 2: wrong usage, an input that\n" +
			"could not be read, or no statement at all, 3: internal error.",
		Example: "  ormlint check postgresql.log\n" +
			"  ormlint check logs/ --schema schema.sql --fail-on error\n" +
			"  ormlint check postgresql.log --source backend/\n" +
			"  ormlint check --source .\n" +
			"  zcat old.log.gz | ormlint check - --output json=report.json",
		RunE: func(cmd *cobra.Command, args []string) error {
			f.Paths = args
			return a.check(cmd, f)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.format, "format", "text", "what to print on standard output: "+strings.Join(formats(), ", "))
	fl.BoolVar(&f.diff, "diff", false, "print the rewrites that keep results as they are, as one diff, instead of the report")
	fl.BoolVar(&f.unsafeFixes, "unsafe-fixes", false, "with --diff: all rewrites")
	fl.StringArrayVar(&f.outputs, "output", nil, "also write a report to a file, as `FORMAT=PATH`; PATH - prints it below the text; repeatable")
	fl.IntVar(&f.top, "top", topDefault, "how many findings and endpoints text shows, 0 for all")
	f.register(cmd)
	f.registerFailOn(cmd)
	f.registerBudgets(cmd)
	fl.StringVar(&f.Baseline, "baseline", "", "a `FILE` of findings that are known and do not count: ormlint baseline write makes it")
	fl.BoolVar(&f.StrictBaseline, "strict-baseline", false, "exit 1 when the baseline has entries that are not found any more")
	fl.StringVar(&f.NewSince, "new-from-merge-base", "", "only findings of which a line changed since HEAD left this git `REF`, origin/main say")
	f.registerLogs(cmd, "")
	fl.BoolVar(&f.allowEmpty, "allow-empty", false, "inputs without any statement are fine")
	fl.BoolVar(&f.hideSuppressed, "hide-suppressed", false, "leave suppressed findings out of sarif: GitHub's code scanning shows them as open")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "print findings only, nothing when there are none")
	fl.StringVar(&f.color, "color", "auto", "auto, always, never")
	complete(cmd, "format", formats())
	complete(cmd, "color", colors())
	return cmd
}

func colors() []string { return []string{"auto", "always", "never"} }

func formats() []string {
	var names []string
	for _, p := range report.Printers() {
		names = append(names, p.Name)
	}
	return names
}

func complete(cmd *cobra.Command, flag string, values []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // no such flag: our mistake
	}
}

func (a *app) check(cmd *cobra.Command, f *checkFlags) error {
	if err := f.validate(); err != nil {
		return err
	}
	if _, err := a.settle(cmd, &f.settingFlags, f.quiet); err != nil {
		return err
	}
	if len(f.Paths) == 0 && (f.Source == "" || f.NoSource) {
		fmt.Fprintln(a.stderr, "Usage: "+cmd.UseLine())
		return usage("no input", "name a log file, a folder, a glob, or - for standard input; or --source with a Django project")
	}
	outputs, err := parseOutputs(f.outputs)
	if err != nil {
		return err
	}
	if err := f.addBudgets(); err != nil {
		return err
	}
	if f.StrictBaseline && f.Baseline == "" {
		return usage("--strict-baseline without a baseline", "--baseline "+baseline.Name)
	}
	r, err := a.metered(cmd.Context(), f.Config, f.quiet)
	if err != nil {
		return err
	}
	a.code = exitCode(r, f)
	opts := report.For(a.stdout, f.color, a.getenv)
	opts.Top, opts.Quiet, opts.Source, opts.Rules = f.top, f.quiet, sourceText(r), catalogue()
	opts.Fails = func(x *finding.Finding) bool { return fails(x, f.failOn) }
	opts.HideSuppressed = f.hideSuppressed
	plain := opts // for files: no colour, the default width
	plain.Color, plain.Width = false, 0
	var failed []error // of files; whatever they do, the report is printed
	for _, o := range outputs {
		if o.path != stdout {
			failed = append(failed, o.write(r, plain))
		}
	}
	a.tellBaseline(r, f)
	if f.diff {
		err = a.printDiff(r, f.unsafeFixes)
		a.problems(r, f, false)
	} else {
		err = a.print(r, f, opts)
		for _, o := range outputs {
			if o.path == stdout {
				failed = append(failed, o.printer.Print(a.stdout, r, opts))
			}
		}
		if f.annotates(outputs, a.getenv) {
			failed = append(failed, report.GitHub(a.stderr, r, opts))
		}
	}
	if e := errors.Join(failed...); e != nil {
		return e
	}
	return err
}

// annotates tells whether annotations go with the text: in GitHub Actions,
// unless they are asked for. They go to standard error, which the runner reads
// too, so that standard output is the report alone.
func (f *checkFlags) annotates(outputs []output, getenv func(string) string) bool {
	asked := slices.ContainsFunc(outputs, func(o output) bool { return o.printer.Name == "github" })
	return getenv("GITHUB_ACTIONS") == "true" && f.format == "text" && !asked
}

// print writes the report to standard output and what went wrong to standard
// error, last, where the eye is. Text about nothing is not worth printing.
func (a *app) print(r *finding.Report, f *checkFlags, opts report.Options) error {
	text := f.format == "text"
	empty := r.Run.Statements == 0 && !f.mayBeEmpty()
	var err error
	if !text || !empty {
		p, _ := report.Find(f.format)
		err = p.Print(a.stdout, r, opts)
	}
	a.problems(r, f, text && !empty && !f.quiet)
	return err
}

// problems tells standard error of inputs that could not be read; shown: the
// report tells of them, but for those that end the run in exit 2.
func (a *app) problems(r *finding.Report, f *checkFlags, shown bool) {
	for i := range r.Run.Inputs {
		in := &r.Run.Inputs[i]
		if in.Problem != "" && (!shown || fatal(in, f)) {
			lines := report.ProblemLines(in)
			lines[0] = report.Clean(in.Path) + ": " + in.Problem // a line end in a path starts no line
			a.say(strings.Join(lines, "\n"), in.Hint)
		}
	}
	if r.Run.Statements == 0 && !f.mayBeEmpty() {
		a.say("no statement was read", emptyHint(r))
	}
}

func emptyHint(r *finding.Report) string {
	for i := range r.Run.Inputs {
		if r.Run.Inputs[i].Problem != "" {
			return "" // said already
		}
	}
	return "set log_min_duration_statement = 0 in postgresql.conf, or pass --allow-empty"
}

// metered is analyze with a meter where standard error is a terminal.
func (a *app) metered(ctx context.Context, c analyzer.Config, quiet bool) (*finding.Report, error) {
	var m *meter
	if !quiet && report.Terminal(a.stderr) {
		m = newMeter(a.stderr)
		c.Progress = m.update
	}
	defer m.clear()
	return a.analyze(ctx, c)
}

// analyze runs the analyzer so that its panics reach main and an interrupt
// ends it even while a read hangs.
func (a *app) analyze(ctx context.Context, c analyzer.Config) (*finding.Report, error) {
	type outcome struct {
		r   *finding.Report
		err error
	}
	done := make(chan outcome, 1)
	go func() {
		defer func() {
			if p := recover(); p != nil {
				done <- outcome{nil, &bug{p, debug.Stack()}}
			}
		}()
		r, err := a.run(ctx, c)
		done <- outcome{r, err}
	}()
	select {
	case o := <-done:
		return o.r, o.err
	case <-ctx.Done():
	}
	select {
	case o := <-done:
		if o.err != nil {
			return nil, o.err
		}
	case <-time.After(interruptGrace):
	}
	return nil, ctx.Err()
}

// validate checks what the flag parser cannot.
func (f *checkFlags) validate() error {
	if !slices.Contains(formats(), f.format) {
		return unknownValue("--format", f.format, formats())
	}
	if err := f.settingFlags.validate(); err != nil {
		return err
	}
	if !slices.Contains(colors(), f.color) {
		return unknownValue("--color", f.color, colors())
	}
	if in := f.Config.Format; in != "" && !slices.Contains(analyzer.Formats(), in) {
		return unknownValue("--input-format", in, analyzer.Formats())
	}
	for _, v := range []struct {
		flag  string
		value int
	}{{"top", f.top}, {"workers", f.Workers}} {
		if v.value < 0 {
			return usage(fmt.Sprintf("--%s %d: below 0", v.flag, v.value), "")
		}
	}
	if i := slices.IndexFunc(f.outputs, func(o string) bool { return strings.HasSuffix(o, "="+stdout) }); i >= 0 && (f.diff || f.format != "text") {
		has := "the diff"
		if !f.diff {
			has = "the report as " + f.format
		}
		return usage("--output "+f.outputs[i]+": standard output has "+has, "name a file, or leave out --diff and --format")
	}
	if f.diff && f.format != "text" {
		return usage("--diff and --format "+f.format+" do not go together", "--output "+f.format+"=PATH writes a report besides the diff")
	}
	return nil
}

func unknownValue(flag, value string, known []string) error {
	hint := "one of " + strings.Join(known, ", ")
	if near := spelling.Nearest(value, known); near != "" {
		hint = "did you mean " + near
	}
	return usage(fmt.Sprintf("%s: unknown value %q", flag, value), hint)
}

// knownRules refuses values that select no rule.
func knownRules(flag string, values []string) error {
	for _, v := range values {
		if v != "" && (rules.Find(v) != nil || isPrefix(v)) {
			continue
		}
		return unknownRule(flag+": ", v)
	}
	return nil
}

func isPrefix(v string) bool {
	return slices.ContainsFunc(rules.All(), func(r *rules.Rule) bool {
		return strings.HasPrefix(r.Code, strings.ToUpper(v))
	})
}

func unknownRule(where, name string) error {
	hint := "ormlint rules lists them"
	if near := spelling.Nearest(name, ruleNames()); near != "" {
		hint = "did you mean " + near
	}
	return usage(fmt.Sprintf("%sno rule %q", where, name), hint)
}

// ruleNames are the codes and names of all rules.
func ruleNames() []string {
	var names []string
	for _, r := range rules.All() {
		names = append(names, r.Code, r.Name)
	}
	return names
}

func exitCode(r *finding.Report, f *checkFlags) int {
	for i := range r.Run.Inputs {
		if fatal(&r.Run.Inputs[i], f) {
			return exitUsage
		}
	}
	if r.Run.Statements == 0 && !f.mayBeEmpty() {
		return exitUsage
	}
	for i := range r.Findings {
		if fails(&r.Findings[i], f.failOn) {
			return exitFindings
		}
	}
	if f.StrictBaseline && len(r.Stale) > 0 {
		return exitFindings
	}
	return exitClean
}

// fatal tells whether an input that could not be read ends the run in exit 2:
// one that the user named does, one found in a folder or by a glob does not.
func fatal(in *finding.Input, f *checkFlags) bool {
	return in.Problem != "" && !in.Empty && slices.Contains(f.Paths, in.Path)
}

func fails(f *finding.Finding, failOn string) bool {
	if f.Confidence < finding.Likely {
		return false
	}
	switch failOn {
	case "note":
		return true
	case "warning":
		return f.Severity >= finding.Warning
	case "error":
		return f.Severity >= finding.Error
	}
	return false
}
