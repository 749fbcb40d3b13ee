package analyzer_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/sqllog/gen"
)

// countNewlines is what the bars are measured against: reading the same bytes
// in blocks of the same size and counting their newlines, nothing else.
func countNewlines(tb testing.TB, path string) (lines int64, took time.Duration) {
	tb.Helper()
	start := time.Now()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	buf := make([]byte, 512<<10)
	for {
		n, err := f.Read(buf)
		lines += int64(bytes.Count(buf[:n], []byte{'\n'}))
		if err == io.EOF {
			return lines, time.Since(start)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}

// cpuTime is the CPU time of this process so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// benchCheck runs the whole of check over a log and reports the time as a
// multiple of counting newlines in the same run.
func benchCheck(b *testing.B, path string) {
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	countNewlines(b, path) // warms the page cache
	b.SetBytes(info.Size())
	var check, count, checkCPU, countCPU time.Duration
	var statements int64
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		best, cpu := time.Duration(1<<62), cpuTime()
		for range 3 {
			_, d := countNewlines(b, path)
			best = min(best, d)
		}
		count += best
		countCPU += (cpuTime() - cpu) / 3
		b.StartTimer()
		start := time.Now()
		cpu = cpuTime()
		r, err := analyzer.Run(context.Background(), analyzer.Config{Paths: []string{path}})
		check += time.Since(start)
		checkCPU += cpuTime() - cpu
		if err != nil || r.Run.Statements == 0 {
			b.Fatal(err, r.Run)
		}
		statements += r.Run.Statements
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(check)/float64(count), "x-newlines")
	// On a busy machine the CPU time of two cores tells more than the clock.
	b.ReportMetric(float64(checkCPU)/2/float64(countCPU), "cpu-x-newlines")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(statements), "allocs/statement")
}

// BenchmarkCheck is the whole run, detection and report included, over logs
// that the generator makes: some 400 shapes, 48 sessions, requests with and
// without loops. ORMLINT_BENCH_MB sets their size, 256 unless set.
func BenchmarkCheck(b *testing.B) {
	mb := int64(256)
	if v := os.Getenv("ORMLINT_BENCH_MB"); v != "" {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		mb = n
	}
	for _, f := range []gen.Format{gen.Stderr, gen.CSV, gen.JSON} {
		b.Run(f.String(), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "postgresql."+f.String())
			out, err := os.Create(path)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := gen.New(1).Write(out, mb<<20, f); err != nil {
				b.Fatal(err)
			}
			if err := out.Close(); err != nil {
				b.Fatal(err)
			}
			benchCheck(b, path)
		})
	}
}
