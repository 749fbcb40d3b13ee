// Package profile adds up what rules see in units of work: which pattern, on
// which shapes, how often and how long. A Profile is what is left of a log
// once it is read; its size depends on the number of different patterns, not
// on the log's.
package profile

import (
	"github.com/ormlint/ormlint/analyzer/sqllog"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
	"github.com/ormlint/ormlint/analyzer/work"
)

// A Case is one pattern on one statement, as seen in any number of units.
type Case struct {
	Rule   uint8       // index in the list of rules
	Child  sqlshape.ID // the statement that the pattern is about
	Parent sqlshape.ID // the statement that goes with it, Other when none or when Parents says
	// Parents numbers a list of statements that may have fetched the rows
	// which a loop goes over; 0: none.
	Parents ListID
	Variant uint8 // tells apart what one rule keeps apart
}

// A ListID numbers a list of Parents of one Profile, from 1.
type ListID uint32

// A Candidate is a statement that may have fetched the rows of a loop.
type Candidate struct {
	Shape sqlshape.ID
	// Nested: it runs about as often as the loop's statement, so that it can
	// only be the parent when it is in a loop itself.
	Nested bool
}

// A Place is where units of work come from: a name, or where the log has no
// names the statement that such units begin with.
type Place struct {
	Name  sqllog.NameID
	First sqlshape.ID
}

// A ShapeSite is a statement at a place in the code.
type ShapeSite struct {
	Shape sqlshape.ID
	Site  sqllog.SiteID
}

// Limits bound a Profile.
type Limits struct {
	Cases  int // further ones are counted, not kept
	Places int // endpoints; further ones are one
}

// DefaultLimits hold a profile within some 20 MB at worst. Real applications
// have some hundreds of cases.
func DefaultLimits() Limits { return Limits{Cases: 20_000, Places: 10_000} }

// Tally is what one shape, or one place, came to in a whole log.
type Tally struct {
	Units, Calls int64
	Took         int64 // nanoseconds
}

// A Profile is the sum of a log. Not safe for concurrent use.
type Profile struct {
	Cases  map[Case]*Ledger
	Shapes []Tally // by shape ID
	Places map[Place]*Stats
	Units  int64 // that ran any statement worth a name
	Exact  int64 // whose boundary came from an id
	Calls  int64 // statements
	Took   int64 // nanoseconds
	// Prefetches counts, for a statement with an IN list and the one that ran
	// before it in its unit, how often they came so.
	Prefetches map[[2]sqlshape.ID]int64
	// Sites counts where in the code each statement was run, in a log that
	// tells it; places beyond Limits.Places are left out.
	Sites map[ShapeSite]int64
	// Budget gives what one unit of a place may come to; nil: anything. It is
	// asked once for each place.
	Budget     func(Place) Limit
	LostCases  int64
	LostPlaces int64
	LostSites  int64 // statements at places that Sites left out

	limits Limits
	lists  [][]Candidate
	listID map[string]ListID
	key    []byte
	place  Place
	at     *Stats
	input  uint16
}

// New returns an empty Profile.
func New(l Limits) *Profile {
	return &Profile{
		Cases: map[Case]*Ledger{}, Places: map[Place]*Stats{},
		Prefetches: map[[2]sqlshape.ID]int64{}, Sites: map[ShapeSite]int64{}, listID: map[string]ListID{}, limits: l,
	}
}

// Input numbers the input that the following events come from.
func (p *Profile) Input(n int) { p.input = uint16(n) }

// Count adds events to the tallies of their shapes.
func (p *Profile) Count(events []sqllog.Event) {
	for i := range events {
		e := &events[i]
		if e.Flags&sqllog.Closed != 0 {
			continue
		}
		for int(e.Shape) >= len(p.Shapes) {
			p.Shapes = append(p.Shapes, Tally{})
		}
		t := &p.Shapes[e.Shape]
		t.Calls++
		p.Calls++
		if e.Took > 0 {
			t.Took += e.Took
			p.Took += e.Took
		}
		if e.Site != 0 {
			p.countSite(ShapeSite{e.Shape, e.Site})
		}
	}
}

func (p *Profile) countSite(s ShapeSite) {
	if _, ok := p.Sites[s]; ok || len(p.Sites) < p.limits.Places {
		p.Sites[s]++
		return
	}
	p.LostSites++
}

// Begin makes u the unit that the following calls of Add and Enter are about
// and counts it. first is what names it where the log does not.
func (p *Profile) Begin(u *work.Unit, first sqlshape.ID) {
	p.Units++
	if u.Bound == work.ByID {
		p.Exact++
	}
	p.place = Place{Name: u.Name}
	if u.Name == 0 {
		p.place.First = first
	}
	p.at = p.Places[p.place]
	if p.at == nil {
		if len(p.Places) >= p.limits.Places {
			p.LostPlaces++
			p.place = Place{}
		}
		p.at = p.Places[p.place]
		if p.at == nil {
			p.at = new(Stats)
			if p.Budget != nil {
				p.at.Limit = p.Budget(p.place)
			}
			p.Places[p.place] = p.at
		}
	}
	p.at.add(u, p.input)
	for i := range u.Groups {
		p.Shapes[u.Groups[i].Shape].Units++
	}
}

// Add enters one sighting of a case in the current unit.
func (p *Profile) Add(c Case, s Sighting) { p.Enter(p.Ledger(c), s) }

// Ledger returns the ledger of a case, nil when there are too many cases.
func (p *Profile) Ledger(c Case) *Ledger {
	l := p.Cases[c]
	if l == nil && len(p.Cases) < p.limits.Cases {
		l = new(Ledger)
		p.Cases[c] = l
	}
	return l
}

// Enter enters one sighting in the current unit into a ledger of p; nil is
// one case too many, and counted.
func (p *Profile) Enter(l *Ledger, s Sighting) {
	if l == nil {
		p.LostCases++
		return
	}
	s.Example.Place, s.Example.Input = p.place, p.input
	l.add(s)
}

// List returns the number of a list of candidates; the order counts.
func (p *Profile) List(list []Candidate) ListID {
	if len(list) == 0 {
		return 0
	}
	p.key = p.key[:0]
	for _, c := range list {
		n := byte(0)
		if c.Nested {
			n = 1
		}
		p.key = append(p.key, byte(c.Shape), byte(c.Shape>>8), byte(c.Shape>>16), byte(c.Shape>>24), n)
	}
	if id, ok := p.listID[string(p.key)]; ok {
		return id
	}
	if len(p.lists) >= p.limits.Cases {
		p.LostCases++
		return 0
	}
	p.lists = append(p.lists, append([]Candidate(nil), list...))
	id := ListID(len(p.lists))
	p.listID[string(p.key)] = id
	return id
}

// Candidates returns the list of that number.
func (p *Profile) Candidates(id ListID) []Candidate {
	if id == 0 {
		return nil
	}
	return p.lists[id-1]
}

// Prefetch counts that batch, a statement with an IN list, ran right after
// before.
func (p *Profile) Prefetch(batch, before sqlshape.ID) {
	k := [2]sqlshape.ID{batch, before}
	if _, ok := p.Prefetches[k]; ok || len(p.Prefetches) < p.limits.Cases {
		p.Prefetches[k]++
	}
}
