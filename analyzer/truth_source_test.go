package analyzer_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/finding"
)

const django = "../testdata/django"

// readViews tells which view each scenario with findings runs, as
// testdata/django/captures/scenarios.py and the URL patterns say.
func readViews(t *testing.T) map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(logs, "views.json"))
	if err != nil {
		t.Fatal(err)
	}
	views := map[string]string{}
	if err := json.Unmarshal(b, &views); err != nil {
		t.Fatal(err)
	}
	if len(views) < 60 {
		t.Fatalf("only %d views: was the list cut?", len(views))
	}
	return views
}

// TestTruthWithSource runs the scenarios' logs with the project's source: what
// is found without is found with it, and the queryset of the right view is the
// place, or among the candidates where other views have the same statements.
func TestTruthWithSource(t *testing.T) {
	views := readViews(t)
	located := 0
	for i, sc := range readTruth(t) {
		if len(sc.Findings) == 0 && i%4 != 0 {
			continue // TestTruth has the quiet ones; some are enough here
		}
		r, err := analyzer.Run(context.Background(), analyzer.Config{Paths: []string{filepath.Join(logs, sc.Files[0]+".log")}, Source: django})
		if err != nil {
			t.Fatal(err)
		}
		var left []finding.Finding
		for _, f := range r.Findings {
			if f.Cost.Calls > 0 {
				left = append(left, f)
			}
		}
		for _, w := range oneFixEach(sc.Findings) {
			i := slices.IndexFunc(left, func(f finding.Finding) bool { return joins(f, w) })
			if i < 0 {
				t.Errorf("%s: not found: %s %s → %s %s%s", sc.Name, w.Code, w.Parent, w.Child, w.Field, nearest(left, w, true))
				continue
			}
			f := left[i]
			left = slices.Delete(left, i, i+1)
			place := placed(f, views[sc.Name])
			switch {
			case place == "at":
				located++
			case place == "" && views[sc.Name] != "" && !elsewhere[sc.Name]:
				t.Errorf("%s: %s %s: place %q line %d, not in %s; notes %q", sc.Name, f.Code, f.Subject, f.Place, f.Location.Line, views[sc.Name], f.Notes)
			}
		}
		for _, f := range left {
			if !slices.ContainsFunc(sc.Allowed, func(a expected) bool { return joins(f, a) }) {
				t.Errorf("%s: reported, but not true: %s %s: %s", sc.Name, f.Code, f.Subject, f.Message)
			}
		}
	}
	if located < 45 {
		t.Errorf("only %d findings have one place: are all others really alike?", located)
	}
}

// elsewhere are the scenarios whose finding has no queryset in the view.
var elsewhere = map[string]bool{
	"duplicate_bad":      true, // in a helper, vat_rate
	"slow_bad":           true, // SQL by hand
	"slow_join_bad":      true, // SQL by hand
	"hard_kept_sessions": true, // of its two findings one is Django's session table
}

// TestCommentsTellThePlace: where comments name the endpoint, of the views that
// run the same statements the one that ran is told.
func TestCommentsTellThePlace(t *testing.T) {
	for _, log := range []string{"sqlcommenter_kept", "sqlcommenter_pooled", "marginalia_leading", "marginalia_trailing"} {
		r, err := analyzer.Run(context.Background(), analyzer.Config{Paths: []string{filepath.Join(logs, "comments", log+".log")}, Source: django})
		if err != nil {
			t.Fatal(err)
		}
		for subject, view := range map[string]string{
			"library.Book.author": "library.views.hard.short_list_open",
			"auth.User.profile":   "core.views.team",
			"library.Review":      "library.views.hard.write_few",
		} {
			i := slices.IndexFunc(r.Findings, func(f finding.Finding) bool { return f.Subject == subject && f.Cost.Calls > 0 })
			if i < 0 && subject == "library.Review" && log == "sqlcommenter_pooled" {
				continue // it does not write
			}
			if i < 0 || placed(r.Findings[i], view) != "at" || len(r.Findings[i].Evidence) != 2 {
				t.Errorf("%s: %s is not told at %s: %+v", log, subject, view, r.Findings[max(i, 0)])
			}
		}
	}
}

// joins reports whether a finding is the expected one, though the source may
// have it under the rule that knows more.
func joins(f finding.Finding, w expected) bool {
	if f.Code != w.Code && (f.Code == "QP101" && (w.Code == "QP103" || w.Code == "QP107") || f.Code == "QP107" && w.Code == "QP301") {
		w.Code, w.Relation, w.Field = f.Code, f.Relation.Kind, ""
	}
	return fits(f, w, true) == ""
}

// placed says where a finding has a view: "at" its place, "among" the
// candidates, or "".
func placed(f finding.Finding, view string) string {
	module, name := "", view
	if i := strings.LastIndexByte(view, '.'); i >= 0 {
		module, name = view[:i], view[i+1:]
	}
	file := "testdata/django/" + strings.ReplaceAll(module, ".", "/") + ".py"
	if strings.HasSuffix(file, f.Location.Path) && f.Location.Path != "" && strings.HasSuffix("."+f.Function, "."+name) {
		return "at"
	}
	for _, r := range f.Related {
		if strings.HasSuffix(file, r.Span.Path) && strings.HasSuffix(r.Message, " in "+name) {
			return "among"
		}
	}
	return ""
}
