package work

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer/sqllog"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

const ms = int64(time.Millisecond)

// A fixture feeds a Tracker with SQL text and keeps what closes.
type fixture struct {
	set     *sqlshape.Set
	scanner *sqlshape.Scanner
	tracker *Tracker
	units   []string
	now     int64
}

func newFixture(l Limits) *fixture {
	f := &fixture{set: sqlshape.NewSet(nil, 0), now: 1e18}
	f.scanner = sqlshape.NewScanner(f.set, sqlshape.Postgres)
	f.tracker = NewTracker(f.set, l, func(u *Unit) { f.units = append(f.units, f.describe(u)) })
	return f
}

// describe writes a unit as "bound: verbs of its steps".
func (f *fixture) describe(u *Unit) string {
	var words []string
	for _, s := range u.Steps {
		words = append(words, strings.Fields(f.set.Shape(s.Shape).Text)[0])
	}
	return fmt.Sprintf("%s: %s", [...]string{"gap", "marker", "session", "id"}[u.Bound], strings.Join(words, " "))
}

func (f *fixture) event(sql string) sqllog.Event {
	st := f.scanner.Scan([]byte(sql), sqlshape.Plain)
	f.now += ms
	return sqllog.Event{Shape: f.set.Number(f.scanner.Shape(st.Index)), Args: st.Args, At: f.now, Took: ms / 2, Session: 1, Rows: -1}
}

const session = `SELECT "django_session"."session_key", "django_session"."session_data" FROM "django_session" WHERE ("django_session"."expire_date" > '2026-01-01' AND "django_session"."session_key" = 'x') LIMIT 21`

func TestCuts(t *testing.T) {
	book := `SELECT "library_book"."id" FROM "library_book" LIMIT 10`
	type in struct {
		sql   string
		pause time.Duration
		set   func(*sqllog.Event)
	}
	id := func(n uint64) func(*sqllog.Event) { return func(e *sqllog.Event) { e.Unit = n } }
	name := func(n sqllog.NameID) func(*sqllog.Event) { return func(e *sqllog.Event) { e.Name = n } }
	flag := func(g sqllog.Flag) func(*sqllog.Event) { return func(e *sqllog.Event) { e.Flags = g } }
	for _, c := range []struct {
		name string
		in   []in
		want []string
	}{
		{"one session", []in{{sql: book}, {sql: "COMMIT"}}, []string{"gap: SELECT COMMIT"}},
		{"session read begins a unit", []in{{sql: session}, {sql: book}, {sql: session}, {sql: book}}, []string{"marker: SELECT SELECT", "marker: SELECT SELECT"}},
		{"session read twice at once is one unit", []in{{sql: session}, {sql: session}, {sql: book}}, []string{"marker: SELECT SELECT SELECT"}},
		{"a free key at login is no marker", []in{{sql: book}, {sql: `SELECT 1 AS "a" FROM "django_session" WHERE "django_session"."session_key" = 'x' LIMIT 1`}}, []string{"gap: SELECT SELECT"}},
		{"health check", []in{{sql: "SELECT 1"}, {sql: book}, {sql: "SELECT 1"}, {sql: book}}, []string{"marker: SELECT SELECT", "marker: SELECT SELECT"}},
		{"silence", []in{{sql: book}, {sql: book, pause: gapPlus}}, []string{"gap: SELECT", "gap: SELECT"}},
		{"silence up to the limit", []in{{sql: book}, {sql: "DELETE FROM a", pause: time.Duration(gapMax) - 2*time.Millisecond}}, []string{"gap: SELECT DELETE"}},
		{"the first statement again after a rest", []in{{sql: book}, {sql: "DELETE FROM a"}, {sql: book, pause: 210 * time.Millisecond}}, []string{"gap: SELECT", "gap: SELECT DELETE"}},
		{"another statement after a rest", []in{{sql: book}, {sql: "DELETE FROM a", pause: 210 * time.Millisecond}}, []string{"gap: SELECT DELETE"}},
		{"the first statement again at once", []in{{sql: book}, {sql: book, pause: 190 * time.Millisecond}}, []string{"gap: SELECT SELECT"}},
		{"a portal goes on", []in{{sql: book}, {sql: book, set: flag(sqllog.Batch)}, {sql: "COMMIT"}}, []string{"gap: SELECT COMMIT"}},
		{"opened", []in{{sql: book, set: flag(sqllog.Opened)}, {sql: book}}, []string{"session: SELECT SELECT"}},
		{"names", []in{{sql: book, set: name(1)}, {sql: book, set: name(1)}, {sql: book, set: name(2)}}, []string{"gap: SELECT SELECT", "marker: SELECT"}},
		{"ids interleave", []in{{sql: book, set: id(7)}, {sql: book, set: id(8)}, {sql: "DELETE FROM a", set: id(7)}}, []string{"id: SELECT DELETE", "id: SELECT"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(DefaultLimits())
			for _, x := range c.in {
				f.now += int64(x.pause)
				e := f.event(x.sql)
				if x.set != nil {
					x.set(&e)
				}
				f.tracker.Add([]sqllog.Event{e})
			}
			f.tracker.Close()
			got := slices.Clone(f.units)
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

const gapPlus = time.Duration(gapMax) + time.Millisecond

// A unit at the limit keeps its order; one step more is summed, not lost.
func TestUnitSteps(t *testing.T) {
	for _, n := range []int{3, 4} {
		f := newFixture(Limits{OpenUnits: 10, UnitSteps: 3, Steps: 100})
		var got Unit
		f.tracker.done = func(u *Unit) { got = *u; got.Groups = slices.Clone(u.Groups) }
		for range n {
			f.tracker.Add([]sqllog.Event{f.event("SELECT a FROM t WHERE b = 1")})
		}
		f.tracker.Close()
		g := got.Groups[0]
		if len(got.Steps) != 0 && cap(got.Steps) < 3 || int(g.N) != n || g.Took != int64(n)*ms/2 || got.Truncated != (n > 3) {
			t.Errorf("%d steps: group %+v, truncated %v", n, g, got.Truncated)
		}
		if f.tracker.Lost.Steps != int64(n-3) {
			t.Errorf("%d steps: %d lost", n, f.tracker.Lost.Steps)
		}
	}
}

// Over the limit on open units the idlest half closes, and it is counted.
func TestOpenUnits(t *testing.T) {
	f := newFixture(Limits{OpenUnits: 4, UnitSteps: 100, Steps: 1000})
	for i := range 5 {
		e := f.event("SELECT a FROM t")
		e.Session = uint32(i + 1)
		f.tracker.Add([]sqllog.Event{e})
		if want := 0; i == 4 {
			want = 2
			if len(f.units) != want || f.tracker.Lost.ClosedEarly != 2 {
				t.Errorf("%d closed, %d counted, want %d", len(f.units), f.tracker.Lost.ClosedEarly, want)
			}
		} else if len(f.units) != want {
			t.Errorf("%d closed below the limit", len(f.units))
		}
	}
	f.tracker.Close()
	if len(f.units) != 5 {
		t.Errorf("%d units, want 5", len(f.units))
	}
}

func TestGroups(t *testing.T) {
	f := newFixture(DefaultLimits())
	var groups []string
	f.tracker.done = func(u *Unit) {
		for _, g := range u.Groups {
			groups = append(groups, fmt.Sprintf("%s n=%d distinct=%d first=%d last=%d", f.set.Shape(g.Shape).Text, g.N, g.Distinct, g.First, g.Last))
		}
	}
	for _, q := range []string{"BEGIN", "SELECT a FROM t", "SELECT b FROM u WHERE c = 1", "SELECT b FROM u WHERE c = 2", "SELECT b FROM u WHERE c = 1", "COMMIT"} {
		f.tracker.Add([]sqllog.Event{f.event(q)})
	}
	f.tracker.Close()
	want := []string{"SELECT a FROM t n=1 distinct=1 first=1 last=1", "SELECT b FROM u WHERE c = ? n=3 distinct=2 first=2 last=4"}
	if !slices.Equal(groups, want) {
		t.Errorf("got %q", groups)
	}
}

// Steady state allocates nothing for a statement.
func TestAllocs(t *testing.T) {
	f := newFixture(DefaultLimits())
	f.tracker.done = func(*Unit) {}
	events := []sqllog.Event{f.event(session)}
	for i := range 20 {
		events = append(events, f.event(fmt.Sprintf("SELECT b FROM u WHERE c = %d", i)))
	}
	feed := func() {
		for i := range events {
			events[i].At += 1000 * ms
		}
		f.tracker.Add(events)
	}
	for range 100 {
		feed()
	}
	if n := testing.AllocsPerRun(1000, feed); n > 0.5 {
		t.Errorf("%v allocations for %d statements", n, len(events))
	}
}

// Over the limit on all steps the idlest units close; no step is lost.
func TestAllSteps(t *testing.T) {
	f := newFixture(Limits{OpenUnits: 10, UnitSteps: 100, Steps: 6})
	total := int32(0)
	f.tracker.done = func(u *Unit) { total += u.Groups[0].N }
	for i := range 7 {
		e := f.event("SELECT a FROM t")
		e.Session = uint32(i%2 + 1)
		f.tracker.Add([]sqllog.Event{e})
		if want := int64(i / 6); f.tracker.Lost.ClosedEarly != want {
			t.Errorf("after %d steps: %d closed early, want %d", i+1, f.tracker.Lost.ClosedEarly, want)
		}
	}
	f.tracker.Close()
	if total != 7 {
		t.Errorf("%d steps came out, want 7", total)
	}
}
