package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer/sqllog/gen"
)

// memoryMax is the most memory that a run may take, whatever the log's size.
const memoryMax = 100 << 20

// TestMemory pipes a generated log through the built program and looks at its
// peak memory: 64 MB, or as many as ORMLINT_STREAM_MB says (CI takes 1,024;
// 10,240 was tried by hand).
func TestMemory(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("reads /proc")
	}
	mb := int64(64)
	if v := os.Getenv("ORMLINT_STREAM_MB"); v != "" {
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		mb = n
	}
	bin := filepath.Join(t.TempDir(), "ormlint")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(bin, "check", "-", "--fail-on", "never", "--format", "json")
	cmd.Stdout = io.Discard
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	peak, done := make(chan int64), make(chan bool)
	go func() { peak <- watchPeak(cmd.Process.Pid, done) }()
	n, err := gen.New(7).Write(in, mb<<20, gen.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	close(done)
	most := <-peak
	t.Logf("%d MB, %d statements, peak %d MB", mb, n, most>>20)
	if most == 0 || most > memoryMax {
		t.Errorf("peak %d MB", most>>20)
	}
}

// watchPeak reads the peak of a process's resident memory until done. Not
// Rusage.Maxrss: Linux counts there what the parent had when it started the
// process, and this one has held reports of ten thousand findings.
func watchPeak(pid int, done <-chan bool) int64 {
	peak := int64(0)
	for {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err == nil {
			if _, rest, ok := strings.Cut(string(status), "\nVmHWM:"); ok {
				kb, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
				peak = max(peak, kb<<10) // it never falls
			}
		}
		select {
		case <-done:
			return peak
		case <-time.After(2 * time.Millisecond):
		}
	}
}
