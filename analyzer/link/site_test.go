package link

import "testing"

func TestSite(t *testing.T) {
	p := &Project{Mappings: []Mapping{
		{From: "/srv/app", To: "."}, {From: "/srv/app/vendored/", To: "../third"}, {From: `C:\app`, To: "web"}, {From: "code", To: "api"},
	}}
	for _, c := range []struct {
		logged, path string
		mapped       bool
	}{
		{"/srv/app/library/views.py", "library/views.py", true},
		{"/srv/app/vendored/x.py", "../third/x.py", true},
		{"/srv/application/views.py", "/srv/application/views.py", false},
		{`C:\app\shop\views.py`, "web/shop/views.py", true},
		{"C:/app/views.py", "web/views.py", true},
		{"code/views.py", "api/views.py", true},
		{"/code/views.py", "/code/views.py", false},
		{"/srv/app/../../etc/x.py", "../../etc/x.py", true},
		{"", "", false},
	} {
		if s := p.Site(c.logged, 3, "f"); s != (Site{Path: c.path, Line: 3, Function: "f", Mapped: c.mapped}) {
			t.Errorf("Site(%q) = %+v, want %q, %v", c.logged, s, c.path, c.mapped)
		}
	}
	// Without a mapping the ends of paths decide, with one the whole path does.
	ends, whole := Site{Path: "/srv/app/library/views.py"}, Site{Path: "library/views.py", Mapped: true}
	if !ends.isIn("other/library/views.py") || whole.isIn("other/library/views.py") || !whole.isIn("library/views.py") {
		t.Error("a mapped path is compared by its end, or one that is not mapped is not")
	}
}
