package sqllog

import (
	"slices"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// sessionsMax is how many sessions are kept open; beyond it the half that was
// silent longest is closed. One that speaks again counts as a new session.
const sessionsMax = 16_384

// A waiting says what a session's last statement waits for.
type waiting uint8

const (
	settled    waiting = iota
	forDetail          // its parameters
	forTime            // its duration (two-line logs)
	forFetches         // the fetches of its cursor or portal
)

// A session is the state of one connection.
type session struct {
	key    uint64
	number uint32 // 0: no event yet
	lno    uint32
	tick   uint64 // of its last record
	last   verb   // of the last entry that is not secondary
	opened bool
	owed   bool // its first event was dropped with the Opened flag

	// event is the statement that waits; when slot > 0 it is in the stitcher's
	// output instead, at sequence number slot-1.
	wait     waiting
	kind     sqlshape.Kind
	slot     uint64
	event    Event
	failed   bool
	detailed bool // its parameters are known
	fetching bool // a FETCH without its duration yet

	// The parse and bind that came before an execute.
	step struct {
		shape      sqlshape.ID
		took       int64
		args       uint64
		on, params bool
		cut        bool
	}
	bare [2]int64 // the last two durations that belong to no text yet

	plan     Event
	hasPlan  bool
	listed   bool // in the session table
	nextFree int32
}

// sessions finds sessions by key.
type sessions struct {
	index map[uint64]int32
	list  []session
	free  int32 // head of the free list, -1: empty
	// near are the entries of index looked up last: few sessions are busy at a
	// time, and a look-up per record shows.
	near [nearMax]nearSession
}

// nearMax is a power of two.
const nearMax = 256

type nearSession struct {
	key uint64
	pos int32 // 0: none, else one more than the position
}

func newSessions() sessions {
	return sessions{index: map[uint64]int32{}, free: -1}
}

func (t *sessions) nearBy(key uint64) *nearSession {
	return &t.near[key*0x9e3779b97f4a7c15>>32%nearMax]
}

// find gives the position of a session, a new one where there is none.
func (t *sessions) find(key uint64) int32 {
	near := t.nearBy(key)
	if near.key == key && near.pos > 0 {
		return near.pos - 1
	}
	pos, ok := t.index[key]
	if !ok {
		if pos = t.free; pos >= 0 {
			t.free = t.list[pos].nextFree
			t.list[pos] = session{}
		} else {
			pos = int32(len(t.list))
			t.list = append(t.list, session{})
		}
		s := &t.list[pos]
		s.key, s.listed = key, true
		t.index[key] = pos
	}
	*near = nearSession{key, pos + 1}
	return pos
}

// drop forgets a session.
func (t *sessions) drop(pos int32) {
	s := &t.list[pos]
	delete(t.index, s.key)
	s.listed = false
	s.nextFree = t.free
	t.free = pos
	*t.nearBy(s.key) = nearSession{}
}

// silent gives the half of the sessions that spoke longest ago, oldest first.
func (t *sessions) silent() []int32 {
	all := t.byAge()
	return all[:len(all)/2]
}

func (t *sessions) byAge() []int32 {
	var all []int32
	for i := range t.list {
		if t.list[i].listed {
			all = append(all, int32(i))
		}
	}
	slices.SortFunc(all, func(a, b int32) int {
		if t.list[a].tick < t.list[b].tick {
			return -1
		}
		return 1
	})
	return all
}
