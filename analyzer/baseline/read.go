package baseline

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// A SyntaxError is why a baseline cannot be read and where: Line and Column are
// 1-based, columns count characters.
type SyntaxError struct {
	Path         string
	Line, Column int
	Msg, Hint    string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.Path, e.Line, e.Column, e.Msg)
}

// anew is the hint for a file that is beyond repair by hand.
const anew = "delete it, and ormlint baseline write makes it anew"

// Parse reads the text of a baseline; path is for errors, which are
// *SyntaxError. Entries keep their order.
func Parse(path string, text []byte) ([]finding.Known, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	p := &parser{path: path, text: text, dec: json.NewDecoder(bytes.NewReader(text))}
	if len(bytes.TrimSpace(text)) == 0 {
		return nil, p.fail(0, "the file is empty, expected a JSON object", anew)
	}
	if i := conflict(text); i >= 0 {
		return nil, p.fail(i, "a merge conflict, expected JSON", "keep the entries of both sides, or "+anew)
	}
	var all json.RawMessage // the decoder below counts wrong where a value is broken
	if err := json.Unmarshal(text, &all); err != nil {
		return nil, p.wrong(err, 0)
	}
	return p.file()
}

// conflict is where git marked a conflict, -1 where it did not. A line of JSON
// cannot begin so.
func conflict(text []byte) int {
	for _, mark := range []string{"<<<<<<< ", ">>>>>>> ", "=======\n", "||||||| "} {
		if bytes.HasPrefix(text, []byte(mark)) {
			return 0
		}
		if i := bytes.Index(text, []byte("\n"+mark)); i >= 0 {
			return i + 1
		}
	}
	return -1
}

type parser struct {
	path string
	text []byte
	dec  *json.Decoder
}

// fail is an error at an offset.
func (p *parser) fail(at int, msg, hint string) *SyntaxError {
	before := p.text[:min(max(at, 0), len(p.text))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return &SyntaxError{p.path, 1 + bytes.Count(before, []byte{'\n'}), 1 + utf8.RuneCount(before[start:]), msg, hint}
}

// wrong words an error of the decoder, whose offsets are from base.
func (p *parser) wrong(err error, base int) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax) && strings.HasPrefix(syntax.Error(), "unexpected end"):
		return p.fail(len(bytes.TrimRight(p.text, " \t\r\n")), "the file ends too early", anew)
	case errors.As(err, &syntax):
		return p.fail(base+int(syntax.Offset)-1, "not JSON: "+syntax.Error(), anew)
	case errors.As(err, &kind):
		msg := fmt.Sprintf("%s is a %s, expected %s", field(kind.Field), kind.Value, plain(kind.Type.Kind().String()))
		return p.fail(base+int(kind.Offset)-1, msg, "")
	}
	return p.fail(base, strings.TrimPrefix(err.Error(), "json: "), "")
}

func field(name string) string {
	if name == "" {
		return "this"
	}
	return name
}

// plain is Go's name of a kind in the words of JSON.
func plain(kind string) string {
	switch kind {
	case "bool":
		return "true or false"
	case "struct":
		return "an object"
	}
	return "a " + kind
}

// at is where the next value begins.
func (p *parser) at() int {
	i := int(p.dec.InputOffset())
	for i < len(p.text) && strings.IndexByte(" \t\r\n,:", p.text[i]) >= 0 {
		i++
	}
	return i
}

// file reads the whole.
func (p *parser) file() ([]finding.Known, error) {
	if at := p.at(); at == len(p.text) || p.text[at] != '{' {
		return nil, p.fail(at, "expected an object with schema_version and findings", anew)
	}
	if _, err := p.dec.Token(); err != nil {
		return nil, p.wrong(err, 0)
	}
	version, listed := 0, -1 // where findings are
	var raw []json.RawMessage
	var starts []int
	for p.dec.More() {
		at := p.at()
		name, err := p.dec.Token()
		if err != nil {
			return nil, p.wrong(err, 0)
		}
		switch name {
		case "schema_version":
			if err := p.version(&version); err != nil {
				return nil, err
			}
		case "findings":
			listed = p.at()
			if raw, starts, err = p.list(); err != nil {
				return nil, err
			}
		default:
			return nil, p.fail(at, fmt.Sprintf("unknown field %q, expected schema_version or findings", name), "")
		}
	}
	if _, err := p.dec.Token(); err != nil {
		return nil, p.wrong(err, 0)
	}
	switch {
	case version == 0:
		return nil, p.fail(0, fmt.Sprintf("no schema_version, expected %d", Version), anew)
	case listed < 0:
		return nil, p.fail(0, "no findings, expected an array", anew)
	}
	return p.entries(raw, starts)
}

// version reads the schema version; that of a newer ormlint ends it, before
// anything else is found wrong with what it wrote.
func (p *parser) version(v *int) error {
	at := p.at()
	var raw json.RawMessage
	if err := p.dec.Decode(&raw); err != nil {
		return p.wrong(err, 0)
	}
	if json.Unmarshal(raw, v) != nil {
		return p.fail(at, fmt.Sprintf("schema_version is no whole number, expected %d", Version), "")
	}
	if *v > Version {
		return p.fail(at, fmt.Sprintf("schema_version %d is newer than this ormlint, which knows %d", *v, Version), "update ormlint, or delete the file and write it with this one")
	}
	if *v < 1 {
		return p.fail(at, fmt.Sprintf("schema_version %d, expected %d", *v, Version), anew)
	}
	return nil
}

// list reads the findings without looking into them.
func (p *parser) list() (raw []json.RawMessage, starts []int, err error) {
	if at := p.at(); at < len(p.text) && p.text[at] != '[' {
		return nil, nil, p.fail(at, "findings is no array", "")
	}
	if _, err := p.dec.Token(); err != nil {
		return nil, nil, p.wrong(err, 0)
	}
	for p.dec.More() {
		at := p.at()
		var r json.RawMessage
		if err := p.dec.Decode(&r); err != nil {
			return nil, nil, p.wrong(err, 0)
		}
		raw, starts = append(raw, r), append(starts, at)
	}
	if _, err := p.dec.Token(); err != nil {
		return nil, nil, p.wrong(err, 0)
	}
	return raw, starts, nil
}

func (p *parser) entries(raw []json.RawMessage, starts []int) ([]finding.Known, error) {
	known := make([]finding.Known, 0, len(raw))
	for i, r := range raw {
		var e entry
		dec := json.NewDecoder(bytes.NewReader(r))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&e); err != nil {
			return nil, p.wrong(err, starts[i])
		}
		for _, f := range []struct{ name, value string }{{"rule", e.Rule}, {"subject", e.Subject}} {
			if f.value == "" {
				return nil, p.fail(starts[i], "an entry without "+f.name+", expected code, rule, subject and place", "")
			}
		}
		known = append(known, finding.Known{
			Key:  finding.Key{Rule: e.Rule, Subject: e.Subject, Place: e.Place},
			Code: e.Code, Fingerprint: e.Fingerprint, Logged: e.LogOnly, Reason: e.Reason,
		})
	}
	return known, nil
}
