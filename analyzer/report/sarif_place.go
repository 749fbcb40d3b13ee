package report

import (
	"net/url"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// Places in SARIF: paths are URIs, columns count code points.
type (
	sLocation struct {
		ID       *int       `json:"id,omitempty"`
		Physical sPhysical  `json:"physicalLocation"`
		Logical  []sLogical `json:"logicalLocations,omitempty"`
		Message  *sText     `json:"message,omitempty"`
	}
	sLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
	sPhysical struct {
		Artifact sArtifact `json:"artifactLocation"`
		Region   sRegion   `json:"region"`
	}
	sArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId"`
	}
	sRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
	sCodeFlow struct {
		ThreadFlows []sThreadFlow `json:"threadFlows"`
	}
	sThreadFlow struct {
		Locations []sFlowLocation `json:"locations"`
	}
	sFlowLocation struct {
		Location sLocation `json:"location"`
	}
)

func sarifLocation(t *texts, s source.Span) sLocation {
	return sLocation{Physical: sPhysical{artifactOf(s.Path), regionOf(t, s)}}
}

func sarifNoted(t *texts, r finding.Related, id int) sLocation {
	out := sarifLocation(t, r.Span)
	text := plainText(first(kept(Clean(r.Message), labelMax), "this place"))
	out.ID, out.Message = &id, &text
	return out
}

// artifactOf is a path as a relative URI. A colon could end a scheme.
func artifactOf(path string) sArtifact {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		parts[i] = strings.ReplaceAll(url.PathEscape(p), ":", "%3A")
	}
	return sArtifact{strings.Join(parts, "/"), srcRoot}
}

// regionOf counts characters as a reader of the text does: a byte order mark is
// none.
func regionOf(t *texts, s source.Span) sRegion {
	out := sRegion{StartLine: max(s.Line, 1)}
	if s.Line < 1 || s.Column < 1 || s.EndLine < s.Line || s.EndColumn < 1 {
		return out
	}
	out.StartColumn, out.EndLine, out.EndColumn = s.Column, s.EndLine, s.EndColumn
	if file := t.file(s.Path); file != nil && file.bom() {
		if s.Line == 1 {
			out.StartColumn = max(s.Column-1, 1)
		}
		if s.EndLine == 1 {
			out.EndColumn = max(s.EndColumn-1, 1)
		}
	}
	return out
}

// A related place whose message begins like this is a call on the way from the
// queryset to the next place (rules/inspect.go says so).
var hopMessages = []string{"through ", "called from here: "}

// sarifFlows are the ways from the queryset through calls to where the query
// runs; a way without calls is told by the related places alone.
func sarifFlows(t *texts, f *finding.Finding) []sCodeFlow {
	if !f.Location.Known() {
		return nil
	}
	start := sarifLocation(t, f.Location)
	start.Message = &sText{Text: "The queryset."}
	var flows []sCodeFlow
	var way []sFlowLocation
	for _, r := range f.Related[:min(len(f.Related), sarifRelatedMax)] {
		if !r.Span.Known() {
			continue
		}
		hop := slices.ContainsFunc(hopMessages, func(h string) bool { return strings.HasPrefix(r.Message, h) })
		if !hop && way == nil {
			continue
		}
		if way == nil {
			way = []sFlowLocation{{start}}
		}
		at := sarifNoted(t, r, 0)
		at.ID = nil
		way = append(way, sFlowLocation{at})
		if !hop {
			flows = append(flows, sCodeFlow{[]sThreadFlow{{way}}})
			way = nil
		}
	}
	if way != nil {
		flows = append(flows, sCodeFlow{[]sThreadFlow{{way}}})
	}
	return flows
}
