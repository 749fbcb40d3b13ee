package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var update = flag.Bool("update", false, "rewrite the scripts' golden files and the docs' examples")

// TestDocs runs the ```console blocks of README.md and docs/*.md that begin
// with "$ ormlint" from the root of the repository and compares what they show.
// "$ echo $?" shows the exit code of the command before it; a line "…" stands
// for any lines, so that long output can be shown in part.
func TestDocs(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := 0
	for _, path := range append(pages, filepath.Join(root, "README.md")) {
		old, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) && strings.HasSuffix(path, "README.md") {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		now := runBlocks(t, root, string(old), &blocks)
		switch {
		case now == string(old):
		case *update:
			if err := os.WriteFile(path, []byte(now), 0o666); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("%s is out of date (-update rewrites it); it should be\n%s", path, now)
		}
	}
	if blocks == 0 {
		t.Error("no example found")
	}
}

// runBlocks returns the page with the output of its examples as it is now.
func runBlocks(t *testing.T, root, page string, blocks *int) string {
	t.Helper()
	const open, end = "```console\n$ ormlint", "\n```"
	var b strings.Builder
	for {
		i := strings.Index(page, open)
		if i < 0 {
			b.WriteString(page)
			return b.String()
		}
		i += len("```console\n")
		n := strings.Index(page[i:], end)
		if n < 0 {
			t.Fatalf("a block does not end: %.60q", page[i:])
		}
		*blocks++
		b.WriteString(page[:i])
		b.WriteString(runBlock(t, root, page[i:i+n]))
		page = page[i+n:]
	}
}

func runBlock(t *testing.T, root, block string) string {
	t.Helper()
	var out []string
	code := 0
	lines := strings.Split(block, "\n")
	for i := 0; i < len(lines); {
		command := lines[i]
		i++
		first := i
		for i < len(lines) && !strings.HasPrefix(lines[i], "$ ") {
			i++
		}
		var got string
		if command == "$ echo $?" {
			got = strconv.Itoa(code)
		} else {
			got, code = shell(t, root, strings.TrimPrefix(command, "$ "))
		}
		shown := strings.Join(lines[first:i], "\n")
		got = strings.TrimRight(got, "\n")
		if !matches(got, shown) {
			shown = got
		}
		out = append(out, command)
		if shown != "" {
			out = append(out, shown)
		}
	}
	return strings.Join(out, "\n")
}

// shell runs a line as a reader of the page would, with both outputs in one.
func shell(t *testing.T, root, line string) (string, int) {
	t.Helper()
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "COLUMNS=", "NO_COLOR=1", "GITHUB_ACTIONS=")
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v", line, err)
	}
	return b.String(), cmd.ProcessState.ExitCode()
}

// matches compares output with what a page shows of it: "…" on a line of its
// own stands for any number of lines.
func matches(got, shown string) bool {
	parts := strings.Split("\n"+shown+"\n", "\n…\n")
	got = "\n" + got + "\n"
	if len(parts) == 1 {
		return got == parts[0]
	}
	if !strings.HasPrefix(got, parts[0]+"\n") || !strings.HasSuffix(got, "\n"+parts[len(parts)-1]) {
		return false
	}
	for _, part := range parts {
		i := strings.Index(got, part)
		if i < 0 {
			return false
		}
		got = got[i+len(part):]
	}
	return true
}

// TestFlagsAreDocumented: each flag of each command stands in docs/cli.md or,
// where a command has a page of its own, there.
func TestFlagsAreDocumented(t *testing.T) {
	var pages strings.Builder
	for _, name := range []string{"cli", "config", "baseline", "diff"} {
		b, err := os.ReadFile("../../docs/" + name + ".md")
		if err != nil {
			t.Fatal(err)
		}
		pages.Write(b)
	}
	a := &app{}
	flags := 0
	var visit func(cmd *cobra.Command)
	visit = func(cmd *cobra.Command) {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			flags++
			if !strings.Contains(pages.String(), "`--"+f.Name) {
				t.Errorf("%s --%s stands on no page", cmd.CommandPath(), f.Name)
			}
		})
		for _, sub := range cmd.Commands() {
			visit(sub)
		}
	}
	visit(a.root())
	if flags < 30 {
		t.Errorf("%d flags seen", flags)
	}
}
