package rules

import "strings"

// identifier makes a Python name out of a table's: the part behind the app.
func identifier(table string) string {
	if i := strings.IndexByte(table, '_'); i >= 0 && i+1 < len(table) {
		table = table[i+1:]
	}
	if table == "" {
		return "value"
	}
	return strings.ToLower(table)
}
