package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Names are those of the files that are looked for, in order: the first in a
// folder wins.
func Names() []string { return []string{"ormlint.toml", ".ormlint.toml", pyproject} }

// pyproject holds the settings in a table of its own.
const pyproject = "pyproject.toml"

// fileBytes is the largest file that is read.
const fileBytes = 1 << 20

// A File is a settings file that was read.
type File struct {
	// Path is the file's, Folder its folder's, both relative to the current
	// folder where that is possible.
	Path, Folder string
	Settings     Settings
	// Lines are those of the keys that it sets, from 1, with those of tables by
	// their whole name: thresholds.slow-query-ms, budgets."GET /".
	Lines map[string]int
	// Passed are files of the same folder that hold settings too and are not
	// read, relative to the current folder.
	Passed []string
}

// Find returns the path of the nearest settings file, from the current folder
// up to the one that holds .git, "" when there is none, and the files beside
// it that it stands above.
func Find() (path string, passed []string, err error) {
	here, err := os.Getwd()
	if err != nil {
		return "", nil, fmt.Errorf("find the current folder: %w", err)
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		var found []string
		for _, name := range Names() {
			full := filepath.Join(dir, name)
			if isSettings(full) {
				found = append(found, shown(here, full))
			}
		}
		if len(found) > 0 {
			return found[0], found[1:], nil
		}
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil || filepath.Dir(dir) == dir {
			return "", nil, nil
		}
	}
}

// shown is a path as the user would write it in a folder.
func shown(here, path string) string {
	if rel, err := filepath.Rel(here, path); err == nil {
		return rel
	}
	return path
}

// isSettings reports whether a file is there and, if it is other tools' too,
// has a table for this one. A pyproject.toml that never names ormlint may be as
// broken as it likes; one that cannot be read counts, so that Load says why.
func isSettings(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	if filepath.Base(path) != pyproject {
		return true
	}
	text, err := read(path)
	if err != nil {
		return true
	}
	if !bytes.Contains(text, []byte("ormlint")) {
		return false
	}
	root, bad := parse(text)
	return bad != nil || tableOf(root) != nil
}

// tableOf returns [tool.ormlint], nil when there is none.
func tableOf(root *value) *value {
	tool := root.find("tool")
	if tool == nil {
		return nil
	}
	own := tool.find("ormlint")
	if own == nil {
		return nil
	}
	return own.value
}

// read returns the text of a file without a byte order mark.
func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, fileBytes+1))
	if err != nil {
		return nil, err
	}
	if len(text) > fileBytes {
		return nil, errors.New("larger than 1 MiB")
	}
	return bytes.TrimPrefix(text, []byte("\uFEFF")), nil
}

// Load reads a settings file, whose path is relative to the current folder or
// absolute. Its error is an *Error with all that is wrong in the file.
func Load(path string) (*File, error) {
	text, err := read(path)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err // without the path and Go's name of the call
		}
		return nil, &Error{Path: path, Problems: []Problem{{Msg: "cannot be read: " + err.Error()}}}
	}
	f := &File{Path: path, Folder: filepath.Dir(path), Settings: Default(), Lines: map[string]int{}}
	root, bad := parse(text)
	if bad != nil {
		return nil, &Error{Path: path, Problems: []Problem{*bad}}
	}
	if filepath.Base(path) == pyproject {
		if root = tableOf(root); root == nil {
			return nil, &Error{Path: path, Problems: []Problem{{Msg: "no table [tool.ormlint]", Hint: "settings of ormlint stand in it"}}}
		}
	}
	r := &reader{text: text, folder: f.Folder, lines: f.Lines}
	r.settings(root, &f.Settings)
	if err := r.err(path); err != nil {
		return nil, err
	}
	return f, nil
}

// At is a path of the file as one that can be opened from the current folder.
func (f *File) At(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(f.Folder, filepath.FromSlash(path))
}
