package sqllog

// NamesMax is how many endpoint names one Names keeps; later ones are "(other)".
const NamesMax = 10_000

// nameBytes is where a name is cut.
const nameBytes = 200

const otherName = "(other)"

// Text gives the name behind an id, "" for 0.
func (n *Names) Text(id NameID) string {
	switch {
	case id == 0 || int(id) > len(n.list)+1:
		return ""
	case int(id) == NamesMax+1:
		return otherName
	case int(id) > len(n.list):
		return ""
	}
	return n.list[id-1]
}

// Len is the number of names, "(other)" not among them.
func (n *Names) Len() int { return len(n.list) }

// Lost is how often a name was given up for "(other)".
func (n *Names) Lost() int64 { return n.lost }

// Intern numbers a name. It belongs to the goroutine that keeps the order, so
// that numbers do not depend on how work was spread.
func (n *Names) Intern(name string) NameID {
	if name == "" {
		return 0
	}
	if id, ok := n.byText[name]; ok {
		return id
	}
	if len(n.list) >= NamesMax {
		n.lost++
		return NamesMax + 1
	}
	if n.byText == nil {
		n.byText = map[string]NameID{}
	}
	n.list = append(n.list, name)
	id := NameID(len(n.list))
	n.byText[name] = id
	return id
}
