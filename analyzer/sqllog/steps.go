package sqllog

import "github.com/ormlint/ormlint/analyzer/sqlshape"

// simple handles a statement of the simple protocol, or one that
// log_statement told of before it ran.
func (s *stitcher) simple(pos int32, ses *session, r *record, shape shapeID, t *tables) {
	if s.continues(ses, r, shape) {
		return
	}
	s.settle(ses)
	e := s.make(r, shape, t)
	if shape.kind == sqlshape.Fetch {
		e.Flags |= Batch
	}
	s.planBefore(ses, &e, r.verb)
	ses.step.on = false
	ses.bare = [2]int64{}
	ses.kind = shape.kind
	switch {
	case r.verb == said && (s.bareSeen || shape.kind == sqlshape.Declare):
		ses.keep(&e, forTime)
	case r.verb == said:
		s.hold(pos, ses, &e, forTime, timeHold)
	case shape.kind == sqlshape.Declare:
		ses.keep(&e, forFetches)
	case r.bits&recDetail != 0:
		s.hold(pos, ses, &e, forDetail, detailHold)
	default:
		s.emit(ses, &e)
	}
}

// continues adds a FETCH to the cursor it reads from, when nothing else ran in
// between.
func (s *stitcher) continues(ses *session, r *record, shape shapeID) bool {
	if shape.kind != sqlshape.Fetch || ses.kind != sqlshape.Declare {
		return false
	}
	// A log without durations never says when the DECLARE was done.
	untimed := ses.wait == forTime && (r.verb == said || r.verb == saidExecute)
	if ses.wait != forFetches && !untimed {
		return false
	}
	e := s.pending(ses)
	e.Flags |= Batch
	switch r.verb {
	case ran, executed:
		took := r.took
		if ses.step.on && ses.step.shape == shape.id {
			took += ses.step.took
		}
		ses.step.on = false
		addTook(e, took)
		e.At = r.at
		ses.hasPlan = false
	case said, saidExecute:
		ses.fetching = !untimed
		addTook(e, ses.bare[0]+ses.bare[1])
		ses.bare = [2]int64{}
	}
	return true
}

func addTook(e *Event, took int64) {
	if took < 0 || took == 0 && e.Took < 0 {
		return
	}
	e.Took = max(e.Took, 0) + took
}

// steps remembers the parse and bind of an execution to come.
func (s *stitcher) steps(ses *session, r *record, shape shapeID) {
	if ses.wait == forDetail || ses.wait == forTime {
		s.settle(ses)
	}
	if ses.hasPlan {
		s.settlePlan(ses)
	}
	if r.verb == bound && ses.last == parsed && ses.step.on && ses.step.shape == shape.id {
		ses.step.took += r.took
		return
	}
	ses.step.on, ses.step.shape, ses.step.took = true, shape.id, r.took
	ses.step.args, ses.step.params, ses.step.cut = 0, false, false
}

// execute handles an execution by the extended protocol. It is the one that
// counts; the times of its parse and bind are added.
func (s *stitcher) execute(pos int32, ses *session, r *record, shape shapeID, t *tables) {
	if s.continues(ses, r, shape) {
		return
	}
	s.settle(ses)
	e := s.make(r, shape, t)
	if shape.kind == sqlshape.Fetch {
		e.Flags |= Batch
	}
	s.planBefore(ses, &e, r.verb)
	known := false
	if ses.step.on && ses.step.shape == shape.id {
		e.Took = max(e.Took, 0) + ses.step.took
		if known = ses.step.params; known {
			e.Args = mix(e.Args, ses.step.args)
		}
		if ses.step.cut {
			e.Flags |= Truncated
		}
	}
	ses.step.on = false
	ses.kind = shape.kind
	ses.detailed = known
	switch {
	case r.verb == saidExecute:
		// The bare durations of its parse and bind came before it.
		if b := ses.bare[0] + ses.bare[1]; b > 0 {
			e.Took = max(e.Took, 0) + b
		}
		ses.bare = [2]int64{}
		if s.bareSeen || shape.kind == sqlshape.Declare {
			ses.keep(&e, forTime)
		} else {
			s.hold(pos, ses, &e, forTime, timeHold)
		}
	case r.bits&recPortal != 0 || shape.kind == sqlshape.Declare:
		ses.keep(&e, forFetches)
	case !known && r.bits&recDetail != 0:
		s.hold(pos, ses, &e, forDetail, detailHold)
	default:
		s.emit(ses, &e)
	}
}

// fetch handles an execution that went on with an open portal.
func (s *stitcher) fetch(pos int32, ses *session, r *record, shape shapeID, t *tables) {
	if ses.wait == forFetches && s.pending(ses).Shape == shape.id {
		e := s.pending(ses)
		e.Flags |= Batch
		if r.verb == saidFetch {
			ses.fetching = true
		} else {
			addTook(e, r.took)
			e.At = r.at
		}
		ses.detailed = true
		return
	}
	e := s.make(r, shape, t)
	e.Flags |= Batch
	s.settle(ses)
	s.settlePlan(ses)
	ses.kind = shape.kind
	if r.verb == saidFetch {
		ses.keep(&e, forTime)
		return
	}
	s.hold(pos, ses, &e, forDetail, detailHold)
}

// time handles a duration without text: it belongs to the statement told of
// before, else to the parse or bind of one to come.
func (s *stitcher) time(ses *session, r *record) {
	s.bareSeen = true
	switch {
	case ses.wait == forTime:
		e := s.pending(ses)
		addTook(e, r.took)
		e.At = r.at
		s.planInto(ses, e)
		if ses.kind == sqlshape.Declare {
			ses.wait = forFetches
			return
		}
		s.settle(ses)
	case ses.wait == forFetches && ses.fetching:
		e := s.pending(ses)
		addTook(e, r.took)
		e.At = r.at
		ses.fetching = false
	default:
		ses.bare[0], ses.bare[1] = ses.bare[1], r.took
	}
}

// fail handles an ERROR: the statement told of, if any, did not count.
func (s *stitcher) fail(ses *session) {
	s.sum.Errors++
	ses.step.on = false
	ses.bare = [2]int64{}
	ses.hasPlan = false
	if ses.wait == forTime {
		ses.failed = true
	}
}

// secondary handles the entries that belong to the one before.
func (s *stitcher) secondary(ses *session, r *record, shape shapeID) {
	switch r.verb {
	case params:
		s.parameters(ses, r)
	case prepared:
		if ses.wait == forDetail || ses.wait == forTime {
			e := s.pending(ses)
			e.Shape, ses.kind = shape.id, shape.kind
		}
	case inside:
		if ses.last == planned {
			ses.hasPlan = false
		}
	case blamed:
		// Another statement failed, before log_statement could tell of it.
		if ses.failed && s.pending(ses).Shape != shape.id {
			ses.failed = false
		}
		if ses.wait == forTime {
			s.settle(ses)
		}
	}
}

// parameters joins a DETAIL. One follows each of bind, execute and fetch.
func (s *stitcher) parameters(ses *session, r *record) {
	cut := r.bits & recTruncated
	switch ses.last {
	case bound:
		ses.step.args, ses.step.params, ses.step.cut = r.args, true, cut != 0
	case executed, saidExecute, ran, said, fetched, saidFetch:
		if ses.wait == settled || ses.detailed {
			return
		}
		e := s.pending(ses)
		e.Args = mix(e.Args, r.args)
		e.Flags |= Flag(cut)
		ses.detailed = true
		if ses.wait == forDetail {
			s.settle(ses)
		}
	}
}

// plan handles an entry of auto_explain. It comes before the statement's own
// entry, where there is one.
func (s *stitcher) plan(ses *session, r *record, shape shapeID, t *tables) {
	s.sum.Plans++
	if ses.wait == forDetail {
		s.settle(ses)
	}
	s.settlePlan(ses)
	ses.plan = s.make(r, shape, t)
	switch shape.kind {
	case sqlshape.Insert, sqlshape.Update, sqlshape.Delete:
		// The top node returns the rows of RETURNING, not those changed.
		if r.rows == 0 {
			ses.plan.Rows = -1
		}
	}
	ses.hasPlan = true
}

// planBefore gives a plan to the statement whose entry follows it.
func (s *stitcher) planBefore(ses *session, e *Event, v verb) {
	if !ses.hasPlan {
		return
	}
	if (v == ran || v == executed) && ses.plan.Shape == e.Shape {
		s.planInto(ses, e)
	}
	s.settlePlan(ses)
}

// planInto gives a plan's rows, and its time where there is no other, to its
// statement.
func (s *stitcher) planInto(ses *session, e *Event) {
	if !ses.hasPlan || ses.plan.Shape != e.Shape {
		return
	}
	e.Rows = ses.plan.Rows
	if e.Took < 0 {
		e.Took = ses.plan.Took
	}
	ses.hasPlan = false
}

// settlePlan makes a plan an event where plans are all there is.
func (s *stitcher) settlePlan(ses *session) {
	if !ses.hasPlan {
		return
	}
	ses.hasPlan = false
	if s.plans {
		s.emit(ses, &ses.plan)
	}
}
