package spelling_test

import (
	"testing"

	"github.com/ormlint/ormlint/analyzer/spelling"
)

func TestNearest(t *testing.T) {
	names := []string{"QP101", "QP102", "n-plus-one", "get-in-loop", "check", "json"}
	for word, want := range map[string]string{
		"qp101": "QP101", "QP11": "QP101", "n-plsu-one": "n-plus-one", "n_plus_one": "n-plus-one", "chekc": "check", "jsn": "json",
		"get-in": "get-in-loop", "che": "check", "ch": "",
		"xyz": "", "": "", "something-else": "",
	} {
		if got := spelling.Nearest(word, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}
