package change

import (
	"fmt"
	"strconv"
	"strings"
)

// parse reads a diff without context lines and enters what changed by path.
func (c *Changes) parse(diff string) error {
	var here *lines
	for n := 1; diff != ""; n++ {
		line, rest, _ := strings.Cut(diff, "\n")
		diff = rest
		switch {
		case strings.HasPrefix(line, "+++ "):
			name, err := pathOf(line[len("+++ "):])
			if err != nil {
				return fmt.Errorf("line %d of the diff: %w", n, err)
			}
			here = nil
			if name != "" {
				here = c.file(name)
			}
		case strings.HasPrefix(line, "@@ "):
			old, now, err := hunk(line)
			if err != nil {
				return fmt.Errorf("line %d of the diff: %w", n, err)
			}
			if here != nil {
				here.add(now)
			}
			// The lines themselves may look like anything, "+++ b/x" too.
			for k := old.count + now.count; k > 0 && diff != ""; n++ {
				line, diff, _ = strings.Cut(diff, "\n")
				if !strings.HasPrefix(line, `\`) { // \ No newline at end of file
					k--
				}
			}
		}
	}
	return nil
}

func (c *Changes) file(path string) *lines {
	l := c.files[path]
	if l == nil {
		l = &lines{}
		c.files[path] = l
	}
	return l
}

// A side is one half of a hunk's head.
type side struct{ start, count int }

func (l *lines) add(now side) {
	if now.count == 0 {
		l.gone = append(l.gone, now.start)
		return
	}
	l.changed = append(l.changed, block{now.start, now.start + now.count - 1})
}

// hunk reads "@@ -12,3 +12 @@ def f():".
func hunk(line string) (old, now side, err error) {
	f := strings.Fields(line)
	if len(f) < 4 || f[3] != "@@" {
		return old, now, fmt.Errorf("not the head of a hunk")
	}
	if old, err = sideOf(f[1], "-"); err != nil {
		return old, now, err
	}
	now, err = sideOf(f[2], "+")
	return old, now, err
}

func sideOf(s, sign string) (side, error) {
	s, ok := strings.CutPrefix(s, sign)
	start, count, both := strings.Cut(s, ",")
	x := side{count: 1}
	var err error
	if x.start, err = strconv.Atoi(start); err == nil && both {
		x.count, err = strconv.Atoi(count)
	}
	if !ok || err != nil || x.start < 0 || x.count < 0 {
		return side{}, fmt.Errorf("not the head of a hunk")
	}
	return x, nil
}

// pathOf is the path that a "+++" line names behind "b/", "" for a file that is
// gone. Git puts a tab behind names with spaces, and quotes names with control
// characters, quotes and backslashes as C does.
func pathOf(s string) (string, error) {
	s = strings.TrimSuffix(s, "\r")
	s = strings.TrimSuffix(s, "\t")
	if s == "/dev/null" {
		return "", nil
	}
	if strings.HasPrefix(s, `"`) {
		name, err := unquote(s)
		if err != nil {
			return "", err
		}
		s = name
	}
	name, ok := strings.CutPrefix(s, "b/")
	if !ok {
		return "", fmt.Errorf("a path without b/")
	}
	return name, nil
}

// unquote reads a name in git's quotes.
func unquote(s string) (string, error) {
	bad := fmt.Errorf("a path whose quotes are broken")
	if len(s) < 2 || s[len(s)-1] != '"' {
		return "", bad
	}
	s = s[1 : len(s)-1]
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		if i++; i == len(s) {
			return "", bad
		}
		if k := strings.IndexByte(`abtnvfr"\`, s[i]); k >= 0 {
			b.WriteByte("\a\b\t\n\v\f\r\"\\"[k])
			continue
		}
		if i+3 > len(s) {
			return "", bad
		}
		n, err := strconv.ParseUint(s[i:i+3], 8, 8)
		if err != nil {
			return "", bad
		}
		b.WriteByte(byte(n))
		i += 2
	}
	return b.String(), nil
}
