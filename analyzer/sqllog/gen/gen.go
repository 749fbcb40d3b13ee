// Package gen makes Django-like SQL, and the PostgreSQL logs of an application
// that runs it, from a seed: the same seed gives the same bytes. It serves
// tests and benchmarks; logs of any size are written as a stream.
package gen

import (
	"bufio"
	"io"
	"math/rand"
	"strconv"
	"time"
)

// A Format is a form of PostgreSQL log.
type Format uint8

// The formats: the server's stderr with log_line_prefix '%m [%p] %q%u@%d ',
// csvlog and jsonlog, all with log_min_duration_statement=0.
const (
	Stderr Format = iota
	CSV
	JSON
	formats
)

// String returns the name of the format.
func (f Format) String() string { return [formats]string{"stderr", "csv", "json"}[f] }

// A Generator makes statements and logs. It is not safe for concurrent use.
type Generator struct {
	r      *rand.Rand
	zipf   *rand.Zipf
	shapes []shape
	models int
}

// New returns a Generator of about 400 statement shapes over 40 models of 5
// to 25 columns, whose frequencies follow Zipf's law.
func New(seed int64) *Generator {
	r := rand.New(rand.NewSource(seed))
	g := &Generator{r: r, models: 40}
	for n := range g.models {
		g.shapes = append(g.shapes, modelShapes(r, n, g.models)...)
	}
	order := r.Perm(len(g.shapes))
	mixed := make([]shape, len(g.shapes))
	for i, k := range order {
		mixed[i] = g.shapes[k]
	}
	g.shapes = mixed
	g.zipf = rand.NewZipf(r, 1.3, 8, uint64(len(g.shapes)-1))
	return g
}

// SQL appends one statement to b, comment included when tagged.
func (g *Generator) SQL(b []byte, tagged bool) []byte {
	b = g.shapes[g.zipf.Uint64()].write(b, g.r, Stderr)
	if tagged {
		b = g.tag(b, g.r.Uint64(), 3)
	}
	return b
}

// sessionCount is how many connections a log interleaves.
const sessionCount = 48

// A session is one connection: it works through one request after the other.
type session struct {
	pid, line int
	tagged    bool // its requests carry sqlcommenter tags
	trace     uint64
	route     int
	plan      []int // shapes still to run in this request, last first
}

// Write writes a log of at least size bytes to w and returns how many
// statements are in it.
func (g *Generator) Write(w io.Writer, size int64, f Format) (statements int64, err error) {
	bw := bufio.NewWriterSize(w, 1<<20)
	sessions := make([]session, sessionCount)
	for k := range sessions {
		sessions[k] = session{pid: 10000 + 7*k, tagged: k%4 == 0}
	}
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	var b, sql []byte
	for written := int64(0); written < size; {
		s := &sessions[g.r.Intn(len(sessions))]
		if len(s.plan) == 0 {
			g.request(s)
		}
		k := s.plan[len(s.plan)-1]
		s.plan = s.plan[:len(s.plan)-1]
		sql = g.statement(sql[:0], k, f)
		if s.tagged {
			sql = g.tag(sql, s.trace, s.route)
		}
		s.line++
		now = now.Add(time.Duration(g.r.Intn(1_200_000)) * time.Nanosecond)
		b = entry(b[:0], f, now, s, 20+g.r.Intn(60)*g.r.Intn(60), sql)
		statements++
		n, err := bw.Write(b)
		if err != nil {
			return statements, err
		}
		written += int64(n)
	}
	return statements, bw.Flush()
}

// The statements that are no shape of a model.
const (
	begin = -1 - iota
	commit
	readSession
	readUser
)

// fixed are those statements by format, quotes escaped.
var fixed = map[int]shape{
	begin:       newShape("BEGIN"),
	commit:      newShape("COMMIT"),
	readSession: newShape(`SELECT "django_session"."session_key", "django_session"."session_data", "django_session"."expire_date" FROM "django_session" WHERE ("django_session"."expire_date" > `, aTime, ` AND "django_session"."session_key" = `, aKey, `) LIMIT 21`),
	readUser:    newShape(`SELECT "auth_user"."id", "auth_user"."password", "auth_user"."last_login", "auth_user"."is_superuser", "auth_user"."username", "auth_user"."first_name", "auth_user"."last_name", "auth_user"."email", "auth_user"."is_staff", "auth_user"."is_active", "auth_user"."date_joined" FROM "auth_user" WHERE "auth_user"."id" = `, anID, ` LIMIT 21`),
}

func (g *Generator) statement(b []byte, k int, f Format) []byte {
	if k < 0 {
		sh := fixed[k]
		return sh.write(b, g.r, f)
	}
	return g.shapes[k].write(b, g.r, f)
}

// request plans the statements of one request: session and user, a few reads
// or a write in a transaction, and in every fifth an N+1 loop.
func (g *Generator) request(s *session) {
	s.trace, s.route = g.r.Uint64(), g.r.Intn(30)
	for range 2 + g.r.Intn(8) {
		s.plan = append(s.plan, int(g.zipf.Uint64()))
	}
	if g.r.Intn(5) == 0 {
		loop := int(g.zipf.Uint64())
		for range 10 + g.r.Intn(60) {
			s.plan = append(s.plan, loop)
		}
		s.plan = append(s.plan, int(g.zipf.Uint64()))
	}
	if g.r.Intn(4) == 0 {
		s.plan = append(s.plan, commit, int(g.zipf.Uint64()), begin)
	}
	s.plan = append(s.plan, readUser, readSession)
}

// tag appends a sqlcommenter comment, which needs no escaping in any format.
func (g *Generator) tag(b []byte, trace uint64, route int) []byte {
	b = append(b, ` /*controller='shop.views.view`...)
	b = strconv.AppendInt(b, int64(route), 10)
	b = append(b, `',framework='django%3A5.2.0',route='shop/`...)
	b = strconv.AppendInt(b, int64(route), 10)
	b = append(b, `/',traceparent='00-5bd66ef5095369c7`...)
	b = hex16(b, trace)
	b = append(b, '-')
	b = hex16(b, g.r.Uint64())
	return append(b, `-01'*/`...)
}

func hex16(b []byte, x uint64) []byte {
	const digits = "0123456789abcdef"
	for k := 60; k >= 0; k -= 4 {
		b = append(b, digits[x>>k&15])
	}
	return b
}

// entry appends one log entry; micros is the duration.
func entry(b []byte, f Format, now time.Time, s *session, micros int, sql []byte) []byte {
	const stamp = "2006-01-02 15:04:05.000 UTC"
	pid, line := int64(s.pid), int64(s.line)
	switch f {
	case CSV:
		b = now.AppendFormat(b, stamp)
		b = append(b, `,"app","shop",`...)
		b = strconv.AppendInt(b, pid, 10)
		b = append(b, `,"10.0.0.5:51234",69f4a0d0.`...)
		b = strconv.AppendInt(b, pid, 16)
		b = append(b, ',')
		b = strconv.AppendInt(b, line, 10)
		b = append(b, `,"SELECT",2026-05-01 11:59:00 UTC,`...)
		b = strconv.AppendInt(b, pid%90, 10)
		b = append(b, `/0,0,LOG,00000,"duration: `...)
		b = millis(b, micros)
		b = append(b, ` ms  statement: `...)
		b = append(b, sql...)
		return append(b, `",,,,,,,,,"gunicorn","client backend",,0`+"\n"...)
	case JSON:
		b = append(b, `{"timestamp":"`...)
		b = now.AppendFormat(b, stamp)
		b = append(b, `","user":"app","dbname":"shop","pid":`...)
		b = strconv.AppendInt(b, pid, 10)
		b = append(b, `,"remote_host":"10.0.0.5","remote_port":51234,"session_id":"69f4a0d0.`...)
		b = strconv.AppendInt(b, pid, 16)
		b = append(b, `","line_num":`...)
		b = strconv.AppendInt(b, line, 10)
		b = append(b, `,"ps":"SELECT","session_start":"2026-05-01 11:59:00 UTC","vxid":"`...)
		b = strconv.AppendInt(b, pid%90, 10)
		b = append(b, `/0","txid":0,"error_severity":"LOG","message":"duration: `...)
		b = millis(b, micros)
		b = append(b, ` ms  statement: `...)
		b = append(b, sql...)
		return append(b, `","application_name":"gunicorn","backend_type":"client backend","query_id":0}`+"\n"...)
	}
	b = now.AppendFormat(b, stamp)
	b = append(b, " ["...)
	b = strconv.AppendInt(b, pid, 10)
	b = append(b, "] app@shop LOG:  duration: "...)
	b = millis(b, micros)
	b = append(b, " ms  statement: "...)
	b = append(b, sql...)
	return append(b, '\n')
}

// millis appends microseconds as PostgreSQL writes a duration: 12.345.
func millis(b []byte, micros int) []byte {
	b = strconv.AppendInt(b, int64(micros/1000), 10)
	b = append(b, '.')
	rest := micros % 1000
	return append(b, byte('0'+rest/100), byte('0'+rest/10%10), byte('0'+rest%10))
}
