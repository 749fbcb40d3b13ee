//go:build cgo

package rules_test

import (
	"slices"
	"strings"
	"testing"
)

// A trap is a few views that some tool is known to have got wrong, and the
// codes and subjects of what is to be said of them.
type trap struct {
	name, views string
	want        []string
	more        map[string]string
}

// TestTraps reads the traps as Django projects.
func TestTraps(t *testing.T) {
	for _, c := range slices.Concat(falseAlarms(), misses()) {
		t.Run(c.name, func(t *testing.T) {
			found := inspectFolder(t, shopWith(t, c.views, c.more))
			var got []string
			for _, f := range found {
				got = append(got, f.Code+" "+f.Subject)
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q\n%s", got, c.want, join(sourceLines(found)))
			}
		})
	}
}

// TestAdvice checks that what is proposed names what exists, on the right side.
func TestAdvice(t *testing.T) {
	for _, c := range []struct{ name, views, says string }{
		{"a foreign key is joined", `
def v(request):
    return JsonResponse({"a": [c.shelf.label for c in Copy.objects.all()[:40]]})
`, `.select_related("shelf")`},
		{"the reverse accessor of the owner", `
def v(request):
    return JsonResponse({"a": [[r.text for r in b.reviews.all()] for b in Book.objects.all()[:40]]})
`, `.prefetch_related("reviews")`},
		{"one path for all levels", `
def v(request):
    return JsonResponse({"a": [r.book.author.country.name for r in Review.objects.all()[:40]]})
`, `.select_related("book__author__country")`},
		{"at the queryset, before the slice", `
def v(request):
    books = Book.objects.order_by("id")[:40]
    return JsonResponse({"a": [b.author.name for b in books]})
`, `.select_related("author")`},
		{"many to many through a foreign key", `
def v(request):
    return JsonResponse({"a": [[t.name for t in r.book.tags.all()] for r in Review.objects.all()[:40]]})
`, `.prefetch_related("book__tags")`},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := inspectFolder(t, shopWith(t, c.views, nil))
			if len(found) != 1 || len(found[0].Rewrites) == 0 {
				t.Fatalf("found\n%s", join(sourceLines(found)))
			}
			if rw := found[0].Rewrites[0]; !strings.Contains(rw.Code, c.says) || len(rw.Edits) == 0 {
				t.Errorf("proposes %q with %d edits, want %s", rw.Code, len(rw.Edits), c.says)
			}
		})
	}
}
