package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ormlint/ormlint/analyzer/compare"
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/report"
	"github.com/ormlint/ormlint/rules"
)

// diffFlags are the flags of diff as the user gave them. Those of checkFlags
// say how logs among the two are read.
type diffFlags struct {
	checkFlags
	failOnRegression bool
}

func (a *app) diffCommand() *cobra.Command {
	f := &diffFlags{}
	cmd := &cobra.Command{
		Use:   "diff BASE HEAD",
		Short: "Compare two runs: queries, time, and which patterns came and went",
		Long: "Compare two runs: queries, time, and which patterns came and went.\n\n" +
			"BASE and HEAD are each a JSON report of ormlint check, or a log, a folder of logs or a glob,\n" +
			"which is read as check reads it; one of them may be - for standard input. Everything is\n" +
			"compared per unit of work, so the two need not be equally long.\n" +
			"Exit code 0: compared, 1: a regression, with --fail-on-regression, 2: wrong usage, or one\n" +
			"that could not be read, 3: internal error.",
		Example: "  ormlint diff base.json head.json\n" +
			"  ormlint diff main.log branch.log --fail-on-regression\n" +
			"  ormlint diff base.json head.json --format markdown --output json=diff.json",
		Args: cobra.ArbitraryArgs, // for a better message than cobra's
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.diff(cmd, f, args)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.format, "format", "text", "what to print on standard output: "+strings.Join(deltaFormats(), ", "))
	fl.StringArrayVar(&f.outputs, "output", nil, "also write the comparison to a file, as `FORMAT=PATH`; repeatable")
	fl.IntVar(&f.top, "top", topDefault, "how many endpoints and findings each list of text and markdown shows, 0 for all")
	fl.BoolVar(&f.failOnRegression, "fail-on-regression", false, "exit 1 when head is worse beyond noise (docs/diff.md says what that is)")
	f.register(cmd)
	f.registerBudgets(cmd)
	fl.StringVar(&f.Baseline, "baseline", "", "logs: a `FILE` of findings that are known and do not count: ormlint baseline write makes it")
	f.registerLogs(cmd, "logs: ")
	fl.BoolVar(&f.allowEmpty, "allow-empty", false, "logs without any statement are fine")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "print new and worse findings only")
	fl.StringVar(&f.color, "color", "auto", "auto, always, never")
	complete(cmd, "format", deltaFormats())
	complete(cmd, "color", colors())
	return cmd
}

func deltaFormats() []string {
	var names []string
	for _, p := range report.DeltaPrinters() {
		names = append(names, p.Name)
	}
	return names
}

func (a *app) diff(cmd *cobra.Command, f *diffFlags, args []string) error {
	if len(args) != 2 {
		fmt.Fprintln(a.stderr, "Usage: "+cmd.UseLine())
		return usage(fmt.Sprintf("diff compares two runs, got %d", len(args)), "name a JSON report or a log for each: ormlint diff base.json head.json")
	}
	if args[0] == "-" && args[1] == "-" {
		return usage("only one of the two can be standard input", "")
	}
	printer, ok := report.FindDelta(f.format)
	if !ok {
		return unknownValue("--format", f.format, deltaFormats())
	}
	f.format, f.failOn = "text", "never" // what validate knows of them is check's
	if err := f.validate(); err != nil {
		return err
	}
	targets, err := parseTargets(f.outputs, deltaFormats())
	if err != nil {
		return err
	}
	if _, err := a.settle(cmd, &f.settingFlags, f.quiet); err != nil {
		return err
	}
	if err := f.addBudgets(); err != nil {
		return err
	}
	var sides [2]*finding.Report
	logs, baseIsLog := 0, false
	for i, arg := range args {
		var log bool
		if sides[i], log, err = a.side(cmd.Context(), f, arg); err != nil {
			return err
		}
		if log {
			logs++
			baseIsLog = baseIsLog || i == 0
		}
	}
	if logs == 0 && len(f.budgets) > 0 {
		return usage("--budget says nothing of two reports", "budgets are checked when a log is read: give them to ormlint check")
	}
	if a.code != exitClean {
		return nil // told already
	}
	if baseIsLog {
		observed(sides[0])
		observed(sides[1])
	}
	d := compare.Compare(sides[0], sides[1])
	d.Base.Name, d.Head.Name = args[0], args[1]
	if f.failOnRegression && regressed(&d) {
		a.code = exitFindings
	}
	opts := report.For(a.stdout, f.color, a.getenv)
	opts.Top, opts.Quiet = f.top, f.quiet
	return a.printDelta(&d, printer, targets, opts)
}

// observed leaves of a report what a log shows. The source that a base's log is
// read with is head's: what that shows by itself was not there before.
func observed(r *finding.Report) {
	inferred := func(f finding.Finding) bool { return !slices.Contains(f.Evidence, finding.Observed) }
	r.Findings, r.Suppressed = slices.DeleteFunc(r.Findings, inferred), slices.DeleteFunc(r.Suppressed, inferred)
}

func regressed(d *finding.Delta) bool {
	return slices.ContainsFunc(d.Findings, func(f finding.FindingDelta) bool { return f.Regressed }) ||
		slices.ContainsFunc(d.Endpoints, func(e finding.EndpointDelta) bool { return e.Regressed() })
}

func (a *app) printDelta(d *finding.Delta, p report.DeltaPrinter, targets []target, opts report.Options) error {
	var failed []error // of files; whatever they do, the comparison is printed
	var below bytes.Buffer
	for _, t := range targets {
		to, _ := report.FindDelta(t.format)
		var b bytes.Buffer
		if err := to.Print(&b, d, report.Options{Top: opts.Top, Quiet: opts.Quiet}); err != nil {
			return err
		}
		if t.path == stdout {
			below.Write(b.Bytes())
			continue
		}
		if err := replaceFile(t.path, b.Bytes()); err != nil {
			failed = append(failed, fmt.Errorf("--output: %w", err))
		}
	}
	err := p.Print(a.stdout, d, opts)
	if err == nil {
		_, err = a.stdout.Write(below.Bytes())
	}
	if e := errors.Join(failed...); e != nil {
		return e
	}
	return err
}

// side gives the report of one side: read where it is one, else made from the
// log, as the second value says. What could not be read is told on standard error and makes the exit
// code 2.
func (a *app) side(ctx context.Context, f *diffFlags, path string) (*finding.Report, bool, error) {
	in, is, err := openSide(a.stdin, path)
	if err != nil {
		return nil, false, fmt.Errorf("%s: %w", path, withoutOp(err))
	}
	if is {
		defer in.Close()
		r, err := readReport(f, path, in)
		return r, false, err
	}
	c := f.checkFlags
	c.Paths = []string{path}
	if in != nil { // was looked at, and cannot be opened again
		defer in.Close()
		c.Paths, c.Stdin = []string{"-"}, in
	}
	r, err := a.metered(ctx, c.Config, f.quiet)
	if err != nil {
		return nil, false, err
	}
	a.problems(r, &c, false)
	a.code = max(a.code, exitCode(r, &c))
	return r, true, nil
}

// readReport reads a report, and leaves of its findings those that --select
// and --ignore do.
func readReport(f *diffFlags, path string, in io.Reader) (*finding.Report, error) {
	r, err := report.Read(in)
	var bad *report.ReadError
	switch {
	case errors.As(err, &bad) && bad.Line > 0:
		return nil, usage(fmt.Sprintf("%s:%d:%d: %s", path, bad.Line, bad.Column, bad.Msg), bad.Hint)
	case errors.As(err, &bad):
		return nil, usage(path+": "+bad.Msg, bad.Hint)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, withoutOp(err))
	}
	sel, _, _ := rules.Codes(f.Select) // known to be good
	ignore, _, _ := rules.Codes(f.Ignore)
	left := func(x finding.Finding) bool { return len(sel) > 0 && !sel[x.Code] || ignore[x.Code] }
	r.Findings, r.Suppressed = slices.DeleteFunc(r.Findings, left), slices.DeleteFunc(r.Suppressed, left)
	return r, nil
}

// sniffBytes is how much of a file is looked at to tell a report from a log.
const sniffBytes = 64 << 10

// openSide opens a path and tells whether it holds a report. A log that can be
// opened again, a folder or a glob is the analyzer's to open: in is nil then.
func openSide(stdin io.Reader, path string) (in io.ReadCloser, is bool, err error) {
	file := io.NopCloser(stdin)
	regular := false
	if path != "-" {
		info, err := os.Stat(path)
		if err != nil || info.IsDir() {
			return nil, false, nil // the analyzer has the words for it
		}
		if file, err = os.Open(path); err != nil {
			return nil, false, err
		}
		regular = info.Mode().IsRegular() // else a pipe: <(git show main:report.json)
	}
	head, err := peek(file)
	if err != nil {
		return nil, false, errors.Join(err, file.Close())
	}
	is = isReport(path, head)
	if regular && !is {
		return nil, false, file.Close()
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), file), file}, is, nil
}

func peek(r io.Reader) ([]byte, error) {
	head := make([]byte, sniffBytes)
	n, err := io.ReadFull(r, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return head[:n], err
}

// isReport tells a report from a log by its beginning: it is one JSON object,
// on several lines or with its schema version, while in a log of JSON lines
// each line is a whole object. A file called .json that begins otherwise was
// meant to be a report: reading it says what is wrong.
func isReport(path string, head []byte) bool {
	text := bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff")))
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	switch {
	case !bytes.HasPrefix(text, []byte("{")):
		return strings.HasSuffix(path, ".json")
	case len(rest) > 0 && json.Valid(first):
		return false
	}
	return len(bytes.TrimSpace(first)) == 1 || bytes.Contains(text, []byte(`"schema_version"`))
}

// withoutOp is err without Go's name of the system call.
func withoutOp(err error) error {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
