package sqlshape

// Extract reads the facts off a masked statement without parsing it.
func Extract(masked string) Facts {
	f := Facts{Limit: Absent, Offset: Absent}
	return f
}
