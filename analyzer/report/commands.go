package report

import (
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// The escapes of the runners' commands, each of which takes one line.
var (
	// GitHub: @actions/core, command.ts.
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	// Azure: azure-pipelines-agent, CommandStringConvertor.cs, which decodes
	// properties and message alike, %AZP25 last.
	azureData = strings.NewReplacer("%", "%AZP25", "\r", "%0D", "\n", "%0A", ";", "%3B", "]", "%5D")
)

// annotationsMax is how many annotations of a level GitHub and Azure keep of a
// step; more are dropped silently, the first printed win. GitHub keeps 50 of a
// job: three levels of one step stay below that.
const annotationsMax = 10

// annotationMax is the length of a message in UTF-16 units: GitHub's runner
// cuts at 4,096 characters.
const annotationMax = 4000

// A ration is how many annotations of each level are left.
type ration [finding.Error + 1]int

// choose picks what the ration allows, in the order of the report: first those
// that fail a run, then the others, each from the most expensive on.
func (left ration) choose(all []finding.Finding, o Options, as func(*finding.Finding) finding.Severity) []*finding.Finding {
	picked := make([]bool, len(all))
	n := 0
	for _, failing := range []bool{true, false} {
		for i := range all {
			f := &all[i]
			if o.fails(f) != failing || left[as(f)] <= 0 {
				continue
			}
			left[as(f)]--
			picked[i] = true
			n++
		}
	}
	out := make([]*finding.Finding, 0, n)
	for i := range all {
		if picked[i] {
			out = append(out, &all[i])
		}
	}
	return out
}

// annotation is the text of an annotation: the place, so that the log's line
// can be followed too, what is wrong, and the first rewrite.
func annotation(f *finding.Finding) string {
	s := clip(headline(f), annotationMax/2)
	switch rw := safeEdit(f); {
	case rw != nil:
		s += "\nfix: " + brief(rw.Title, annotationMax/4) + " (ormlint fix makes the change)"
	case len(f.Rewrites) > 0 && f.Rewrites[0].Title != "":
		s += "\nrewrite: " + brief(f.Rewrites[0].Title, annotationMax/4)
	}
	return s
}

// annotationTitle is what a platform shows above it.
func annotationTitle(f *finding.Finding) string { return clip(Clean(f.Code)+" "+Clean(f.Rule), 250) }
