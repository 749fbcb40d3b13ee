package report

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// A Rule is one entry of the catalogue, as formats show it.
type Rule struct {
	Code     string           `json:"code"`
	Name     string           `json:"name"`
	Severity finding.Severity `json:"severity"`
	Summary  string           `json:"summary"` // one line
	Doc      string           `json:"-"`       // the Markdown page
}

// Catalogue writes the rules as a table for people; summaries wrap.
func Catalogue(w io.Writer, rules []Rule, o Options) error {
	t := &text{inks: newInks(o.Color), width: o.width()}
	var code, name int
	for _, r := range rules {
		code, name = max(code, cells(r.Code)), max(name, cells(r.Name))
	}
	indent := code + name + len("  warning  ") + 2
	for _, r := range rules {
		head := t.severity(r.Severity)(fmt.Sprintf("%-*s", code, r.Code)) + "  " + t.head(fmt.Sprintf("%-*s", name, r.Name)) +
			"  " + fmt.Sprintf("%-7s", r.Severity) + "  "
		if t.width-indent < WidthMin/2 { // too narrow for a fourth column
			t.put(strings.TrimRight(head, " "))
			t.para(code+2, code+2, t.plain, r.Summary)
			continue
		}
		for _, line := range wrap(r.Summary, t.width-indent) {
			t.put(head, line)
			head = strings.Repeat(" ", indent)
		}
	}
	_, err := w.Write(t.out.Bytes())
	return err
}

// Page writes a rule's Markdown page for people: paragraphs and list items
// wrapped, code as it is, headings and code marked by colour.
func Page(w io.Writer, markdown string, o Options) error {
	p := &pageWriter{text: text{inks: newInks(o.Color), width: o.width()}}
	for line := range strings.SplitSeq(strings.TrimSpace(markdown), "\n") {
		p.line(line)
	}
	p.flush()
	_, err := w.Write(p.out.Bytes())
	return err
}

// A pageWriter reads Markdown line by line: the little of it that rule pages use.
type pageWriter struct {
	text
	code   bool     // inside a fence
	fence  string   // that ends it
	python bool     // code that means something else when wrapped
	para   []string // lines of the paragraph or list item that is being read
	indent int      // of that item's text
}

func (p *pageWriter) line(line string) {
	bare := strings.TrimSpace(line)
	switch {
	case p.code && bare == p.fence:
		p.code = false
	case p.code && (p.python || bare == ""):
		p.put(strings.TrimRight("    "+p.text.code(line), " "))
	case p.code:
		p.logLine(line)
	case strings.HasPrefix(bare, "```"):
		p.flush()
		p.code = true
		info := strings.TrimLeft(bare, "`")
		p.fence = bare[:len(bare)-len(info)]
		p.python = strings.HasPrefix(info, "python")
	case bare == "":
		p.flush()
		if !bytes.HasSuffix(p.out.Bytes(), []byte("\n\n")) { // an empty block leaves two
			p.put()
		}
	case strings.HasPrefix(line, "#"):
		p.flush()
		p.put(p.head(line))
	case strings.HasPrefix(bare, "|"): // tables are laid out in the page
		p.flush()
		p.put(p.inline(line))
	case strings.HasPrefix(bare, "- ") || strings.HasPrefix(bare, "* ") || numbered.MatchString(bare):
		p.flush()
		mark, _, _ := strings.Cut(bare, " ")
		p.indent = len(line) - len(strings.TrimLeft(line, " ")) + len(mark) + 1
		p.para = append(p.para, bare)
	default:
		p.para = append(p.para, bare)
	}
}

// logLine writes a line of a block that is no code, wrapped under what stands
// after its first gap: "2.1 ms   SELECT …" under the S.
func (p *pageWriter) logLine(line string) {
	lead := len(line) - len(strings.TrimLeft(line, " "))
	hang := lead
	if i := strings.Index(line[lead:], "  "); i >= 0 {
		rest := strings.TrimLeft(line[lead+i:], " ")
		hang = cells(line[:len(line)-len(rest)])
	}
	hang = min(hang, p.width/3)
	for i, part := range wrap(line[lead:], p.width-4-max(lead, hang)) {
		pad := hang
		if i == 0 {
			pad = lead
		}
		p.put(strings.Repeat(" ", 4+pad), p.text.code(part))
	}
}

var (
	numbered = regexp.MustCompile(`^\d+\. `)
	spanned  = regexp.MustCompile("`[^`]+`")
)

// flush writes the paragraph that has been read.
func (p *pageWriter) flush() {
	first := p.indent
	if first > 0 {
		mark, _, _ := strings.Cut(p.para[0], " ")
		first -= len(mark) + 1
	}
	if len(p.para) > 0 {
		for i, line := range wrap(strings.Join(p.para, " "), p.width-p.indent) {
			pad := p.indent
			if i == 0 {
				pad = first
			}
			p.put(strings.Repeat(" ", pad), p.inline(line))
		}
	}
	p.para, p.indent = nil, 0
}

// inline colours code spans; without colour their backquotes mark them.
func (p *pageWriter) inline(line string) string {
	return spanned.ReplaceAllStringFunc(line, func(s string) string { return p.text.code(s) })
}
