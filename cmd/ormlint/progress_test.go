package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestMeter(t *testing.T) {
	var b bytes.Buffer
	m := newMeter(&b)
	m.update(1, 100e6)
	if b.Len() > 0 {
		t.Errorf("a young meter wrote %q", b.String())
	}
	m.w.from = time.Time{}
	time.Sleep(2 * meterEvery)
	m.update(50e6, 100e6)
	for _, want := range []string{"reading", "50%", "(50/100 MB, ", " MB/s)"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q does not show %q", b.String(), want)
		}
	}
	m.clear()
	if !strings.HasSuffix(b.String(), "\r") {
		t.Errorf("%q does not end at the start of the line", b.String())
	}
	n := b.Len()
	time.Sleep(2 * meterEvery)
	m.update(90e6, 100e6)
	if b.Len() > n {
		t.Error("the meter came back after clear")
	}
	var none *meter
	none.clear()
}

// Inputs of unknown length, and a total that becomes known and grows.
func TestMeterTotals(t *testing.T) {
	var b bytes.Buffer
	m := newMeter(&b)
	m.w.from = time.Time{}
	for _, step := range []struct {
		done, total int64
		want        string
	}{
		{5e6, -1, "reading (5.0 MB"},
		{6e6, 10e6, "60% "},
		{10e6, 40e6, "25% "},
	} {
		b.Reset()
		m.update(step.done-1, step.total)
		time.Sleep(2 * meterEvery)
		m.update(step.done, step.total)
		if !strings.Contains(b.String(), step.want) {
			t.Errorf("%q does not show %q", b.String(), step.want)
		}
	}
	m.clear()
}
