package report

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (-update rewrites it)\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}

func manyInputs() *finding.Report {
	r := &finding.Report{}
	for i := range 40 {
		in := finding.Input{Path: fmt.Sprintf("logs/%02d.log", i), Format: "postgres-csv", Statements: 10, Took: time.Second}
		if i%3 == 0 {
			in = finding.Input{Path: in.Path, Problem: "no statements in it", Detected: "text", Expected: "a PostgreSQL or Django log", Hint: "pass --input-format", Samples: []string{"dear diary", "today"}}
		}
		r.Run.Inputs = append(r.Run.Inputs, in, finding.Input{Path: in.Path + ".txt", Left: "no log"})
	}
	r.Run.Inputs[2].Skipped = 9
	for i := range int64(9) {
		r.Run.Inputs[2].Lines = append(r.Run.Inputs[2].Lines, finding.BadLine{Line: 7 + i, Msg: "a line outside any entry"})
	}
	r.Run.Statements, r.Run.Units, r.Run.ExactUnits = 260, 26, 26
	r.Run.Took = 26 * time.Second
	return r
}

func TestText(t *testing.T) {
	tests := []struct {
		name string
		r    *finding.Report
		o    Options
	}{
		{"sample_60", sampleReport(), Options{Width: 60}},
		{"sample_80", sampleReport(), Options{Width: 80}},
		{"sample_120", sampleReport(), Options{Width: 120}},
		{"sample_color", sampleReport(), Options{Color: true}},
		{"sample_top_1", sampleReport(), Options{Top: 1}},
		{"sample_quiet", sampleReport(), Options{Quiet: true, Top: 2}},
		{"hostile_60", hostileReport(), Options{Width: 60}},
		{"empty", &finding.Report{}, Options{}},
		{"many_inputs", manyInputs(), Options{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := Text(&b, tt.r, tt.o); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name+".golden", b.Bytes())
		})
	}
}
