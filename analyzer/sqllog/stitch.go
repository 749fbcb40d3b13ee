package sqllog

import (
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// A stitcher puts the records of each session together into Events. One
// goroutine feeds it blocks in the order of the file. What belongs together is
// found by session and state, never by being next to each other.
type stitcher struct {
	set      *sqlshape.Set
	names    *Names
	sink     func([]Event) error
	sum      *Summary
	sessions sessions
	number   uint32 // the last session number given
	tick     uint64 // records so far
	lines    int64  // newlines before the block
	firstAt  int64  // the time of the first record
	plans    bool   // plans count as executions: the log has hardly anything else
	bareSeen bool   // the log has durations without text

	// out are events in order; those from the first open slot on wait.
	out   []Event
	base  uint64 // sequence number of out[0]
	opens []open
	drops bool
}

// An open is an event in out that a later record of its session may change.
type open struct {
	seq   uint64
	until uint64 // the tick at which waiting ends
	pos   int32
}

const (
	// detailHold is how many records may stand between an entry and its
	// DETAIL, which follows at once but for interleaved writers.
	detailHold = 256
	// timeHold is the same for a duration, as long as none was seen.
	timeHold = 4096
	dropped  = Flag(1 << 7) // an event in out that is none
)

// feed takes the records of a block.
func (s *stitcher) feed(r *result) error {
	t := r.tables
	if r.reset {
		t.names, t.nids = t.names[:0], t.nids[:0]
	}
	t.shapes = append(t.shapes, r.shapes...)
	for len(t.ids) < len(t.shapes) {
		t.ids = append(t.ids, shapeID{})
	}
	t.names = append(t.names, r.names...)
	for len(t.nids) < len(t.names) {
		t.nids = append(t.nids, nameID{})
	}
	for i := range r.recs {
		s.record(&r.recs[i], t)
	}
	s.lines += r.lines
	return s.flush(false)
}

// record handles one record.
func (s *stitcher) record(r *record, t *tables) {
	s.tick++
	if s.firstAt == 0 {
		s.firstAt = r.at
	}
	pos := s.sessions.find(r.key)
	ses := &s.sessions.list[pos]
	if ses.tick == 0 && len(s.sessions.index) > sessionsMax {
		ses.tick = s.tick
		s.evict()
	}
	if r.bits&recPidOnly != 0 && ses.tick != 0 && (r.verb == began && ses.number != 0 || r.lno != 0 && r.lno < ses.lno) {
		s.close(ses, r)
		*ses = session{key: ses.key, listed: true}
	}
	if ses.tick == 0 && r.lno == 1 {
		ses.opened = true
	}
	ses.tick, ses.lno = s.tick, r.lno
	var shape shapeID
	if r.shape != noShape {
		shape = s.shape(t, r.shape)
	}
	switch r.verb {
	case params, prepared, inside, blamed:
		s.secondary(ses, r, shape)
		return
	case began:
		ses.opened = true
	case ended:
		s.end(pos, ses, r)
		return
	case failed:
		s.fail(ses)
	case timed:
		s.time(ses, r)
	case planned:
		s.plan(ses, r, shape, t)
	case parsed, bound:
		s.steps(ses, r, shape)
	case ran, said:
		s.simple(pos, ses, r, shape, t)
	case executed, saidExecute:
		s.execute(pos, ses, r, shape, t)
	case fetched, saidFetch:
		s.fetch(pos, ses, r, shape, t)
	}
	ses.last = r.verb
}

// shape numbers a shape when the first record with it comes by.
func (s *stitcher) shape(t *tables, i uint32) shapeID {
	id := &t.ids[i]
	if !id.listed {
		sh := t.shapes[i]
		*id = shapeID{id: s.set.Number(sh), kind: sh.Kind, listed: true}
	}
	return *id
}

// name numbers a name and its site when the first record with them comes by.
func (s *stitcher) name(t *tables, i uint32) (NameID, SiteID) {
	if i == 0 {
		return 0, 0
	}
	id := &t.nids[i-1]
	if !id.listed {
		name, site := splitName(t.names[i-1])
		*id = nameID{name: s.names.Intern(name), listed: true}
		if site != "" {
			id.site = s.names.internSite(site)
		}
	}
	return id.name, id.site
}

// make starts an Event from a record.
func (s *stitcher) make(r *record, shape shapeID, t *tables) Event {
	name, site := s.name(t, r.name)
	return Event{
		At: r.at, Took: r.took, Args: r.args, Unit: r.unit, Shape: shape.id, Rows: r.rows,
		Name: name, Site: site, Line: uint32(s.lines) + r.line + 1, Flags: Flag(r.bits) & (Truncated | Batch),
	}
}

// emit puts an event out.
func (s *stitcher) emit(ses *session, e *Event) {
	if ses.number == 0 {
		s.number++
		ses.number = s.number
		start := int64(ses.key>>32) * second
		if ses.opened || ses.key>>32 != 0 && ses.key>>63 == 0 && s.firstAt != 0 && start >= s.firstAt-s.firstAt%second {
			e.Flags |= Opened
		}
	}
	if ses.owed {
		e.Flags |= Opened
		ses.owed = false
	}
	e.Session = ses.number
	s.out = append(s.out, *e)
}

// hold puts an event out that may still change.
func (s *stitcher) hold(pos int32, ses *session, e *Event, w waiting, ticks uint64) {
	s.emit(ses, e)
	ses.slot = s.base + uint64(len(s.out))
	ses.wait = w
	s.opens = append(s.opens, open{seq: ses.slot - 1, until: s.tick + ticks, pos: pos})
}

// keep holds an event back in its session, for as long as it takes.
func (ses *session) keep(e *Event, w waiting) { ses.event, ses.wait, ses.slot = *e, w, 0 }

// pending is the event of the session that waits.
func (s *stitcher) pending(ses *session) *Event {
	if ses.slot > 0 {
		return &s.out[ses.slot-1-s.base]
	}
	return &ses.event
}

// settle ends waiting.
func (s *stitcher) settle(ses *session) {
	if ses.wait == settled {
		return
	}
	if ses.hasPlan && ses.wait == forTime {
		s.planInto(ses, s.pending(ses))
	}
	switch {
	case ses.slot > 0:
		if e := s.pending(ses); ses.failed {
			ses.owed = e.Flags&Opened != 0
			e.Flags |= dropped
			s.drops = true
		}
	case !ses.failed:
		s.emit(ses, &ses.event)
	}
	ses.wait, ses.slot, ses.failed, ses.detailed, ses.fetching = settled, 0, false, false, false
}

// flush hands the events to the sink that cannot change any more.
func (s *stitcher) flush(all bool) error {
	k := 0
	for ; k < len(s.opens); k++ {
		o := s.opens[k]
		ses := &s.sessions.list[o.pos]
		if ses.slot != o.seq+1 {
			continue
		}
		if !all && s.tick < o.until {
			break
		}
		s.settle(ses)
	}
	s.opens = s.opens[:copy(s.opens, s.opens[k:])]
	n := len(s.out)
	if len(s.opens) > 0 {
		n = int(s.opens[0].seq - s.base)
	}
	if n == 0 {
		return nil
	}
	ready := s.out[:n]
	if s.drops {
		ready = s.compact(ready)
	}
	for i := range ready {
		e := &ready[i]
		if e.Flags&Closed != 0 {
			continue
		}
		s.sum.Statements++
		if e.Took < 0 {
			s.sum.Untimed++
		} else {
			s.sum.Took += e.Took
		}
	}
	var err error
	if len(ready) > 0 {
		err = s.sink(ready)
	}
	s.base += uint64(n)
	s.out = s.out[:copy(s.out, s.out[n:])]
	return err
}

// compact takes the dropped events out.
func (s *stitcher) compact(evs []Event) []Event {
	k := 0
	for i := range evs {
		if evs[i].Flags&dropped == 0 {
			evs[k] = evs[i]
			k++
		}
	}
	s.drops = false
	for _, e := range s.out[len(evs):] {
		s.drops = s.drops || e.Flags&dropped != 0
	}
	return evs[:k]
}

// evict closes the sessions that were silent longest.
func (s *stitcher) evict() {
	for _, pos := range s.sessions.silent() {
		s.sum.Evicted++
		s.leave(&s.sessions.list[pos])
		s.sessions.drop(pos)
	}
}

// leave settles all that a session waits for.
func (s *stitcher) leave(ses *session) {
	s.settle(ses)
	s.settlePlan(ses)
}

// close ends a session without an event, when its pid is used again.
func (s *stitcher) close(ses *session, r *record) {
	s.leave(ses)
	if ses.number != 0 {
		s.emit(ses, &Event{At: r.at, Took: -1, Rows: -1, Line: uint32(s.lines) + r.line + 1, Flags: Closed})
	}
}

// end handles a disconnection.
func (s *stitcher) end(pos int32, ses *session, r *record) {
	s.close(ses, r)
	s.sessions.drop(pos)
}

// finish settles everything at the end of the input.
func (s *stitcher) finish() error {
	for _, pos := range s.sessions.byAge() {
		s.leave(&s.sessions.list[pos])
	}
	return s.flush(true)
}
