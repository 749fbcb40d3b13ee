// Package rules holds the catalogue: what each anti-pattern looks like in a
// unit of work, and what to tell the user about it.
//
// A rule is one Go file and one Markdown page with the same stem. While a log
// is read a Detector shows each unit to the rules, which enter what they see
// into a Profile (hot: numbers only). Explain turns the Profile into findings
// once reading is done (cold: names and sentences).
package rules

import (
	"embed"
	"sort"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// A Rule is one anti-pattern of the catalogue.
type Rule struct {
	Code     string // "QP101", stable
	Name     string // "n-plus-one": says the pattern, reads well after "allow"
	Severity finding.Severity
	Summary  string // one line for tables
	Doc      string // the Markdown page

	pattern pattern
	// watch picks the shapes whose every group is entered, whatever the unit;
	// nil for rules that look at units.
	watch func(*sqlshape.Shape) bool
	// loop explains a resolved read loop; false passes it on to the next rule.
	loop func(*docket, *loop) (finding.Finding, bool)
	// explain explains any other case; false when what the whole log shows
	// speaks against it.
	explain func(*docket, *evidence) (finding.Finding, bool)
	// measure compares the units of an endpoint with its budget; nil for rules
	// that are about statements. The strings are the paths of the inputs.
	measure func(*Spot, *Budget, []string) (finding.Finding, bool)
	// inspect finds the pattern in the source; nil for rules that need a log.
	inspect func(*inspector) []witness
	// comments: made from the comments that silence findings, once all other
	// findings are known.
	comments bool
}

// FromLog and FromSource report where a rule can see its pattern.
func (r *Rule) FromLog() bool { return r.loop != nil || r.explain != nil || r.measure != nil }

// FromSource is FromLog's other half.
func (r *Rule) FromSource() bool { return r.inspect != nil || r.comments }

// FromComments reports whether a rule is about the comments that silence
// findings: Explain and Inspect make none of its findings.
func (r *Rule) FromComments() bool { return r.comments }

// FromBudgets reports whether a rule compares endpoints with their budgets: its
// findings are about all that an endpoint does, not about one place.
func (r *Rule) FromBudgets() bool { return r.measure != nil }

// A pattern is what detectors enter into the Profile. Read loops share one:
// which rule they fall under shows only once the whole log is read.
type pattern uint8

const (
	patLoop pattern = iota
	patCountFetch
	patDuplicate
	patSession
	patInsertLoop
	patUpdateLoop
	patDeleteLoop
	patGetOrCreate
	patM2MAdd
	patWideUpdate
	patWideSelect
	patUnbounded
	patSlow
	patOffset
	patWildcard
	patRandom
	patHugeIn
	patSavepoint
)

//go:embed *.md
var pages embed.FS

func page(name string) string {
	b, err := pages.ReadFile(name)
	if err != nil {
		panic("rules: no page " + name)
	}
	return string(b)
}

// All returns the catalogue in order of code. The rules belong to the package.
func All() []*Rule { return all }

// Find returns the rule of that code or name, nil when there is none.
func Find(codeOrName string) *Rule {
	for _, r := range all {
		if strings.EqualFold(r.Code, codeOrName) || strings.EqualFold(r.Name, codeOrName) {
			return r
		}
	}
	return nil
}

// Match returns the rules that a selector means: a code, a name, or the
// beginning of codes such as "QP1"; none when it means nothing.
func Match(selector string) []*Rule {
	if r := Find(selector); r != nil {
		return []*Rule{r}
	}
	var found []*Rule
	if up := strings.ToUpper(selector); strings.HasPrefix(up, "QP") {
		for _, r := range all {
			if strings.HasPrefix(r.Code, up) {
				found = append(found, r)
			}
		}
	}
	return found
}

// Codes are the codes of all rules that the selectors mean. ok is false when one
// means nothing: unknown is the first such.
func Codes(selectors []string) (codes map[string]bool, unknown string, ok bool) {
	codes = map[string]bool{}
	for _, s := range selectors {
		found := Match(s)
		if len(found) == 0 {
			return nil, s, false
		}
		for _, r := range found {
			codes[r.Code] = true
		}
	}
	return codes, "", true
}

// Names returns all codes and names, sorted, for suggestions.
func Names() []string {
	var names []string
	for _, r := range all {
		names = append(names, r.Code, r.Name)
	}
	sort.Strings(names)
	return names
}
