package django

import (
	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

// frameworkCall calls a function or class of Django or DRF that does something
// with querysets besides what djangoCall knows.
func (it *interp) frameworkCall(name string, c *call) (value, bool) {
	switch name {
	case "django.http.JsonResponse", "django.http.HttpResponse", "rest_framework.response.Response":
		it.escapeAll(c, "passed to "+lastName(name)+"()")
		return nil, true
	}
	return nil, false
}

// frameworkObject is an object of a class that inherits from Django or DRF.
func (it *interp) frameworkObject(i *instance, c *call) (value, bool) { return nil, false }

// frameworkMember is an attribute of such an object that the source does not
// define.
func (it *interp) frameworkMember(i *instance, name string, at syntax.Node) (value, bool) {
	return nil, false
}

// frameworkMethod is a method of such an object that the source does not define.
func (it *interp) frameworkMethod(i *instance, name string, c *call) (value, bool) {
	return nil, false
}

// frameworkIterated is what iterating over such an object gives.
func (it *interp) frameworkIterated(i *instance, at syntax.Node) (value, bool) { return nil, false }

// frameworkRoots are roots besides the functions of the source.
func (p *Project) frameworkRoots() []root { return nil }

// entryOf returns the dotted path of a function that a route, a task or a
// command runs, "" of others.
func (p *Project) entryOf(m *module, k *class, def *syntax.FunctionDef) string { return "" }

// routes are what URLs, tasks and commands run.
func (p *Project) routes() []source.Route { return nil }
