package report

import (
	"os"
	"strconv"

	"github.com/fatih/color"
	"golang.org/x/term"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// The widths that Text lays out for, in columns. Wider lines are harder to
// read, narrower ones break every statement.
const (
	WidthMin     = 60
	WidthDefault = 80
	WidthMax     = 120
)

// Options says how a report is printed; what a format has no use for it leaves
// aside. The zero value means WidthDefault, no colour, every finding.
type Options struct {
	Width int // columns, held between WidthMin and WidthMax; 0: WidthDefault
	Color bool
	Top   int  // findings and endpoints that Text shows; 0: all
	Quiet bool // findings only, nothing at all when there are none
	// Source gives the text of files that findings point at: for the lines that
	// are shown, and for formats that count columns in bytes or UTF-16 units.
	// Nil: no source was read.
	Source Source
	// Fails tells whether a finding fails the run, for formats that say so or
	// have room for few. Nil: those that do without --fail-on.
	Fails func(*finding.Finding) bool
	// Rules is the whole catalogue, in order of code.
	Rules []Rule
	// HideSuppressed leaves the suppressed findings out of SARIF. GitHub does
	// not look at the mark they have there and opens an alert for each.
	HideSuppressed bool
}

// Terminal tells whether f is one.
func Terminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// For fits the options to f: colour when mode is "always", or when it is
// "auto", f is a terminal that is not dumb, and NO_COLOR is empty; the width
// from COLUMNS, else from the terminal.
func For(f *os.File, mode string, getenv func(string) string) Options {
	o := Options{Width: WidthDefault}
	terminal := Terminal(f)
	o.Color = mode == "always" ||
		mode == "auto" && terminal && getenv("NO_COLOR") == "" && getenv("TERM") != "dumb"
	if n, err := strconv.Atoi(getenv("COLUMNS")); err == nil && n > 0 {
		o.Width = n
	} else if terminal {
		if n, _, err := term.GetSize(int(f.Fd())); err == nil && n > 0 {
			o.Width = n
		}
	}
	return o
}

// fails is Fails, or its default: likely or proven, a warning or worse.
func (o Options) fails(f *finding.Finding) bool {
	if o.Fails != nil {
		return o.Fails(f)
	}
	return f.Confidence >= finding.Likely && f.Severity >= finding.Warning
}

func (o Options) width() int {
	if o.Width == 0 {
		return WidthDefault
	}
	return min(max(o.Width, WidthMin), WidthMax)
}

// An ink colours text that is already cleaned, wrapped and padded.
type ink func(string) string

// inks are the styles of Text, each doing nothing when colour is off. What
// they mark can be told without them.
type inks struct{ plain, head, faint, code, bad, warn, note ink }

func newInks(on bool) inks {
	make := func(attrs ...color.Attribute) ink {
		if !on {
			return func(s string) string { return s }
		}
		c := color.New(attrs...)
		c.EnableColor() // the caller has decided; color.NoColor looks at stdout only
		return func(s string) string {
			if s == "" {
				return s
			}
			return c.Sprint(s)
		}
	}
	return inks{
		plain: func(s string) string { return s },
		head:  make(color.Bold),
		faint: make(color.Faint),
		code:  make(color.FgGreen),
		bad:   make(color.FgRed, color.Bold),
		warn:  make(color.FgYellow, color.Bold),
		note:  make(color.FgCyan, color.Bold),
	}
}

func (k inks) severity(s finding.Severity) ink {
	switch s {
	case finding.Error:
		return k.bad
	case finding.Warning:
		return k.warn
	}
	return k.note
}
