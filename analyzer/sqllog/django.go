package sqllog

func djangoLine([]byte) bool     { return false }
func djangoJSONLine([]byte) bool { return false }
