package change

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// An Error is why the changes are not known; Hint is what to do about it.
type Error struct{ Msg, Hint string }

func (e *Error) Error() string { return e.Msg }

// Since asks git what changed below the folder root since the commit that HEAD
// and ref have in common. The error is an *Error.
func Since(ctx context.Context, root, ref string) (*Changes, error) {
	r := &repo{ctx: ctx, root: root}
	base, err := r.base(ref)
	if err != nil {
		return nil, err
	}
	diff, err := r.git("diff", "--relative", "--unified=0", "--inter-hunk-context=0", "--find-renames", "--diff-algorithm=histogram", "--indent-heuristic",
		"--no-color", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "--src-prefix=a/", "--dst-prefix=b/", base, "--", ".")
	if err != nil {
		return nil, r.failed("compare with "+ref, err)
	}
	c := &Changes{Ref: ref, files: map[string]*lines{}}
	if err := c.parse(diff); err != nil {
		return nil, &Error{Msg: fmt.Sprintf("read what git says of the changes since %s: %v", ref, err)}
	}
	unknown, err := r.git("ls-files", "--others", "--exclude-standard", "-z", "--", ".")
	if err != nil {
		return nil, r.failed("list new files", err)
	}
	for name := range strings.SplitSeq(unknown, "\x00") {
		if name != "" {
			c.file(name).all = true
		}
	}
	return c, nil
}

// A repo is git in one folder.
type repo struct {
	ctx  context.Context
	root string
}

// base is the commit at which HEAD left ref.
func (r *repo) base(ref string) (string, error) {
	if ref == "" || strings.HasPrefix(ref, "-") {
		return "", &Error{fmt.Sprintf("%q is no branch, tag or commit", ref), "for example origin/main"}
	}
	if _, err := r.git("rev-parse", "--git-dir"); err != nil {
		return "", r.failed("find the repository of "+r.root, err)
	}
	if _, err := r.git("rev-parse", "--verify", "--quiet", "HEAD^{commit}"); err != nil {
		return "", &Error{"the repository has no commit yet", "there is nothing to compare with"}
	}
	if _, err := r.git("rev-parse", "--verify", "--quiet", ref+"^{commit}"); err != nil {
		return "", &Error{fmt.Sprintf("git knows no branch, tag or commit %q", ref), r.fetch("git fetch origin " + strings.TrimPrefix(ref, "origin/") + " makes a branch known")}
	}
	base, err := r.git("merge-base", ref, "HEAD")
	if err != nil {
		return "", &Error{fmt.Sprintf("HEAD and %s have no commit in common", ref), r.fetch("they are histories of different projects, or one was made anew")}
	}
	base, _, _ = strings.Cut(base, "\n") // criss-cross merges have several; git names the best first
	return base, nil
}

// fetch is the hint for history that is not there: a clone of CI is often
// shallow.
func (r *repo) fetch(otherwise string) string {
	if out, err := r.git("rev-parse", "--is-shallow-repository"); err == nil && strings.TrimSpace(out) == "true" {
		return "this clone is shallow: git fetch --unshallow, or fetch-depth: 0 for actions/checkout"
	}
	return otherwise
}

// own are the variables with which a hook or a script points git at another
// repository or index than the folder's.
var own = []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"}

// git runs one command that changes nothing.
func (r *repo) git(args ...string) (string, error) {
	cmd := exec.CommandContext(r.ctx, "git", append([]string{"-C", r.root, "-c", "core.quotePath=false", "-c", "core.fsmonitor=false"}, args...)...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(own, name)
	})
	cmd.Env = append(cmd.Env, "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_PAGER=cat")
	var out, msg bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &msg
	if err := cmd.Run(); err != nil {
		if r.ctx.Err() != nil {
			return "", r.ctx.Err()
		}
		first, _, _ := strings.Cut(strings.TrimSpace(msg.String()), "\n")
		if first = strings.TrimPrefix(first, "fatal: "); first != "" {
			err = fmt.Errorf("%s", first)
		}
		return "", err
	}
	return out.String(), nil
}

// failed words what git could not do.
func (r *repo) failed(what string, err error) error {
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	e := &Error{Msg: fmt.Sprintf("%s: %v", what, err)}
	switch {
	case errors.Is(err, exec.ErrNotFound):
		e.Msg, e.Hint = "git is not installed", "it tells which lines changed"
	case strings.Contains(e.Msg, "not a git repository"):
		e.Msg, e.Hint = r.root+" is in no git repository", "git tells which lines changed"
	case strings.Contains(e.Msg, "dubious ownership"):
		e.Hint = "git config --global --add safe.directory FOLDER, if you trust it"
	}
	return e
}
