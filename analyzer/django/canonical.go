package django

import "strings"

// homes are packages whose names are imported from a short path by documentation
// and from a long one by some code.
var homes = []struct{ long, short string }{
	{"django.db.models.fields.related.", "django.db.models."},
	{"django.db.models.fields.json.", "django.db.models."},
	{"django.db.models.fields.files.", "django.db.models."},
	{"django.db.models.fields.generated.", "django.db.models."},
	{"django.db.models.fields.composite.", "django.db.models."},
	{"django.db.models.fields.", "django.db.models."},
	{"django.db.models.base.", "django.db.models."},
	{"django.db.models.query.", "django.db.models."},
	{"django.db.models.query_utils.", "django.db.models."},
	{"django.db.models.manager.", "django.db.models."},
	{"django.db.models.expressions.", "django.db.models."},
	{"django.db.models.aggregates.", "django.db.models."},
	{"django.db.models.indexes.", "django.db.models."},
	{"django.db.models.constraints.", "django.db.models."},
	{"django.db.models.deletion.", "django.db.models."},
	{"django.contrib.gis.db.models.fields.", "django.contrib.gis.db.models."},
	{"django.contrib.postgres.fields.array.", "django.contrib.postgres.fields."},
	{"django.contrib.postgres.fields.citext.", "django.contrib.postgres.fields."},
	{"django.contrib.postgres.fields.hstore.", "django.contrib.postgres.fields."},
	{"django.contrib.postgres.fields.jsonb.", "django.contrib.postgres.fields."},
	{"django.contrib.postgres.fields.ranges.", "django.contrib.postgres.fields."},
	{"django.urls.conf.", "django.urls."},
	{"django.urls.base.", "django.urls."},
	{"django.views.generic.base.", "django.views.generic."},
	{"django.views.generic.list.", "django.views.generic."},
	{"django.views.generic.detail.", "django.views.generic."},
	{"django.views.generic.edit.", "django.views.generic."},
	{"django.views.generic.dates.", "django.views.generic."},
	{"django.contrib.admin.options.", "django.contrib.admin."},
	{"django.contrib.admin.sites.", "django.contrib.admin."},
	{"django.contrib.admin.decorators.", "django.contrib.admin."},
	{"django.forms.models.", "django.forms."},
	{"django.forms.forms.", "django.forms."},
	{"django.forms.fields.", "django.forms."},
	{"django.forms.widgets.", "django.forms."},
	{"django.dispatch.dispatcher.", "django.dispatch."},
}

// canonical returns the documented form of an external name.
func canonical(path string) string {
	if path == "django.contrib.postgres.fields.JSONField" {
		return "django.db.models.JSONField"
	}
	for _, h := range homes {
		if rest, ok := strings.CutPrefix(path, h.long); ok {
			return canonical(h.short + rest)
		}
	}
	if rest, ok := strings.CutPrefix(path, "django.contrib.gis.db.models."); ok && !geometryTypes[rest] && rest != "" {
		return "django.db.models." + rest
	}
	return path
}

// geometryTypes are the names that GeoDjango's models module adds to Django's.
var geometryTypes = map[string]bool{
	"GeometryField": true, "PointField": true, "LineStringField": true, "PolygonField": true, "MultiPointField": true,
	"MultiLineStringField": true, "MultiPolygonField": true, "GeometryCollectionField": true, "RasterField": true,
	"ExtentField": true, "Collect": true, "Extent": true, "Extent3D": true, "MakeLine": true, "Union": true,
}
