package sqllog

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// writeLog writes about size bytes of a log of 64 interleaved sessions.
func writeLog(w *bytes.Buffer, size int, format string) {
	r := rand.New(rand.NewSource(1))
	var shapes []func() string
	for t := range 60 {
		tab := fmt.Sprintf("app%d_model%d", t%7, t)
		var cols []string
		for c := range 4 + r.Intn(22) {
			cols = append(cols, fmt.Sprintf(`"%s"."field_%d"`, tab, c))
		}
		sel := "SELECT " + strings.Join(cols, ", ") + ` FROM "` + tab + `" WHERE "` + tab + `"."id" `
		shapes = append(shapes,
			func() string { return sel + fmt.Sprintf("= %d LIMIT 21", r.Intn(1e6)) },
			func() string { return sel + fmt.Sprintf("IN (%d, %d, %d)", r.Intn(1e6), r.Intn(1e6), r.Intn(1e6)) },
			func() string {
				return fmt.Sprintf(`UPDATE "%s" SET "name" = 'it''s %d', "n" = %d WHERE "%s"."id" = %d`, tab, r.Intn(1e6), r.Intn(9), tab, r.Intn(1e6))
			},
			func() string {
				return fmt.Sprintf(`SELECT COUNT(*) AS "__count" FROM "%s" WHERE "%s"."owner_id" = %d`, tab, tab, r.Intn(1e6))
			},
		)
	}
	z := rand.NewZipf(r, 1.3, 8, uint64(len(shapes)-1))
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for line := 1; w.Len() < size; line++ {
		q := shapes[z.Uint64()]()
		if r.Intn(4) == 0 {
			q += ` /*controller='shop.views',route='%2Fshop%2F',traceparent='00-5bd66ef5095369c7b0d1f8f4bd33716a-c532cb4098ac3dd2-01'*/`
		}
		now = now.Add(time.Duration(r.Intn(2000)) * time.Microsecond)
		ts, pid, ms := now.Format("2006-01-02 15:04:05.000 MST"), 10000+7*r.Intn(64), float64(r.Intn(100000))/1000
		switch format {
		case "json":
			q = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(q)
			fmt.Fprintf(w, `{"timestamp":"%s","user":"app","dbname":"shop","pid":%d,"remote_host":"10.0.0.5","remote_port":51234,"session_id":"66322d1a.%x","line_num":%d,"ps":"SELECT","session_start":"2026-05-01 11:59:00 UTC","vxid":"3/%d","txid":0,"error_severity":"LOG","message":"duration: %.3f ms  statement: %s","application_name":"gunicorn","backend_type":"client backend","query_id":0}`+"\n", ts, pid, pid, line, line, ms, q)
		case "csv":
			fmt.Fprintf(w, `%s,"app","shop",%d,"10.0.0.5:51234",66322d1a.%x,%d,"SELECT",2026-05-01 11:59:00 UTC,3/%d,0,LOG,00000,"duration: %.3f ms  statement: %s",,,,,,,,,"gunicorn","client backend",,0`+"\n", ts, pid, pid, line, line, ms, strings.ReplaceAll(q, `"`, `""`))
		default:
			fmt.Fprintf(w, "%s [%d] app@shop LOG:  duration: %.3f ms  statement: %s\n", ts, pid, ms, q)
		}
	}
}

func logFile(tb testing.TB, size int, format string) string {
	tb.Helper()
	path := filepath.Join(os.TempDir(), fmt.Sprintf("sqllog-bench-%d.%s", size, format))
	if fi, err := os.Stat(path); err == nil && fi.Size() > int64(size) {
		return path
	}
	var b bytes.Buffer
	writeLog(&b, size, format)
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		tb.Fatal(err)
	}
	return path
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// countNewlines is the yardstick: read in blocks and count.
func countNewlines(tb testing.TB, path string) (time.Duration, int) {
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	buf := make([]byte, defaultBlock)
	best, n := time.Hour, 0
	for range 3 {
		start := time.Now()
		n = 0
		for off := int64(0); ; {
			k, err := f.ReadAt(buf, off)
			n += bytes.Count(buf[:k], newline)
			off += int64(k)
			if err == io.EOF {
				break
			}
		}
		best = min(best, time.Since(start))
	}
	return best, n
}

func BenchmarkRead(b *testing.B) {
	for _, format := range []string{"log", "csv", "json"} {
		b.Run(format, func(b *testing.B) {
			path := logFile(b, 256<<20, format)
			fi, _ := os.Stat(path)
			ref, _ := countNewlines(b, path)
			ins, _ := Expand([]string{path})
			b.SetBytes(fi.Size())
			b.ReportAllocs()
			n := int64(0)
			best := time.Hour
			cpu := cpuTime()
			runs := 0
			for b.Loop() {
				runs++
				set, names := sqlshape.NewSet(lexical, 100000), &Names{}
				start := time.Now()
				sum, err := Read(context.Background(), ins[0], set, names, Options{}, func([]Event) error { return nil })
				if err != nil {
					b.Fatal(err)
				}
				best = min(best, time.Since(start))
				n = sum.Statements
			}
			perRun := (cpuTime() - cpu) / time.Duration(runs)
			cpu = cpuTime()
			again, _ := countNewlines(b, path)
			perCount := (cpuTime() - cpu) / 3
			// On a busy machine the CPU time of two cores tells more than the clock.
			b.ReportMetric(float64(perRun)/float64(perCount)/2, "cpu-x-newlines")
			ref = min(ref, again)
			b.ReportMetric(float64(best)/float64(ref), "x-newlines")
			b.ReportMetric(float64(best.Nanoseconds())/float64(n), "ns/statement")
		})
	}
}
