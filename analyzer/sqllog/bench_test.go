package sqllog

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer/sqllog/gen"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// logFile makes a log once for all benchmarks on a machine.
func logFile(tb testing.TB, size int64, format gen.Format) string {
	tb.Helper()
	path := filepath.Join(os.TempDir(), fmt.Sprintf("ormlint-sqllog-%d-%d.%s", os.Getuid(), size, format))
	if fi, err := os.Stat(path); err == nil && fi.Size() >= size {
		return path
	}
	f, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	if _, err := gen.New(1).Write(f, size, format); err != nil {
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
	for _, format := range []gen.Format{gen.Stderr, gen.CSV, gen.JSON} {
		b.Run(format.String(), func(b *testing.B) {
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

// TestNoAllocationPerStatement: a log four times as long costs no more
// allocations, but for what reading and pooling happen to need, and the heads
// and tails of the rare shapes that only the long one has.
func TestNoAllocationPerStatement(t *testing.T) {
	for _, format := range []gen.Format{gen.Stderr, gen.CSV, gen.JSON} {
		cost := func(size int64) (uint64, int64) {
			in := fileOf(t, nil)
			f, err := os.Create(in.Path)
			if err != nil {
				t.Fatal(err)
			}
			n, err := gen.New(1).Write(f, size, format)
			if err != nil || f.Close() != nil {
				t.Fatal(err)
			}
			set, names := sqlshape.NewSet(lexical, 100000), &Names{}
			var a, b runtime.MemStats
			runtime.ReadMemStats(&a)
			sum, err := Read(context.Background(), in, set, names, Options{Workers: 1}, func([]Event) error { return nil })
			runtime.ReadMemStats(&b)
			if err != nil || sum.Statements != n {
				t.Fatalf("%v: %d statements, want %d: %v", format, sum.Statements, n, err)
			}
			return b.Mallocs - a.Mallocs, n
		}
		few, n1 := cost(16 << 20)
		many, n2 := cost(64 << 20)
		if extra := int64(many) - int64(few); extra > (n2-n1)/50 {
			t.Errorf("%v: %d allocations more for %d statements more", format, extra, n2-n1)
		}
	}
}
