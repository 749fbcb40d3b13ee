package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/ormlint/ormlint/analyzer/sqllog/gen"
)

// memoryMax is the most memory that a run may take, whatever the log's size.
const memoryMax = 100 << 20

// TestMemory pipes a generated log through the built program and looks at its
// peak memory: 64 MB, or as many as ORMLINT_STREAM_MB says (CI takes 1,024;
// 10,240 was tried by hand).
func TestMemory(t *testing.T) {
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
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Fatal("the system does not tell how much memory a process took")
	}
	peak := usage.Maxrss << 10 // kilobytes on Linux
	t.Logf("%d MB, %d statements, peak %d MB", mb, n, peak>>20)
	if peak > memoryMax {
		t.Errorf("peak %d MB", peak>>20)
	}
}
