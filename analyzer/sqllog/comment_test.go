package sqllog

import "testing"

// TestRecentComments looks comments up one after the other in one memo, which
// must say of each what a fresh one says.
func TestRecentComments(t *testing.T) {
	const (
		trace = "00-5bd66ef5095369c7b0d1f8f4bd33716a"
		other = "00-5bd66ef5095369c7b0d1f8f4bd33716b"
		route = "framework='django',route='shop/3/',"
	)
	m := memo{}
	for _, c := range []struct {
		comment string
		unit    bool
	}{
		{route + "traceparent='" + trace + "-c532cb4098ac3dd2-01'", true},
		{route + "traceparent='" + trace + "-00f067aa0ba902b7-01'", true}, // the next span
		{route + "traceparent='" + other + "-00f067aa0ba902b7-01'", true},
		{route + "traceparent='" + trace + "-00f067aa0ba902b7-00'", true},
		{route + "traceparent='" + trace + "-00f067a',x='902b-0'", false}, // too short
		{route + `traceparent='` + trace + `-00f067aa0ba902b\'-01'`, false},
		{`route="shop,traceparent='` + trace + "-c532cb4098ac3dd2-01'", false}, // inside another value
		{`route="shop,traceparent='` + trace + "-00f067aa0ba902b7-01'", false},
		{`job_id="shop,traceparent='` + trace + "-c532cb4098ac3dd2-01'", true},
		{`job_id="shop,traceparent='` + trace + "-00f067aa0ba902b7-01'", true},
	} {
		fresh := memo{}
		want := fresh.look([]byte(c.comment))
		for range 2 {
			got := m.look([]byte(c.comment))
			if got.unit != want.unit || (got.unit != 0) != c.unit || (got.name != 0) != (want.name != 0) {
				t.Errorf("%s: got %+v, want %+v", c.comment, got, want)
			}
		}
	}
}
