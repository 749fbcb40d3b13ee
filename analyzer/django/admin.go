package django

func isAdmin(k *class) bool { return false }
func (it *interp) adminMethod(i *instance, name string, c *call) (value, bool) { return nil, false }
func (p *Project) adminRoots(m *module) []root { return nil }
