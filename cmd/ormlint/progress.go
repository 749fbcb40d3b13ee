package main

import (
	"io"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
)

const (
	// meterDelay keeps short runs quiet: a bar that flashes helps nobody.
	meterDelay = 500 * time.Millisecond
	meterEvery = 100 * time.Millisecond
	meterCells = 20
)

// A meter shows on a terminal how far reading is: bytes, speed, time left. Its
// zero pointer does nothing.
type meter struct {
	w *lateWriter

	mu   sync.Mutex
	bar  *progressbar.ProgressBar
	done bool

	shown, total int64 // what the bar knows
}

func newMeter(w io.Writer) *meter {
	return &meter{w: &lateWriter{w: w, from: time.Now().Add(meterDelay)}}
}

// A lateWriter throws away what comes before its time: the bar measures speed
// from the start, though it is shown only later.
type lateWriter struct {
	w    io.Writer
	from time.Time
}

func (l *lateWriter) Write(b []byte) (int, error) {
	if time.Now().Before(l.from) {
		return len(b), nil
	}
	return l.w.Write(b)
}

// update may be called from any goroutine. A total of 0 or less is not known.
func (m *meter) update(done, total int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.done {
		return
	}
	if total <= 0 {
		total = -1
	}
	if m.bar != nil && m.total != total {
		if min(m.total, total) > 0 {
			m.bar.ChangeMax64(total)
		} else { // a bar cannot change between known and unknown length
			_ = m.bar.Clear()
			m.bar = nil
		}
	}
	if m.bar == nil {
		m.bar, m.shown = newBar(m.w, total), 0
	}
	// Not Set64: it counts wrong when the length is unknown. An error means
	// that the terminal is gone; reading goes on without it.
	_ = m.bar.Add64(done - m.shown)
	m.shown, m.total = done, total
}

func newBar(w io.Writer, total int64) *progressbar.ProgressBar {
	return progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(w),
		progressbar.OptionSetDescription("reading"),
		progressbar.OptionShowBytes(true),
		progressbar.OptionShowCount(),
		progressbar.OptionSetWidth(meterCells),
		progressbar.OptionThrottle(meterEvery),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetSpinnerChangeInterval(0), // no goroutine of its own
		progressbar.OptionClearOnFinish(),
	)
}

// clear takes the bar off the screen, for good.
func (m *meter) clear() {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done = true
	if m.bar != nil {
		_ = m.bar.Clear()
	}
}
