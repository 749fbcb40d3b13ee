package django

import (
	"bytes"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/schema"
)

// modelSignals are the signals that writes of rows send and bulk calls do not.
var modelSignals = []string{"pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed", "pre_init", "post_init"}

// readSignals finds the receivers that are connected to models.
func (p *Project) readSignals() {
	for _, m := range p.modules {
		if mentionsSignal(m.text) {
			p.moduleSignals(m)
		}
	}
	for _, m := range p.installedModules() {
		if mentionsSignal(m.text) {
			p.moduleSignals(m)
		}
	}
	for _, m := range p.Models.ByLabel {
		slices.Sort(m.Signals)
		m.Signals = slices.Compact(m.Signals)
	}
}

func mentionsSignal(text []byte) bool {
	if !bytes.Contains(text, []byte("receiver")) && !bytes.Contains(text, []byte(".connect(")) {
		return false
	}
	return slices.ContainsFunc(modelSignals, func(s string) bool { return bytes.Contains(text, []byte(s)) })
}

func (p *Project) moduleSignals(m *module) {
	syntax.WalkBody(m.file().Body, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.FunctionDef:
			for _, d := range n.Decorators {
				if call, ok := d.(*syntax.Call); ok && lastName(dottedOf(call.Func)) == "receiver" && len(call.Args) > 0 {
					p.connect(m, signalNames(call.Args[0].Value), call)
				}
			}
		case *syntax.Call:
			if attr, ok := n.Func.(*syntax.Attribute); ok && attr.Attr == "connect" {
				p.connect(m, signalNames(attr.X), n)
			}
		}
		return true
	})
}

// signalNames returns the model signals that an expression names: one, or a
// list of them.
func signalNames(e syntax.Expr) []string {
	if list, ok := e.(*syntax.Sequence); ok {
		var names []string
		for _, x := range list.Elts {
			names = append(names, signalNames(x)...)
		}
		return names
	}
	if name := lastName(dottedOf(e)); slices.Contains(modelSignals, name) {
		return []string{name}
	}
	return nil
}

// connect notes signals at the sender's model; without a sender at all models.
func (p *Project) connect(m *module, names []string, call *syntax.Call) {
	if len(names) == 0 {
		return
	}
	sender := keyword(call, "sender")
	if sender == nil {
		for _, x := range p.Models.ByLabel {
			x.Signals = append(x.Signals, names...)
		}
		return
	}
	for _, x := range p.senders(m, sender) {
		x.Signals = append(x.Signals, names...)
	}
}

// senders resolves sender=Book, "app.Book", settings.AUTH_USER_MODEL and
// Book.tags.through.
func (p *Project) senders(m *module, e syntax.Expr) []*schema.Model {
	if label, ok := p.text(operand{e, m, nil}); ok {
		if s := p.classByLabel(label); s.class != nil && p.modelOf(s.class) != nil {
			return []*schema.Model{p.modelOf(s.class)}
		}
		return nil
	}
	dotted := dottedOf(e)
	if path, ok := strings.CutSuffix(dotted, ".through"); ok {
		owner := p.resolve(m, parentName(path))
		if owner.kind == classSymbol && p.modelOf(owner.class) != nil {
			if f := p.modelOf(owner.class).Field(lastName(path)); f != nil && f.Relation != nil && f.Relation.Through != nil {
				return []*schema.Model{f.Relation.Through, p.modelOf(owner.class)}
			}
		}
		return nil
	}
	s := p.resolveExpr(m, e)
	if s.kind == classSymbol && p.modelOf(s.class) != nil {
		return []*schema.Model{p.modelOf(s.class)}
	}
	return nil
}
