package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
)

// fixRounds is how often fix looks again after it made edits: for those that
// change the same lines as others, and for what shows only then. It ends when
// nothing is left to do; the limit is for edits that bring forth each other.
const fixRounds = 10

// fixFlags are the flags of fix as the user gave them.
type fixFlags struct {
	checkFlags
	dryRun bool
}

func (a *app) fixCommand() *cobra.Command {
	f := &fixFlags{}
	cmd := &cobra.Command{
		Use:   "fix [PATH…]",
		Short: "Change the source so that findings go away",
		Long: "Change the source so that findings go away.\n\n" +
			"Each finding's first rewrite that keeps results and behaviour as they are is made;\n" +
			"--unsafe-fixes takes the others too. PATHs are query logs as for check, and may be left out.\n" +
			"Files are replaced whole, never half written; one that changes meanwhile is left alone.\n" +
			"Exit code 0: all was done that can be, 2: wrong usage, an input that could not be read, or a\n" +
			"file that could not be changed, 3: internal error.",
		Example: "  ormlint fix --dry-run\n" +
			"  ormlint fix --source backend/ --select QP101\n" +
			"  ormlint fix postgresql.log --source backend/",
		RunE: func(cmd *cobra.Command, args []string) error {
			f.Paths = args
			return a.fix(cmd, f)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.BoolVar(&f.unsafeFixes, "unsafe-fixes", false, "make the rewrites too after which results or behaviour may differ")
	fl.BoolVar(&f.dryRun, "dry-run", false, "change nothing, print the changes as a diff")
	f.register(cmd)
	f.registerWorkers(cmd)
	return cmd
}

func (a *app) fix(cmd *cobra.Command, f *fixFlags) error {
	f.format, f.failOn, f.color = "text", "never", "never"
	if err := f.validate(); err != nil {
		return err
	}
	if _, err := a.settle(cmd, &f.settingFlags, false); err != nil {
		return err
	}
	if f.Source == "" && holdsDjango(".") {
		f.Source = "."
	}
	if f.Source == "" {
		fmt.Fprintln(a.stderr, "Usage: "+cmd.UseLine())
		return usage("no source to change", "run it in a Django project's folder, or name that with --source")
	}
	r, err := a.analyze(cmd.Context(), f.Config)
	if err != nil {
		return err
	}
	a.code = exitCode(r, &f.checkFlags)
	a.problems(r, &f.checkFlags, false)
	if f.dryRun {
		return a.printDiff(r, f.unsafeFixes)
	}
	return a.change(cmd, f, r)
}

// change makes the edits and looks again until there are none.
func (a *app) change(cmd *cobra.Command, f *fixFlags, r *finding.Report) error {
	var made, left []fixed
	var failed []error
	files := map[string]bool{}
	config := f.Config
	for round := 1; ; round++ {
		x := fixesOf(r, f.unsafeFixes)
		bad, err := a.write(r, x)
		for _, path := range rewrite.Paths(x.edits) {
			if !bad[path] {
				files[path] = true
			}
		}
		failed = append(failed, err)
		for _, m := range x.made {
			if touches(&m, bad) {
				m.why = "its file could not be changed"
				x.left = append(x.left, m)
				continue
			}
			made = append(made, m)
		}
		left = x.left
		if len(x.made) == 0 || len(bad) > 0 || round == fixRounds {
			break
		}
		config.Paths = nil // the log tells of the source as it was
		if r, err = a.analyze(cmd.Context(), config); err != nil {
			return errors.Join(append(failed, err)...)
		}
	}
	if err := a.list(fixedHead(len(made), len(files)), made); err != nil {
		return err
	}
	if len(made) == 0 {
		fmt.Fprintln(a.stdout, "nothing changed")
	}
	if err := a.list("left as they are", left); err != nil {
		return err
	}
	return errors.Join(failed...)
}

func fixedHead(findings, files int) string {
	return "fixed " + plural(findings, "finding", "findings") + " in " + plural(files, "file", "files")
}

// touches reports whether the rewrite that was made for a finding changes one
// of the files.
func touches(f *fixed, paths map[string]bool) bool {
	for _, rw := range f.Rewrites {
		if rw.Title != f.title {
			continue
		}
		for _, e := range rw.Edits {
			if paths[e.Span.Path] {
				return true
			}
		}
	}
	return false
}

// write makes the edits file by file; bad are those that stay as they are.
func (a *app) write(r *finding.Report, x *fixes) (bad map[string]bool, err error) {
	bad = map[string]bool{}
	text := sourceText(r)
	var failed []error
	for _, path := range rewrite.Paths(x.edits) {
		if e := writeFile(disk(r, path), text(path), rewrite.Of(path, x.edits)); e != nil {
			failed = append(failed, fmt.Errorf("%s: %w", path, e))
			bad[path] = true
		}
	}
	return bad, errors.Join(failed...)
}

// writeFile puts the edited text in the place of a file that was analysed as
// old. It refuses when the file holds anything else now.
func writeFile(path string, old []byte, edits []finding.Edit) error {
	now, err := rewrite.Apply(old, edits)
	if err != nil {
		return err
	}
	path, err = filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".ormlint-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // gone when all went well
	_, err = temp.Write(now)
	err = errors.Join(err, temp.Chmod(info.Mode().Perm()), temp.Close())
	if err != nil {
		return err
	}
	if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, old) {
		return errors.New("it was changed since it was read; run again")
	}
	return os.Rename(temp.Name(), path)
}
