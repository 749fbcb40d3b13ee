package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// readMax is the most bytes of a report that are read. A finding has some
// kilobytes, a run some thousand findings at worst.
const readMax = 256 << 20

// A ReadError is a place in a report that cannot be read. Msg says what was
// expected there and shows nothing of the report but field names.
type ReadError struct {
	Line, Column int // 1-based, columns in characters; 0: the report as a whole
	Msg          string
	Hint         string // what to do about it
}

// writeHint is what to do about most.
const writeHint = "write one with ormlint check LOG --output json=PATH"

// Error is "line 3, column 14: findings.cost.units: expected a number, got a string".
func (e *ReadError) Error() string {
	if e.Line == 0 {
		return e.Msg
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Msg)
}

// Read reads a report that JSON wrote. What JSON leaves out is not there
// again: byte offsets of places, an input's lines, and notes, which are part
// of the messages. JSON writes the same bytes for what is returned. Unknown
// fields are passed over, since later versions may add some. Errors are those
// of r or a *ReadError.
func Read(r io.Reader) (*finding.Report, error) {
	data, err := io.ReadAll(io.LimitReader(r, readMax+1))
	if err != nil {
		return nil, err
	}
	if len(data) > readMax {
		return nil, &ReadError{Msg: fmt.Sprintf("longer than %d MiB, the most that is read", readMax>>20), Hint: writeHint}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if err := checkHead(data); err != nil {
		return nil, err
	}
	var in jReport
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, jsonError(data, err)
	}
	b := &back{data: data}
	out := b.report(&in)
	if b.err != nil {
		return nil, b.err
	}
	return out, nil
}

// checkHead tells what is no report from one of another version before its
// fields are looked at, which may have other types there.
func checkHead(data []byte) error {
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return &ReadError{Msg: "empty: expected ormlint's JSON report", Hint: writeHint}
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}), bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		return &ReadError{Msg: "UTF-16: expected UTF-8, as --output json=PATH writes it", Hint: writeHint}
	}
	var head struct {
		Version json.RawMessage `json:"schema_version"`
		Kind    json.RawMessage `json:"kind"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return jsonError(data, err)
	}
	if head.Version == nil {
		return &ReadError{Line: 1, Column: 1, Msg: "JSON, but no report of ormlint: schema_version is missing", Hint: writeHint}
	}
	n, err := strconv.Atoi(string(head.Version))
	switch {
	case err != nil || n < 1:
		return locate(data, "expected a number above 0", "schema_version")
	case n > finding.SchemaVersion:
		return &ReadError{
			Msg:  fmt.Sprintf("made by a newer ormlint (schema version %d; this one reads %d)", n, finding.SchemaVersion),
			Hint: "update ormlint, or write the report again with this one",
		}
	}
	if string(head.Kind) == `"`+deltaKind+`"` {
		return &ReadError{Msg: "a comparison, as ormlint diff writes it, and no report", Hint: writeHint}
	}
	return nil
}

// jsonError gives an error of encoding/json a place and plain words.
func jsonError(data []byte, err error) error {
	var syntax *json.SyntaxError
	var typed *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(data)) && strings.Contains(syntax.Error(), "unexpected end"):
		return placed(data, len(data), "the report ends in the middle: it was not written whole")
	case errors.As(err, &syntax):
		return placed(data, max(int(syntax.Offset)-1, 0), "not JSON: "+syntaxWords(syntax.Error()))
	case errors.As(err, &typed):
		what := "expected " + kindWords(typed.Type.Kind().String()) + ", got " + valueWords(typed.Value)
		if typed.Field != "" {
			what = typed.Field + ": " + what
		}
		return placed(data, max(int(typed.Offset)-1, 0), what)
	}
	return &ReadError{Msg: "not JSON: " + err.Error(), Hint: writeHint}
}

// syntaxWords are the library's words without the character that it quotes:
// it may be part of a value.
func syntaxWords(s string) string {
	s = strings.TrimPrefix(s, "json: ")
	if rest, ok := strings.CutPrefix(s, "invalid character "); ok {
		if i := strings.LastIndex(rest, "' "); i >= 0 {
			return "unexpected character " + rest[i+2:]
		}
	}
	return s
}

func kindWords(kind string) string {
	switch {
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "float"):
		return "a number"
	case kind == "bool":
		return "true or false"
	case kind == "slice":
		return "an array"
	case kind == "struct", kind == "map":
		return "an object"
	}
	return "a " + kind
}

func valueWords(v string) string {
	word, _, _ := strings.Cut(v, " ") // "number 1.5" shows the number
	switch word {
	case "number":
		return "a number that does not fit"
	case "bool":
		return "true or false"
	case "array", "object":
		return "an " + word
	}
	return "a " + word
}

// placed is a ReadError at a byte of the data.
func placed(data []byte, at int, msg string) *ReadError {
	before := data[:min(at, len(data))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return &ReadError{
		Line: bytes.Count(before, []byte{'\n'}) + 1, Column: len([]rune(string(before[start:]))) + 1, Msg: msg, Hint: writeHint,
	}
}

// locate is a ReadError at the value that a path of field names and indexes
// leads to.
func locate(data []byte, msg string, path ...any) *ReadError {
	at := 0
	value := data
	var name strings.Builder
	for _, p := range path {
		off, end, ok := step(value, p)
		if !ok {
			break // absent: what holds it is the place
		}
		at += off
		value = value[off:end]
	}
	for _, p := range path {
		if n, ok := p.(int); ok {
			fmt.Fprintf(&name, "[%d]", n)
			continue
		}
		if name.Len() > 0 {
			name.WriteByte('.')
		}
		fmt.Fprint(&name, p)
	}
	return placed(data, at, name.String()+": "+msg)
}

// step finds where in an object or array the value of a field or an index
// begins and ends.
func step(value []byte, to any) (start, end int, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(value))
	if _, err := dec.Token(); err != nil {
		return 0, 0, false
	}
	for i := 0; dec.More(); i++ {
		here := any(i)
		if _, named := to.(string); named {
			key, err := dec.Token()
			if err != nil {
				return 0, 0, false
			}
			here = key
		}
		var v json.RawMessage
		if err := dec.Decode(&v); err != nil {
			return 0, 0, false
		}
		if here == to {
			end = int(dec.InputOffset())
			return end - len(v), end, true
		}
	}
	return 0, 0, false
}

// back turns what was read into a report; it keeps the first error.
type back struct {
	data []byte
	err  error
}

func (b *back) fail(msg string, path ...any) {
	if b.err == nil {
		b.err = locate(b.data, msg, path...)
	}
}

// count checks that no number is below 0.
func (b *back) count(n int64, path ...any) int64 {
	if n < 0 {
		b.fail("expected a number from 0", path...)
	}
	return n
}

// took is milliseconds as a time, to the microsecond like ms.
func (b *back) took(ms float64, path ...any) time.Duration {
	us := math.Round(ms * 1000)
	if !(us >= 0 && us < math.MaxInt64/1000) {
		b.fail("expected milliseconds from 0", path...)
		return 0
	}
	return time.Duration(us) * time.Microsecond
}

func (b *back) stamp(s string, path ...any) time.Time {
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		b.fail("expected a time like 2026-11-22T10:00:00Z", path...)
	}
	return t
}
