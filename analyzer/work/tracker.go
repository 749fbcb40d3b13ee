package work

import (
	"cmp"
	"slices"
	"time"

	"github.com/ormlint/ormlint/analyzer/sqllog"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// Limits bound what a Tracker keeps.
type Limits struct {
	OpenUnits int // units open at a time; over it the idlest half is closed early
	UnitSteps int // steps of a unit; further ones are only counted and summed
	Steps     int // steps of all open units; over it the idlest half is closed early
}

// DefaultLimits keep the open units of a busy server within some 30 MB (a Step
// is 48 bytes, a slice of them grows by a quarter).
func DefaultLimits() Limits { return Limits{OpenUnits: 4096, UnitSteps: 20_000, Steps: 400_000} }

// gapMax is the silence after which a session's next statement begins a new
// unit. Requests on kept connections follow each other much faster (markers
// cut those), and loops with slow Python in their body stay in one piece.
const gapMax = int64(time.Second)

// restMax is the silence after which the statement that a unit began with
// begins another: a request again. Within a request hardly any silence is as
// long (99 % below 41 to 230 ms on a busy server), and requests of anonymous
// visitors on a kept connection have no other mark.
const restMax = int64(200 * time.Millisecond)

// idleMax is the silence, of a session or an id, after which a unit is taken
// to be over even though nothing follows it.
const idleMax = int64(30 * time.Second)

// sweepEvery is how many events pass between two looks for idle units.
const sweepEvery = 1 << 14

// Lost counts what the limits cost.
type Lost struct {
	ClosedEarly int64 // units closed before their end was seen
	Steps       int64 // steps counted and summed, but not kept in order
}

// A Tracker cuts events into units. Not safe for concurrent use.
type Tracker struct {
	Lost Lost

	set    *sqlshape.Set
	limits Limits
	done   func(*Unit)

	bySession map[uint32]*open
	byID      map[uint64]*open
	// near are the entries of the maps looked up last: few sessions and
	// requests are busy at a time, and a look-up per statement shows.
	nearSession [nearMax]*open
	nearID      [nearMax]*open
	free        []*open
	roles       []role // by shape ID, rolesKnown of them
	slot        []slot // by shape ID
	round       uint32
	events      int64
	now         int64 // latest time in the log
	steps       int   // of all open units
	scratch     []uint64
}

// nearMax is a power of two.
const nearMax = 256

// open is a unit that still takes steps.
type open struct {
	Unit
	id      uint64
	key     uint32 // session of a unit without id
	lastEnd int64
	seen    int64       // number of the event that touched it last
	work    int32       // steps that are not noise
	first   sqlshape.ID // shape of the first of them
}

// slot finds the group of a shape while a unit closes.
type slot struct {
	round uint32
	group int32
	last  int32
}

// NewTracker returns a Tracker that calls done with each unit that closes.
func NewTracker(set *sqlshape.Set, l Limits, done func(*Unit)) *Tracker {
	return &Tracker{
		set: set, limits: l, done: done,
		bySession: map[uint32]*open{}, byID: map[uint64]*open{},
	}
}

// Add takes the next events.
func (t *Tracker) Add(events []sqllog.Event) {
	for i := range events {
		t.add(&events[i])
	}
}

func (t *Tracker) add(e *sqllog.Event) {
	t.events++
	if e.At > t.now {
		t.now = e.At
	}
	if t.events%sweepEvery == 0 {
		t.sweep()
	}
	if e.Flags&sqllog.Closed != 0 {
		if o := t.ofSession(e.Session); o != nil {
			o.Ended = true
			t.closeSession(o)
		}
		return
	}
	r := t.role(e.Shape)
	var o *open
	if e.Unit != 0 {
		o = t.withID(e)
	} else {
		o = t.inSession(e, r)
	}
	t.push(o, e, r)
}

// ofSession returns the open unit without id of a session, nil when there is
// none. A unit that was closed has no steps, so it is not taken for an open one.
func (t *Tracker) ofSession(session uint32) *open {
	near := &t.nearSession[session%nearMax]
	if o := *near; o != nil && o.key == session && o.id == 0 && len(o.Steps) > 0 {
		return o
	}
	o := t.bySession[session]
	*near = o
	return o
}

// withID returns the open unit that has the event's id.
func (t *Tracker) withID(e *sqllog.Event) *open {
	near := &t.nearID[e.Unit>>32%nearMax]
	if o := *near; o != nil && o.id == e.Unit {
		return o
	}
	o := t.byID[e.Unit]
	if o == nil {
		o = t.take()
		o.id, o.Bound = e.Unit, ByID
		t.byID[e.Unit] = o
	}
	*near = o
	return o
}

// inSession returns the open unit of the event's session, after closing the
// one before it where a new unit begins.
func (t *Tracker) inSession(e *sqllog.Event, r role) *open {
	o := t.ofSession(e.Session)
	bound := ByGap
	if e.Flags&sqllog.Opened != 0 {
		bound = BySession
	}
	if o != nil {
		begins := false
		if (r == marker || r == check) && o.work > 0 {
			begins, bound = true, ByMarker
		} else if e.Name != 0 && o.Name != 0 && e.Name != o.Name {
			begins, bound = true, ByMarker
		} else if e.At != 0 && o.lastEnd != 0 {
			idle := e.At - max(e.Took, 0) - o.lastEnd
			begins = idle > gapMax || idle > restMax && r == plain && e.Shape == o.first
		}
		if !begins {
			return o
		}
		t.closeSession(o)
	}
	if bound == ByGap && (r == marker || r == check) {
		bound = ByMarker
	}
	o = t.take()
	o.key, o.Bound = e.Session, bound
	t.bySession[e.Session] = o
	t.nearSession[e.Session%nearMax] = o
	return o
}

// take returns an empty unit, making room first where the limit asks for it.
func (t *Tracker) take() *open {
	if len(t.bySession)+len(t.byID) >= t.limits.OpenUnits {
		t.makeRoom(nil)
	}
	if n := len(t.free); n > 0 {
		o := t.free[n-1]
		t.free = t.free[:n-1]
		return o
	}
	return new(open)
}

func (t *Tracker) push(o *open, e *sqllog.Event, r role) {
	if o.Name == 0 {
		o.Name = e.Name
	}
	if len(o.Steps) == 0 {
		o.Session = e.Session
	}
	if r == plain || r == marker && o.work > 0 {
		if o.work == 0 {
			o.first = e.Shape
		}
		o.work++
	}
	if e.Flags&sqllog.Batch != 0 && r == plain && t.set.Shape(e.Shape).Kind != sqlshape.Declare && o.join(e) {
		return
	}
	o.lastEnd, o.seen = e.At, t.events
	if len(o.Steps) >= t.limits.UnitSteps {
		t.overflow(o, e)
		return
	}
	at := e.At
	if at != 0 {
		at -= max(e.Took, 0)
	}
	if t.steps++; t.steps > t.limits.Steps {
		t.makeRoom(o)
	}
	o.Steps = append(o.Steps, Step{
		Args: e.Args, At: at, Took: e.Took, Shape: e.Shape, Rows: e.Rows, Line: e.Line, Next: -1, Site: e.Site, Flags: e.Flags,
	})
}

// joinMax is how many steps back the start of a portal or batch is looked for.
const joinMax = 64

// join adds the event to the step that it goes on with: the next rows of a
// portal, the next round of an executemany. They are no repeats.
func (o *open) join(e *sqllog.Event) bool {
	for i := len(o.Steps) - 1; i >= max(0, len(o.Steps)-joinMax); i-- {
		if s := &o.Steps[i]; s.Shape == e.Shape {
			if e.Took > 0 {
				s.Took = max(s.Took, 0) + e.Took
			}
			s.Rows = max(s.Rows, e.Rows)
			return true
		}
	}
	return false
}

// overflow adds up a step beyond the limit, so that no time is lost.
func (t *Tracker) overflow(o *open, e *sqllog.Event) {
	t.Lost.Steps++
	o.Truncated = true
	if o.extra == nil {
		o.extra = map[sqlshape.ID]extra{}
	}
	x := o.extra[e.Shape]
	x.n++
	x.took += max(e.Took, 0)
	o.extra[e.Shape] = x
}

func (t *Tracker) closeSession(o *open) {
	delete(t.bySession, o.key)
	t.finish(o)
}

// Close closes every open unit, the one touched first first. Call it at the
// end of each input.
func (t *Tracker) Close() {
	for _, o := range t.byAge() {
		t.drop(o)
	}
	t.now = 0
}

// sweep closes the units that have been silent for too long to go on.
func (t *Tracker) sweep() {
	if t.now == 0 {
		return
	}
	for _, o := range t.byAge() {
		if o.lastEnd != 0 && t.now-o.lastEnd > idleMax {
			t.drop(o)
		}
	}
}

// makeRoom closes the half of the open units that was touched longest ago,
// but not keep.
func (t *Tracker) makeRoom(keep *open) {
	old := t.byAge()
	for _, o := range old[:len(old)/2] {
		if o == keep {
			continue
		}
		if t.now == 0 || t.now-o.lastEnd < gapMax {
			t.Lost.ClosedEarly++
		}
		t.drop(o)
	}
}

// byAge returns the open units, the one touched longest ago first.
func (t *Tracker) byAge() []*open {
	all := make([]*open, 0, len(t.bySession)+len(t.byID))
	for _, o := range t.bySession {
		all = append(all, o)
	}
	for _, o := range t.byID {
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b *open) int { return int(a.seen - b.seen) })
	return all
}

func (t *Tracker) drop(o *open) {
	if o.id != 0 {
		delete(t.byID, o.id)
		t.finish(o)
		return
	}
	t.closeSession(o)
}

// finish groups the unit's steps, hands it out and takes it back.
func (t *Tracker) finish(o *open) {
	byStart := func(a, b Step) int { return cmp.Compare(a.At, b.At) }
	if o.id != 0 && !slices.IsSortedFunc(o.Steps, byStart) { // several sessions fed it
		slices.SortStableFunc(o.Steps, byStart)
	}
	t.steps -= len(o.Steps)
	t.group(&o.Unit)
	if len(o.Steps) > 0 {
		t.done(&o.Unit)
	}
	steps, groups := o.Steps[:0], o.Groups[:0]
	if cap(steps) > 4096 { // do not let one huge unit hold its memory
		steps = nil
	}
	*o = open{Unit: Unit{Steps: steps, Groups: groups}}
	if len(t.free) < 256 {
		t.free = append(t.free, o)
	}
}
