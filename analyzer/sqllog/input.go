package sqllog

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/glob"
)

// An Input is one file, or standard input.
type Input struct {
	Path string // as the user gave it, or found in a folder; "-": standard input
	Open func() (io.ReadCloser, error)
	Size int64  // -1: not known
	Left string // why a folder's file is left out; "": read it
}

// peekBytes is how much of a folder's file tells whether it is a log.
const peekBytes = 64 << 10

// Expand turns the paths that a user gave into inputs: files, folders (all
// files in them and below), globs with **, and "-". Inputs come in the order
// given, inside a folder or glob by name. A folder's file that is no log, or
// the same log in a second format, comes with Left set. Each error is an
// *InputError for one of the paths.
func Expand(paths []string) ([]Input, []error) {
	var ins []Input
	var errs []error
	for _, p := range paths {
		found, err := expand(p)
		if err != nil {
			errs = append(errs, err)
		}
		ins = append(ins, found...)
	}
	return ins, errs
}

func expand(p string) ([]Input, error) {
	if p == "-" {
		return []Input{{Path: p, Size: -1, Open: func() (io.ReadCloser, error) { return io.NopCloser(os.Stdin), nil }}}, nil
	}
	fi, err := os.Stat(p)
	switch {
	case err == nil && fi.IsDir():
		return folder(p)
	case err == nil:
		return []Input{fileInput(p, fi.Size())}, nil
	case !strings.ContainsAny(p, "*?[{"):
		return nil, openError(p, err)
	}
	names, err := glob.Files(p)
	if err != nil {
		return nil, &InputError{Path: p, Problem: "bad glob pattern"}
	}
	if len(names) == 0 {
		return nil, &InputError{Path: p, Problem: "no file matches the glob", Expected: expected}
	}
	slices.Sort(names)
	var ins []Input
	for _, n := range names {
		size := int64(-1)
		if fi, err := os.Stat(n); err == nil {
			size = fi.Size()
		}
		ins = append(ins, fileInput(n, size))
	}
	return ins, nil
}

func fileInput(p string, size int64) Input {
	return Input{Path: p, Size: size, Open: func() (io.ReadCloser, error) { return os.Open(p) }}
}

// folder lists the files below root. Hidden files and folders are not looked at.
func folder(root string) ([]Input, error) {
	var ins []Input
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			if p == root {
				return err
			}
			return nil
		}
		if strings.HasPrefix(d.Name(), ".") && p != root {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		fi, err := os.Stat(p) // through links
		if err != nil || !fi.Mode().IsRegular() {
			return nil
		}
		in := fileInput(p, fi.Size())
		in.Left = whyNot(p)
		ins = append(ins, in)
		return nil
	})
	if err != nil {
		return nil, openError(root, err)
	}
	slices.SortFunc(ins, func(a, b Input) int { return strings.Compare(a.Path, b.Path) })
	leaveTwins(ins)
	if !slices.ContainsFunc(ins, func(in Input) bool { return in.Left == "" }) {
		return ins, &InputError{Path: root, Problem: fmt.Sprintf("no logs in this folder (%d files looked at)", len(ins)), Expected: expected}
	}
	return ins, nil
}

// whyNot says why a folder's file is no log; "" when it is one.
func whyNot(p string) string {
	f, err := os.Open(p)
	if err != nil {
		return "cannot be opened"
	}
	defer f.Close()
	r, _, err := unpack(f)
	if err != nil {
		return "cannot be decompressed"
	}
	head := make([]byte, peekBytes)
	n, _ := io.ReadFull(r, head)
	head = head[:n]
	switch {
	case n == 0:
		return "empty"
	case binaryData(head):
		return "binary"
	case guess(sampleOf(head)) == "":
		return "not a log"
	}
	return ""
}

// formatRank orders the formats of one server's log: json tells most.
var formatRank = [...]string{".json", ".csv", ".log"}

// leaveTwins leaves out the same log in a second format: the same path but for
// the ending.
func leaveTwins(ins []Input) {
	best := map[string]int{}
	rank := func(p string) (string, int) {
		base, packed := p, ""
		if e := filepath.Ext(p); e == ".gz" || e == ".zst" || e == ".bz2" || e == ".xz" {
			base, packed = strings.TrimSuffix(p, e), e
		}
		for k, e := range formatRank {
			if s, ok := strings.CutSuffix(base, e); ok {
				return s + packed, k
			}
		}
		return "", 0
	}
	for i, in := range ins {
		stem, k := rank(in.Path)
		if stem == "" || in.Left != "" || !postgresFile(in.Path) {
			continue
		}
		j, ok := best[stem]
		if !ok {
			best[stem] = i
			continue
		}
		if _, other := rank(ins[j].Path); k < other {
			best[stem], i, j = i, j, i
		}
		ins[i].Left = "the same log as " + filepath.Base(ins[j].Path)
	}
}

// postgresFile: only a server writes one log in several formats.
func postgresFile(p string) bool {
	f, err := os.Open(p)
	if err != nil {
		return false
	}
	defer f.Close()
	r, _, err := unpack(f)
	if err != nil {
		return false
	}
	head := make([]byte, peekBytes)
	n, _ := io.ReadFull(r, head)
	g := guess(sampleOf(bytes.Clone(head[:n])))
	return strings.HasPrefix(g, "postgres")
}
