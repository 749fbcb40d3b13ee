package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/report"
)

// stdout as the PATH of an output is standard output, below the text.
const stdout = "-"

// An output is one --output FORMAT=PATH.
type output struct {
	printer report.Printer
	path    string
}

// parseOutputs checks the values before any work is done, so that an hour of
// reading never ends in "no such folder".
func parseOutputs(values []string) ([]output, error) {
	targets, err := parseTargets(values, formats())
	if err != nil {
		return nil, err
	}
	var outs []output
	for _, t := range targets {
		p, _ := report.Find(t.format)
		outs = append(outs, output{p, t.path})
	}
	return outs, nil
}

// A target is a file to write, and in which format.
type target struct{ format, path string }

// parseTargets checks FORMAT=PATH values of which known are the formats.
func parseTargets(values, known []string) ([]target, error) {
	var outs []target
	for _, v := range values {
		format, path, ok := strings.Cut(v, "=")
		if !ok || path == "" {
			return nil, usage(fmt.Sprintf("--output: %q is not FORMAT=PATH", v), "for example --output json=report.json")
		}
		if !slices.Contains(known, format) {
			return nil, unknownValue("--output", format, known)
		}
		if slices.ContainsFunc(outs, func(o target) bool { return o.path == path }) {
			return nil, usage(fmt.Sprintf("--output: %s is named twice", path), "")
		}
		if path == stdout {
			outs = append(outs, target{format, path})
			continue
		}
		if dir := filepath.Dir(path); !isDir(dir) {
			return nil, usage(fmt.Sprintf("--output: no folder %s", dir), "create it first")
		}
		if isDir(path) {
			return nil, usage(fmt.Sprintf("--output: %s is a folder", path), "name a file in it")
		}
		outs = append(outs, target{format, path})
	}
	return outs, nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// write puts the report into the file.
func (o output) write(r *finding.Report, opts report.Options) error {
	var b bytes.Buffer
	if err := o.printer.Print(&b, r, opts); err != nil {
		return err
	}
	if err := replaceFile(o.path, b.Bytes()); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	return nil
}

// replaceFile puts b into a file, whole or not at all. The error names the
// file.
func replaceFile(name string, b []byte) error {
	path := name
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // replace what a link points to, not the link
	}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return writeError(name, writeTo(path, os.O_WRONLY, b)) // a pipe or device cannot be replaced
	}
	temp := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%d.tmp", filepath.Base(path), os.Getpid()))
	// Not os.CreateTemp: it makes files that only their owner can read.
	if err := writeTo(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, b); err != nil {
		return writeError(temp, err)
	}
	if info != nil {
		if err := os.Chmod(temp, info.Mode().Perm()); err != nil {
			return errors.Join(writeError(name, err), os.Remove(temp))
		}
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(writeError(name, err), os.Remove(temp))
	}
	return nil
}

func writeTo(path string, flags int, b []byte) error {
	f, err := os.OpenFile(path, flags, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}

// writeError says what failed without Go's name of the system call; nil when
// nothing did.
func writeError(path string, err error) error {
	var pe *fs.PathError
	var le *os.LinkError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &pe):
		err = pe.Err
	case errors.As(err, &le):
		err = le.Err
	}
	return fmt.Errorf("write %s: %w", path, err)
}
