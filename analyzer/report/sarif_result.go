package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// messageLinks is how many related places a message links to.
const messageLinks = 8

type (
	sResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sText             `json:"message"`
		Locations    []sLocation       `json:"locations"`
		Related      []sLocation       `json:"relatedLocations,omitempty"`
		CodeFlows    []sCodeFlow       `json:"codeFlows,omitempty"`
		Fingerprints sFingerprints     `json:"partialFingerprints"`
		Fixes        []sFix            `json:"fixes,omitempty"`
		Rank         *float64          `json:"rank,omitempty"`
		Suppressions []sSuppression    `json:"suppressions,omitempty"`
		Properties   sResultProperties `json:"properties"`
	}
	sFingerprints struct {
		LineHash string `json:"primaryLocationLineHash,omitempty"`
		Finding  string `json:"ormlintFinding/v1"`
	}
	sFix struct {
		Description sText     `json:"description"`
		Changes     []sChange `json:"artifactChanges"`
	}
	sChange struct {
		Artifact     sArtifact      `json:"artifactLocation"`
		Replacements []sReplacement `json:"replacements"`
	}
	sReplacement struct {
		Deleted  sRegion  `json:"deletedRegion"`
		Inserted sContent `json:"insertedContent"`
	}
	sContent struct {
		Text string `json:"text"`
	}
	sSuppression struct {
		Kind          string     `json:"kind"`
		Status        string     `json:"status"`
		Justification string     `json:"justification,omitempty"`
		Location      *sLocation `json:"location,omitempty"`
	}
	// Names and units are those of the JSON report.
	sResultProperties struct {
		Rule       string   `json:"rule"`
		Subject    string   `json:"subject"`
		Confidence string   `json:"confidence"`
		Evidence   []string `json:"evidence"`
		Safe       *bool    `json:"safe,omitempty"` // of the first fix
		*jCost
	}
)

func sarifResult(t *texts, f *finding.Finding, at spotting, ruleIndex int) sResult {
	out := sResult{
		RuleID:       f.Code,
		RuleIndex:    ruleIndex,
		Level:        sarifLevel(f),
		Message:      sarifMessage(f),
		Locations:    []sLocation{sarifLocation(t, at.Span)},
		CodeFlows:    sarifFlows(t, f),
		Fingerprints: sarifFingerprints(t, f, at),
		Properties: sResultProperties{
			Rule: f.Rule, Subject: f.Subject, Confidence: f.Confidence.String(), Evidence: []string{},
		},
	}
	if f.Location.Known() && f.Function != "" {
		out.Locations[0].Logical = []sLogical{{f.Function, "function"}}
	}
	for i, r := range f.Related[:min(len(f.Related), sarifRelatedMax)] {
		if r.Span.Known() {
			out.Related = append(out.Related, sarifNoted(t, r, i+1))
		}
	}
	for i := range f.Rewrites {
		if rw := &f.Rewrites[i]; len(rw.Edits) > 0 {
			if out.Fixes == nil {
				out.Properties.Safe = &rw.Safe
			}
			out.Fixes = append(out.Fixes, sarifFix(t, rw))
		}
	}
	for _, e := range f.Evidence {
		out.Properties.Evidence = append(out.Properties.Evidence, string(e))
	}
	if slices.Contains(f.Evidence, finding.Observed) {
		cost := jsonCost(&f.Cost)
		out.Properties.jCost = &cost
	}
	if f.Share > 0 {
		rank := math.Round(min(f.Share, 1)*10000) / 100
		out.Rank = &rank
	}
	if s := f.Suppression; s != nil {
		out.Suppressions = []sSuppression{sarifSuppression(t, s)}
	}
	return out
}

func sarifLevel(f *finding.Finding) string { return levelOf(f).String() }

// sarifMessage leads with the impact: where there is room for little, GitHub
// shows the first sentence. Links go to the related places by their ids.
func sarifMessage(f *finding.Finding) sText {
	text := plainText(claim(f)).Text
	var links []string
	for i, r := range f.Related {
		if r.Span.Known() && len(links) < messageLinks {
			links = append(links, fmt.Sprintf("[%s](%d)", sarifEscape(first(kept(Clean(r.Message), labelMax), "this place")), i+1))
		}
	}
	if len(links) > 0 {
		text += " See " + strings.Join(links, ", ") + "."
	}
	if rw := offered(f); rw != nil {
		text += " Rewrite: " + plainText(remedy(rw)).Text
	}
	if why := basis(f); why != "" {
		text += " Basis: " + plainText(why).Text
	}
	return sText{Text: text}
}

// sarifFingerprints tell GitHub which alert of an earlier run a result is. It
// looks at primaryLocationLineHash alone; where it is missing upload-sarif
// computes it from the checkout, so without the text it is better left out. A
// line of a log is another one in each run: there the finding's own fingerprint
// takes its place, which upload-sarif leaves alone.
func sarifFingerprints(t *texts, f *finding.Finding, at spotting) sFingerprints {
	out := sFingerprints{Finding: f.Fingerprint}
	if at.inLog {
		out.LineHash = f.Fingerprint + ":1"
	} else if file := t.file(at.Path); file != nil {
		out.LineHash = file.hash(at.Line)
	}
	return out
}

// tellApart gives results of one rule at one line fingerprints of their own:
// GitHub takes those with the same line hash for one alert. The one whose
// finding has the lowest fingerprint keeps the plain hash, whatever the costs
// of this run; upload-sarif warns that the others differ from what it computes,
// and keeps them.
func tellApart(results []sResult) {
	type line struct{ rule, uri, hash string }
	at := func(r *sResult) line {
		return line{r.RuleID, r.Locations[0].Physical.Artifact.URI, r.Fingerprints.LineHash}
	}
	lowest := map[line]string{}
	for i := range results {
		r := &results[i]
		if old, ok := lowest[at(r)]; !ok || r.Fingerprints.Finding < old {
			lowest[at(r)] = r.Fingerprints.Finding
		}
	}
	for i := range results {
		r := &results[i]
		if r.Fingerprints.LineHash != "" && r.Fingerprints.Finding != lowest[at(r)] {
			r.Fingerprints.LineHash += "." + r.Fingerprints.Finding
		}
	}
}

// sarifFix has all edits of a rewrite, by file: half of them would not run.
func sarifFix(t *texts, rw *finding.Rewrite) sFix {
	out := sFix{Description: plainText(remedy(rw))}
	at := map[string]int{}
	for _, e := range rw.Edits {
		i, ok := at[e.Span.Path]
		if !ok {
			i = len(out.Changes)
			at[e.Span.Path] = i
			out.Changes = append(out.Changes, sChange{Artifact: artifactOf(e.Span.Path)})
		}
		out.Changes[i].Replacements = append(out.Changes[i].Replacements, sReplacement{regionOf(t, e.Span), sContent{e.Text}})
	}
	return out
}

// sarifSuppression: what the project decided is accepted; a comment stands in
// the source, all else does not.
func sarifSuppression(t *texts, s *finding.Suppression) sSuppression {
	out := sSuppression{Kind: "external", Status: "accepted", Justification: kept(Clean(s.Reason), claimMax)}
	switch s.Kind {
	case finding.InSource:
		out.Kind = "inSource"
	case finding.InBaseline:
		out.Justification = first(out.Justification, "known to the baseline")
	case finding.Unchanged:
		out.Justification = first(out.Justification, "not on a line that changed")
	}
	if s.Place.Known() {
		place := sarifLocation(t, s.Place)
		out.Location = &place
	}
	return out
}
