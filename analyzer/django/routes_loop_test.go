//go:build cgo

package django

import "testing"

// TestRoutesInCircle reads URLs that include themselves, as one of Django's
// own tests does.
func TestRoutesInCircle(t *testing.T) {
	ix := inspectShop(t, "", `
-- shop/urls.py --
from django.urls import include, path
from shop import views
urlpatterns = [
    path("a/", views.a),
    path("b/", include("shop.urls")),
    path("c/", include("shop.urls")),
    path("d/", include("shop.inner")),
]
-- shop/inner.py --
from django.urls import include, path
from shop import views
urlpatterns = [path("e/", views.a), path("f/", include("shop.urls")), path("g/", include("shop.inner"))]
-- shop/views.py --
def a(request): pass
`)
	var got []string
	for _, r := range ix.Routes {
		got = append(got, r.Pattern)
	}
	if len(got) != 2 || got[0] != "a/" || got[1] != "d/e/" {
		t.Errorf("got %q", got)
	}
}
