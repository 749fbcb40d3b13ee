package report

import (
	"bytes"
	"testing"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// gatedReport has findings of each way to be silenced and stale entries.
func gatedReport() *finding.Report {
	at := source.Span{Path: "app/views.py", Line: 5, Column: 1, EndLine: 5, EndColumn: 9}
	with := func(k finding.SuppressionKind, reason string, place source.Span) finding.Finding {
		return finding.Finding{
			Key: finding.Key{Rule: "n-plus-one", Subject: "app.Book.author", Place: "app/views.py:shelf"}, Code: "QP101", Fingerprint: "0123456789abcdef", Severity: finding.Warning,
			Evidence:   []finding.Evidence{finding.Inferred},
			Confidence: finding.Likely, Location: place, Suppression: &finding.Suppression{Kind: k, Reason: reason},
		}
	}
	r := &finding.Report{Run: finding.Run{Source: &finding.Source{Root: ".", Files: 1}}}
	comment := with(finding.InSource, "three books\u202e\x1b[2J", at)
	comment.Suppression.Place = at
	r.Suppressed = []finding.Finding{
		comment, with(finding.InBaseline, "", at), with(finding.InBaseline, "soon", at), with(finding.Unchanged, "no line of it changed since main", at),
		with(finding.Unchanged, "it has no place in the source, so nothing tells whether it is new", source.Span{}),
	}
	for i := range 12 {
		r.Stale = append(r.Stale, finding.Known{Key: finding.Key{Rule: "n-plus-one", Subject: "app.Book.author", Place: "app/views.py:f" + string(rune('a'+i))}, Code: "QP101", Fingerprint: "fedcba9876543210"})
	}
	r.Stale[1].Subject, r.Stale[1].Place = "a\x1b]0;x\x07\u202e", ""
	return r
}

func TestSuppressed(t *testing.T) {
	var b bytes.Buffer
	if err := Text(&b, gatedReport(), Options{}); err != nil {
		t.Fatal(err)
	}
	golden(t, "gated_80.golden", b.Bytes())
	b.Reset()
	if err := JSON(&b, gatedReport()); err != nil {
		t.Fatal(err)
	}
	golden(t, "gated.json.golden", b.Bytes())
	b.Reset()
	if err := Text(&b, gatedReport(), Options{Quiet: true}); err != nil || b.Len() > 0 {
		t.Errorf("quiet: got %q, %v", b.String(), err)
	}
}
