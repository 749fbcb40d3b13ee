package rules

import (
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
	"github.com/ormlint/ormlint/analyzer/work"
)

// A Detector shows units of work to the rules. Not safe for concurrent use.
type Detector struct {
	set      *sqlshape.Set
	profile  *profile.Profile
	options  Options
	minCalls int32 // of options
	slow     int64 // nanoseconds, of options

	traits []trait // by shape ID
	// watches are the ledgers of the watching rules, by shape ID, so that a
	// shape seen in every unit is looked up once.
	watches [][]*profile.Ledger
	scene   scene
}

// A trait is what detectors need to know of a shape, in one word.
type trait uint32

const (
	isRead     trait = 1 << iota // SELECT that gives rows of a table
	isRowWrite                   // INSERT, UPDATE or DELETE of one row
	isWrite
	isPrefetch // SELECT with a list behind IN
	isQuiet    // session, user, content type: names no endpoint
	isProbe    // COUNT or EXISTS
	isVolatile // may answer differently each time
	watched0   // first of the bits of the watching rules
)

// NewDetector returns a Detector that enters what it sees into p.
func NewDetector(set *sqlshape.Set, p *profile.Profile, o Options) *Detector {
	o = o.filled()
	d := &Detector{set: set, profile: p, options: o, minCalls: int32(o.MinCalls), slow: int64(o.SlowQueryMS) * int64(time.Millisecond)}
	d.scene.d = d
	return d
}

// Unit looks at one unit of work; u is not kept.
func (d *Detector) Unit(u *work.Unit) {
	if len(u.Groups) == 0 {
		return
	}
	d.profile.Begin(u, d.first(u))
	s := &d.scene
	s.begin(u)
	for i := range u.Groups {
		s.watch(i)
	}
	if s.repeats {
		detectGetOrCreate(s)
		detectSavepoints(s)
		detectM2MAdd(s)
		detectDeletes(s)
		detectInserts(s) // before updates: save() may try one first
		detectUpdates(s)
		detectReads(s)
		detectDuplicates(s)
	}
	if s.traits&isProbe != 0 {
		detectTwice(s)
	}
	if s.traits&isPrefetch != 0 {
		detectPrefetches(s)
	}
}

// first is the shape that names units which the log does not name: the first
// that is not part of every request.
func (d *Detector) first(u *work.Unit) sqlshape.ID {
	for i := range u.Groups {
		if id := u.Groups[i].Shape; d.trait(id)&isQuiet == 0 {
			return id
		}
	}
	return u.Groups[0].Shape
}

// trait returns the traits of a shape, looking at each shape once.
func (d *Detector) trait(id sqlshape.ID) trait {
	for int(id) >= len(d.traits) {
		d.traits = append(d.traits, traitOf(d.set.Shape(sqlshape.ID(len(d.traits))), &d.options))
	}
	return d.traits[id]
}

func traitOf(s *sqlshape.Shape, o *Options) trait {
	if isSystem(s) {
		return isQuiet
	}
	var t trait
	switch s.Kind {
	case sqlshape.Select, sqlshape.Declare:
		if len(s.Tables) > 0 || s.Subquery {
			t |= isRead
		}
		if len(s.Aggregates) > 0 || s.Exists {
			t |= isProbe
		}
		for _, p := range s.Where {
			if p.List >= sqlshape.ManyItems {
				t |= isPrefetch
			}
		}
	case sqlshape.Insert, sqlshape.Update, sqlshape.Delete:
		t |= isWrite
		if isOneRow(s) {
			t |= isRowWrite
		}
	}
	if len(s.Tables) > 0 && quietTables[s.Tables[0].Name] && (s.Limit == sqlshape.GetLimit || s.Kind != sqlshape.Select) {
		t |= isQuiet
	}
	if s.ForUpdate || isVolatileText(s.Text) {
		t |= isVolatile
	}
	bit := watched0
	for _, r := range all {
		if r.watch != nil {
			if r.watch(s) && o.reached(r, s) {
				t |= bit
			}
			bit <<= 1
		}
	}
	return t
}

// isSystem reports whether a statement is about PostgreSQL's own tables or
// Django's record of migrations, as introspection and migrate run them.
func isSystem(s *sqlshape.Shape) bool {
	for _, names := range [][]string{s.Reads, s.Writes} {
		for _, n := range names {
			if strings.HasPrefix(n, "pg_") || n == "django_migrations" {
				return true
			}
		}
	}
	return len(s.Tables) > 0 && s.Tables[0].Schema == "information_schema"
}

// quietTables are read, a row at a time, in every request by Django itself.
var quietTables = map[string]bool{
	"django_session": true, "auth_user": true, "django_content_type": true,
	"django_site": true, "authtoken_token": true, "auth_permission": true,
}

// watch enters a sighting for the watching rules whose bits are set.
func (d *Detector) watch(id sqlshape.ID, bits trait, v profile.Sighting) {
	for int(id) >= len(d.watches) {
		d.watches = append(d.watches, nil)
	}
	if d.watches[id] == nil {
		for _, r := range all {
			if r.watch == nil {
				continue
			}
			if bits&1 != 0 {
				d.watches[id] = append(d.watches[id], d.profile.Ledger(profile.Case{Rule: uint8(r.pattern), Child: id}))
			}
			bits >>= 1
		}
	}
	for _, l := range d.watches[id] {
		d.profile.Enter(l, v)
	}
}
