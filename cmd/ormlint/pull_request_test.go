package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aymanbagabas/go-udiff"

	"github.com/ormlint/ormlint/analyzer/report"
)

// pullRequests is how often each endpoint was asked for in the logs of the
// pull request: enough to compare times.
const pullRequests = 12

// A request is what one call of an endpoint runs.
type request struct {
	route, view string
	first       string
	each        string // once for each of n rows, %d is a key
	n           int
}

const (
	books   = `SELECT "shop_book"."id", "shop_book"."title", "shop_book"."author_id" FROM "shop_book"`
	authors = `SELECT "shop_author"."id", "shop_author"."name" FROM "shop_author"`
	orders  = `SELECT "shop_order"."id", "shop_order"."book_id", "shop_order"."paid" FROM "shop_order"`
	author  = authors + ` WHERE "shop_author"."id" = %d LIMIT 21`
)

// before and after are the requests that testdata/pull's two versions make:
// what PostgreSQL logged when they ran on Django 5.2.
var (
	before = []request{
		{"books/", "shop.views.book_list", `SELECT "shop_book"."id", "shop_book"."title", "shop_book"."author_id", "shop_author"."id", "shop_author"."name" FROM "shop_book" INNER JOIN "shop_author" ON ("shop_book"."author_id" = "shop_author"."id") ORDER BY "shop_book"."id" ASC LIMIT 40`, "", 0},
		{"authors/", "shop.views.author_list", authors + ` ORDER BY "shop_author"."id" ASC LIMIT 20`, "", 0},
		{"orders/", "shop.views.order_list", orders + ` ORDER BY "shop_order"."id" ASC LIMIT 20`, "", 0},
	}
	after = []request{
		{"books/", "shop.views.book_list", books + ` ORDER BY "shop_book"."id" ASC LIMIT 40`, author, 40},
		{"authors/", "shop.views.author_list", before[1].first, `SELECT COUNT(*) AS "__count" FROM "shop_book" WHERE "shop_book"."author_id" = %d`, 20},
		{"orders/", "shop.views.order_list", before[2].first, books + ` WHERE "shop_book"."id" = %d LIMIT 21`, 20},
		{"paid/", "shop.views.mark_paid", orders + ` WHERE NOT "shop_order"."paid" ORDER BY "shop_order"."id" ASC LIMIT 5`, `UPDATE "shop_order" SET "paid" = true WHERE "shop_order"."id" = %d`, 5},
		{"titles/", "shop.views.title_list", books + ` ORDER BY "shop_book"."title" ASC LIMIT 9`, author, 9},
	}
)

// pullLog writes what a PostgreSQL with log_min_duration_statement = 0 logs of
// some rounds of the requests, which sqlcommenter tagged.
func pullLog(requests []request, rounds int) []byte {
	var b bytes.Buffer
	at := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	id := 0
	for round := range rounds {
		for _, q := range requests {
			id++
			tags := fmt.Sprintf("/*controller='%s',framework='django%%3A5.2',route='%s',traceparent='00-%032x-%016x-01'*/",
				q.view, strings.ReplaceAll(q.route, "/", "%2F"), id, id)
			line := func(sql string, took time.Duration) {
				at = at.Add(took + 100*time.Microsecond)
				fmt.Fprintf(&b, "%s UTC [%d] app@shop LOG:  duration: %.3f ms  statement: %s %s\n",
					at.Format("2006-01-02 15:04:05.000"), 4000+round%3, float64(took.Microseconds())/1000, sql, tags)
			}
			line(q.first, 2*time.Millisecond+time.Duration(id*37%200)*time.Microsecond)
			for k := range q.n {
				line(fmt.Sprintf(q.each, 1+k), 400*time.Microsecond+time.Duration((id+k)*53%90)*time.Microsecond)
			}
			at = at.Add(30 * time.Millisecond)
		}
	}
	return b.Bytes()
}

// TestPullRequest is a review as CI makes it: a repository whose main branch
// is clean, and a branch with five patterns, one of which a comment explains
// and one is in the baseline. Every format says the same of it.
func TestPullRequest(t *testing.T) {
	repo := pullRepository(t)
	args := []string{"check", "head.log", "--new-from-merge-base", "main", "--baseline", ".ormlint-baseline.json"}
	var files []string
	for _, p := range report.Printers() {
		file := filepath.Join(repo, ".out", p.Name)
		files = append(files, file)
		args = append(args, "--output", p.Name+"="+file)
	}
	if err := os.Mkdir(filepath.Join(repo, ".out"), 0o777); err != nil {
		t.Fatal(err)
	}
	stdout, code := ormlint(t, repo, args...)
	if code != exitFindings {
		t.Errorf("exit code %d, want %d\n%s", code, exitFindings, stdout)
	}
	for _, file := range files {
		golden(t, filepath.Join("check", filepath.Base(file)), content(t, file))
	}
	delta, code := ormlint(t, repo, "diff", "base.log", "head.log", "--baseline", ".ormlint-baseline.json", "--format", "markdown", "--fail-on-regression")
	if code != exitFindings {
		t.Errorf("diff: exit code %d, want %d", code, exitFindings)
	}
	golden(t, "diff/markdown", delta)

	// On the clean branch the same run passes, and after fix this one does.
	if _, code := ormlint(t, repo, "fix", "--select", "QP1"); code != exitClean {
		t.Errorf("fix: exit code %d", code)
	}
	if out, code := ormlint(t, repo, "check", "--new-from-merge-base", "main", "--baseline", ".ormlint-baseline.json"); code != exitClean {
		t.Errorf("after fix: exit code %d\n%s", code, out)
	}
	git(t, repo, "checkout", "-q", "-f", "main")
	if out, code := ormlint(t, repo, "check", "base.log", "--new-from-merge-base", "main"); code != exitClean {
		t.Errorf("on main: exit code %d\n%s", code, out)
	}
}

// pullRepository makes the repository and the logs of its two versions. The
// baseline knows the pattern of title_list.
func pullRepository(t *testing.T) string {
	t.Helper()
	repo := t.TempDir()
	put := func(version string) {
		if err := os.CopyFS(repo, os.DirFS(filepath.Join("../../testdata/pull", version))); err != nil {
			t.Fatal(err)
		}
	}
	for name, requests := range map[string][]request{"base.log": before, "head.log": after} {
		if err := os.WriteFile(filepath.Join(repo, name), pullLog(requests, pullRequests), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	git(t, repo, "init", "-q", "-b", "main")
	put("base")
	git(t, repo, "add", "bookshop", "shop", "manage.py", "requirements.txt")
	git(t, repo, "commit", "-q", "-m", "the shop")
	git(t, repo, "checkout", "-q", "-b", "titles")
	for _, path := range []string{"shop/views.py", "bookshop/urls.py"} {
		if err := os.Remove(filepath.Join(repo, path)); err != nil { // CopyFS overwrites nothing
			t.Fatal(err)
		}
	}
	put("head")
	git(t, repo, "commit", "-q", "-a", "-m", "more of the shop")
	return repo
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// ormlint runs the command in dir, as a process of its own, since the current
// folder decides how places are named.
func ormlint(t *testing.T, dir string, args ...string) (stdout string, code int) {
	t.Helper()
	self, err := exec.LookPath("ormlint") // testscript puts this program on PATH by that name
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Dir = dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if code = cmd.ProcessState.ExitCode(); code > exitFindings {
		t.Fatalf("%v: exit code %d\n%s", args, code, errs.String())
	}
	return out.String(), code
}

// golden holds got against testdata/pull/want/NAME.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("../../testdata/pull/want", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s", path, udiff.Unified("want", "got", string(want), got))
	}
}
