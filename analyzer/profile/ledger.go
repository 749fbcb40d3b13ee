package profile

import (
	"github.com/ormlint/ormlint/analyzer/sqllog"
	"github.com/ormlint/ormlint/analyzer/work"
)

// Trust says how sure it is that the steps of a sighting belong together.
type Trust uint8

// The degrees of trust, the least first.
const (
	None    Trust = iota // nothing yet; the loop that it may be nested in decides
	Loose                // only that they follow each other closely
	Fair                 // one short-lived connection, or the fan-out after one statement
	Strong               // a request's marker, or one transaction
	Certain              // an id in the log
)

// A Sighting is one unit in which a case was seen.
type Sighting struct {
	Calls, Wasted   int64
	Took, SavedTook int64 // nanoseconds; SavedTook is of the wasted calls
	Distinct        int64 // different arguments among the calls
	MaxTook         int64
	MaxRows         int32 // -1: the log does not say
	Trust           Trust
	Anchored        bool          // one statement before it ran at most a fraction as often
	Mates           bool          // other statements of the unit repeat as well
	Reruns          bool          // the statement before the loop ran several times too
	Site            sqllog.SiteID // where in the code the first of the calls was run
	Example         Example
}

// An Example is one unit in which a case was seen.
type Example struct {
	Place      Place
	Input      uint16
	Line       uint32
	Bound      work.Bound
	Calls      int64
	Start, End int64 // nanoseconds since 1970 UTC; 0: the log does not say
}

// exampleMax is how many examples a ledger keeps: those with the most calls,
// of equal ones the first in the log.
const exampleMax = 3

// placeMax is how many endpoints and places in the code a ledger tells apart;
// a finding names ten endpoints.
const placeMax = 32

// A PlaceTally is what a case came to at one endpoint and one place in the
// code; the latter only where the log tells it.
type PlaceTally struct {
	Place
	Site sqllog.SiteID
	Tally
	Wasted, SavedTook, MaxCalls int64
}

// A Ledger adds up the sightings of a case.
type Ledger struct {
	Units, Calls, Wasted int64
	Took, SavedTook      int64
	MaxCalls             int64
	MaxDistinct          int64
	MaxTook              int64
	MaxRows              int32
	trusts               [Certain + 1]int64 // calls, by the trust of their unit
	Anchored             int64              // units
	Mates                int64              // units
	Reruns               int64              // units
	Places               []PlaceTally       // in order of first sight; beyond placeMax the last is of the zero Place
	Examples             []Example
}

func (l *Ledger) add(s Sighting) {
	if l.Units == 0 {
		l.MaxRows = s.MaxRows
	}
	l.Units++
	l.Calls += s.Calls
	l.Wasted += s.Wasted
	l.Took += s.Took
	l.SavedTook += s.SavedTook
	l.MaxCalls = max(l.MaxCalls, s.Calls)
	l.MaxDistinct = max(l.MaxDistinct, s.Distinct)
	l.MaxTook = max(l.MaxTook, s.MaxTook)
	l.MaxRows = max(l.MaxRows, s.MaxRows)
	l.trusts[s.Trust] += s.Calls
	if s.Anchored {
		l.Anchored++
	}
	if s.Mates {
		l.Mates++
	}
	if s.Reruns {
		l.Reruns++
	}
	s.Example.Calls = s.Calls
	l.place(PlaceTally{
		Place: s.Example.Place, Site: s.Site, Tally: Tally{Units: 1, Calls: s.Calls, Took: s.Took},
		Wasted: s.Wasted, SavedTook: s.SavedTook, MaxCalls: s.Calls,
	})
	l.example(s.Example)
}

// Trust is what at least half of the calls reach: the first unit on a fresh
// connection must not vouch for all that come after it.
func (l *Ledger) Trust() Trust {
	sum := int64(0)
	for t := Certain; t > None; t-- {
		sum += l.trusts[t]
		if sum*2 >= l.Calls && sum > 0 {
			return t
		}
	}
	return None
}

func (l *Ledger) place(t PlaceTally) {
	var at *PlaceTally
	for i := range l.Places {
		if l.Places[i].Place == t.Place && l.Places[i].Site == t.Site {
			at = &l.Places[i]
			break
		}
	}
	if at == nil {
		p := PlaceTally{Place: t.Place, Site: t.Site}
		if len(l.Places) == placeMax {
			p = PlaceTally{}
		}
		if len(l.Places) <= placeMax {
			l.Places = append(l.Places, p)
		}
		at = &l.Places[len(l.Places)-1]
	}
	at.Units += t.Units
	at.Calls += t.Calls
	at.Took += t.Took
	at.Wasted += t.Wasted
	at.SavedTook += t.SavedTook
	at.MaxCalls = max(at.MaxCalls, t.MaxCalls)
}

func (l *Ledger) example(e Example) {
	at := len(l.Examples)
	for at > 0 && l.Examples[at-1].Calls < e.Calls {
		at--
	}
	if at >= exampleMax {
		return
	}
	if len(l.Examples) < exampleMax {
		l.Examples = append(l.Examples, Example{})
	}
	copy(l.Examples[at+1:], l.Examples[at:])
	l.Examples[at] = e
}

// Merge adds what o holds. Units that both saw count twice in Units, so merge
// ledgers of one statement only where they cannot share units, or set Units
// afterwards.
func (l *Ledger) Merge(o *Ledger) {
	if l.Units == 0 {
		l.MaxRows = o.MaxRows
	}
	l.Units += o.Units
	l.Calls += o.Calls
	l.Wasted += o.Wasted
	l.Took += o.Took
	l.SavedTook += o.SavedTook
	l.MaxCalls = max(l.MaxCalls, o.MaxCalls)
	l.MaxDistinct = max(l.MaxDistinct, o.MaxDistinct)
	l.MaxTook = max(l.MaxTook, o.MaxTook)
	l.MaxRows = max(l.MaxRows, o.MaxRows)
	for t := range l.trusts {
		l.trusts[t] += o.trusts[t]
	}
	l.Anchored += o.Anchored
	l.Mates += o.Mates
	l.Reruns += o.Reruns
	for _, p := range o.Places {
		l.place(p)
	}
	for _, e := range o.Examples {
		l.example(e)
	}
}
