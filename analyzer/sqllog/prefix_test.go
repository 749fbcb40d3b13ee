package sqllog

import (
	"fmt"
	"strings"
	"testing"
)

// render writes what the server would for a prefix.
func render(prefix string, v map[byte]string) string {
	var b strings.Builder
	for i := 0; i < len(prefix); i++ {
		if prefix[i] != '%' {
			b.WriteByte(prefix[i])
			continue
		}
		i++
		width := ""
		for prefix[i] == '-' || prefix[i] >= '0' && prefix[i] <= '9' {
			width += string(prefix[i])
			i++
		}
		switch c := prefix[i]; c {
		case '%':
			b.WriteByte('%')
		case 'q':
			if v['q'] == "stop" {
				return b.String()
			}
		default:
			fmt.Fprintf(&b, "%"+width+"s", v[c])
		}
	}
	return b.String()
}

func sessionFields(k int, app string) map[byte]string {
	pid := 15000 + k
	return map[byte]string{
		'a': app, 'u': "app_user", 'd': "shop-db", 'r': fmt.Sprintf("10.0.0.%d(5%03d)", k%9, k), 'h': fmt.Sprintf("10.0.0.%d", k%9), 'L': "10.0.0.1",
		'b': "client backend", 'p': fmt.Sprint(pid), 'P': "", 't': "2026-11-22 07:06:20 UTC", 'm': "2026-11-22 07:06:20.755 UTC", 'n': "1795331180.755",
		'i': "SELECT", 'e': "00000", 'c': fmt.Sprintf("6b029438.%x", pid), 'l': fmt.Sprint(k + 3), 's': "2026-11-22 07:05:28 UTC", 'v': fmt.Sprintf("%d/45", k%5+3), 'x': "0", 'Q': "-71",
	}
}

// TestEveryPrefix reads a log of three sessions for every known prefix, and
// some that are not known.
func TestEveryPrefix(t *testing.T) {
	more := []string{
		"%m|%p|%u|%d ", "%n %p %c ", "<%c> %t %u@%d/%a ", "%-10u|%8p|%m|%-20a|", "host=%h pid=%p line=%l time=%m db=%d ", "%t %5p %-3e %v ",
		"%m [%P/%p] %Q %x %u ", "%m %b[%p] %q%u@%d ", "100%% [%p] %m ", "%s %m %p %l ",
	}
	for _, text := range append(more, knownPrefixes...) {
		t.Run(text, func(t *testing.T) {
			for _, app := range []string{"gunicorn", "[unknown]", "my app, v2 [x]", "a LOG: b", ""} {
				prefixCase(t, text, app)
			}
		})
	}
}

func prefixCase(t *testing.T, text, app string) {
	t.Helper()
	var log strings.Builder
	for k := range 12 {
		v := sessionFields(k%3, app)
		if k == 5 {
			bg := sessionFields(9, "")
			bg['q'], bg['u'], bg['d'], bg['h'], bg['r'], bg['v'] = "stop", "", "", "", "", ""
			fmt.Fprintf(&log, "%sLOG:  checkpoint complete: wrote 3 buffers (0.0%%)\n", render(text, bg))
		}
		fmt.Fprintf(&log, "%sLOG:  duration: %d.000 ms  statement: SELECT * FROM t WHERE id = %d\n", render(text, v), k, k)
	}
	for _, o := range []Options{{}, {Prefix: text}} {
		if o.Prefix == "" && app != "gunicorn" && (strings.Contains(text, "%a") || strings.Contains(text, "%-20a")) && !isKnown(text) {
			continue // what nobody knows cannot be told apart from the start
		}
		got := readInput(t, fileOf(t, []byte(log.String())), o)
		unknown := int64(0)
		if o.Prefix == "" && !isKnown(text) {
			unknown = 1 // the background process, whose line is the only one of its shape
		}
		if got.sum.Statements != 12 || got.sum.Skipped > unknown {
			t.Fatalf("app %q, given %q: %d statements, %d skipped (%s)\n%s", app, o.Prefix, got.sum.Statements, got.sum.Skipped, got.sum.Chain, log.String())
		}
		sessions := uint32(0)
		for _, e := range got.events {
			sessions = max(sessions, e.Session)
		}
		want := uint32(1)
		if strings.ContainsAny(text, "pcv") && (strings.Contains(text, "%p") || strings.Contains(text, "%c") || strings.Contains(text, "%v") || strings.Contains(text, "p|")) || strings.Contains(text, "%r") || strings.Contains(text, "%8p") || strings.Contains(text, "%5p") {
			want = 3
		}
		if sessions != want {
			t.Errorf("app %q, given %q: %d sessions, want %d (%s)\n%s", app, o.Prefix, sessions, want, got.sum.Chain, log.String())
		}
		if m, _ := compile(text); m.hasTime && got.events[0].At/1e9 != 1795331180 {
			t.Errorf("time is %d (%s)", got.events[0].At, got.sum.Chain)
		}
	}
}

func isKnown(text string) bool {
	for _, k := range knownPrefixes {
		if k == text {
			return true
		}
	}
	return false
}

// TestPrefixChanges: a prefix that no list knows takes over in the middle of a
// file.
func TestPrefixChanges(t *testing.T) {
	var log strings.Builder
	n := int64(0)
	for k, text := range []string{"%m [%p] %q%u@%d ", "<<%p>> %m user:%u "} {
		for log.Len() < (k+1)*2*sniffBytes {
			fmt.Fprintf(&log, "%sLOG:  duration: 1.000 ms  statement: SELECT '%s'\n", render(text, sessionFields(k%3, "x")), strings.Repeat("y", 500))
			n++
		}
	}
	got := readInput(t, fileOf(t, []byte(log.String())), Options{})
	if got.sum.Statements != n || got.sum.Skipped != 0 {
		t.Errorf("%d of %d statements, %d skipped (%s)", got.sum.Statements, n, got.sum.Skipped, got.sum.Chain)
	}
}

func TestPrefixMemoIsExact(t *testing.T) {
	m, err := compile("%m [%p] %q%u@%d ")
	if err != nil {
		t.Fatal(err)
	}
	if !m.direct {
		t.Fatal("this prefix should use the memo")
	}
	var memo prefixMemo
	var c clock
	lines := []string{
		"2026-11-22 07:06:20.755 UTC [15097] app@app LOG:  duration: 0.226 ms  statement: SELECT 1",
		"2026-11-22 07:06:21.755 UTC [15097] app@app LOG:  00000: duration: 0.226 ms  statement: SELECT 1",
		"2026-11-22 07:06:21.755 UTC [15097] app@app LOG:   three blanks",
		"2026-11-23 07:06:21.755 CET [15097] app@app ERROR:  no",
		"2026-11-23 07:06:21 CET [15097] app@app ERROR:  no",
		"2026-11-23 07:06:21.755 CET [15097] LOG:  checkpoint starting: a@b LOG:  x",
		"2026-11-23 07:06:21.755 CET [15097] LOG:  x",
		"2026-11-23 07:06:21.755 CET [15097] a@b@c d LOG:  x is longer than that",
	}
	for range 3 {
		for _, l := range lines {
			var want, got prefix
			okWant := m.match([]byte(l), &c, &want)
			okGot := m.matchFast([]byte(l), &c, &got, &memo)
			want.state, got.state, want.tries, got.tries = 0, 0, 0, 0
			if okWant != okGot || okWant && want != got {
				t.Errorf("%s\nwant %v %+v\ngot  %v %+v", l, okWant, want, okGot, got)
			}
		}
	}
}

func TestZones(t *testing.T) {
	for zone, want := range map[string]int64{"UTC": 0, "CET": 3600, "CEST": 7200, "-03": -10800, "+0545": 20700, "+05:30": 19800, "EST": -18000, "XYZ": 0, "-0330": -12600} {
		var c clock
		at, n, _, ok := c.stamp([]byte("2026-11-22 07:06:20.755 "+zone+" rest"), true)
		if n != 24+len(zone) || !ok || at != 1795331180755*1e6-want*1e9 {
			t.Errorf("%s: %d, length %d, zone %v", zone, at, n, ok)
		}
	}
}
