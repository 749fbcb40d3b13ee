// Command ormlint reads the query logs of applications and ranks the ORM
// rewrites that would save the most database time.
//
// docs/cli.md describes its commands, flags and exit codes.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/config"
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/report"
	"github.com/ormlint/ormlint/analyzer/spelling"
)

// The exit codes; docs/cli.md promises them.
const (
	exitClean       = 0
	exitFindings    = 1   // at or above --fail-on
	exitUsage       = 2   // also an input that could not be read, or no statement
	exitInternal    = 3   // our bug
	exitInterrupted = 130 // as shells report SIGINT
)

func main() {
	// A reader that goes away (| head) must end in EPIPE, which is no error
	// here, not in death by signal.
	signal.Ignore(syscall.SIGPIPE)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop) // a second interrupt kills
	a := &app{stdout: os.Stdout, stderr: os.Stderr, stdin: os.Stdin, getenv: os.Getenv, run: analyzer.Run}
	os.Exit(a.main(ctx, os.Args[1:]))
}

// An app is one run of the command.
type app struct {
	stdout, stderr *os.File
	getenv         func(string) string
	stdin          io.Reader
	run            func(context.Context, analyzer.Config) (*finding.Report, error)
	code           int // set by commands that end without an error
}

// usage is the error for a mistake in the command line.
func usage(msg, hint string) error { return &analyzer.UsageError{Msg: msg, Hint: hint} }

// A bug is a panic on its way to the user.
type bug struct {
	value any
	stack []byte
}

func (b *bug) Error() string { return fmt.Sprint(b.value) }

// main runs one command line and returns the exit code.
func (a *app) main(ctx context.Context, args []string) (code int) {
	defer func() {
		if p := recover(); p != nil {
			code = a.fail(&bug{p, debug.Stack()})
		}
	}()
	root := a.root()
	root.SetArgs(args)
	if err := root.ExecuteContext(ctx); err != nil {
		return a.fail(err)
	}
	return a.code
}

// fail tells the user what went wrong and returns the exit code for it.
func (a *app) fail(err error) int {
	var wrong *analyzer.UsageError
	var settings *config.Error
	var b *bug
	switch {
	case errors.Is(err, syscall.EPIPE):
		return a.code
	case errors.Is(err, context.Canceled):
		a.say("interrupted", "")
		return exitInterrupted
	case errors.As(err, &b):
		hint := "this is a bug in ormlint: please report it with the output of ORMLINT_DEBUG=1"
		if a.getenv("ORMLINT_DEBUG") != "" {
			a.stderr.Write(b.stack)
			hint = "this is a bug in ormlint: please report it with the stack above"
		}
		a.say("internal error: "+b.Error(), hint)
		return exitInternal
	case errors.As(err, &settings):
		for i, p := range settings.Problems {
			a.say(strings.ReplaceAll(settings.Line(i), "\n", " "), p.Hint)
		}
	case errors.As(err, &wrong):
		a.say(wrong.Msg, wrong.Hint)
	default:
		a.say(err.Error(), "")
	}
	return exitUsage
}

// say writes a message and a hint for the user to standard error. Lines of
// msg after the first are shown indented.
func (a *app) say(msg, hint string) {
	for i, line := range strings.Split(msg, "\n") {
		if i == 0 {
			fmt.Fprintln(a.stderr, "ormlint: "+report.Clean(line))
			continue
		}
		fmt.Fprintln(a.stderr, "  "+report.Clean(line))
	}
	if hint != "" {
		fmt.Fprintln(a.stderr, "ormlint: hint: "+report.Clean(hint))
	}
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "ormlint",
		Short: "Find the query patterns that waste your database's time",
		Long: "ormlint reads the SQL that an application really ran, from its query logs, finds the\n" +
			"patterns that waste database time, and names the ORM rewrite that removes each one.",
		Example:       "  ormlint check /var/log/postgresql/\n  ormlint explain n-plus-one",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs, // for a better message than cobra's
	}
	root.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			fmt.Fprint(a.stderr, cmd.UsageString())
			return usage("no command", "ormlint check app.log")
		}
		return unknownCommand(cmd, args[0])
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(a.checkCommand(), a.fixCommand(), a.diffCommand(), a.baselineCommand(), a.rulesCommand(), a.explainCommand(), a.configCommand(), a.versionCommand())
	return root
}

func unknownCommand(root *cobra.Command, name string) error {
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	hint := root.CommandPath() + " --help lists the commands"
	if near := spelling.Nearest(name, names); near != "" {
		hint = "did you mean " + root.CommandPath() + " " + near
	} else if _, err := os.Stat(name); err == nil && !root.HasParent() {
		hint = "to read a log: ormlint check " + name
	}
	return usage(fmt.Sprintf("unknown command %q", name), hint)
}

func flagNames(cmd *cobra.Command) []string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// flagError words the errors of the flag parser.
func flagError(cmd *cobra.Command, err error) error {
	msg, _, _ := strings.Cut(err.Error(), ": strconv.")
	hint := cmd.CommandPath() + " --help lists the flags"
	if name, ok := strings.CutPrefix(msg, "unknown flag: --"); ok {
		if near := spelling.Nearest(name, flagNames(cmd)); near != "" {
			hint = "did you mean --" + near
		}
	}
	return usage(msg, hint)
}
