package sqlshape

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer/sqllog/gen"
)

// benchSet returns statements of one kind: a realistic mix, wide and narrow
// SELECTs, long lists.
func benchSet(name string) (list [][]byte) {
	columns := func(n int) string {
		var c []string
		for k := range n {
			c = append(c, fmt.Sprintf(`"shop_order"."column_%d"`, k))
		}
		return strings.Join(c, ", ")
	}
	switch name {
	case "mixed":
		g := gen.New(11)
		for k := range 4096 {
			list = append(list, g.SQL(nil, k%4 == 0))
		}
	case "select10", "select60":
		n := 10
		if name == "select60" {
			n = 60
		}
		for k := range 1024 {
			list = append(list, fmt.Appendf(nil, `SELECT %s FROM "shop_order" WHERE "shop_order"."id" = %d LIMIT 21`, columns(n), 10000+37*k))
		}
	case "in1000":
		for k := range 64 {
			var v []string
			for m := range 1000 {
				v = append(v, fmt.Sprint(100000+k*m))
			}
			list = append(list, []byte(`SELECT "a"."id" FROM "a" WHERE "a"."id" IN (`+strings.Join(v, ", ")+`)`))
		}
	case "insert100":
		for range 64 {
			list = append(list, []byte(`INSERT INTO "shop_item" ("order_id", "product_id", "qty", "price", "note") VALUES `+
				strings.TrimSuffix(strings.Repeat(`(12, 44, 2, '19.99', 'hello it''s me'), `, 100), ", ")+` RETURNING "shop_item"."id"`))
		}
	case "new": // no head ever comes twice
		for k := range 20_000 {
			list = append(list, fmt.Appendf(nil, `SELECT "t%d"."id", "t%d"."name", "t%d"."created_at", "t%d"."owner_id" FROM "t%d" WHERE "t%d"."id" = %d`, k, k, k, k, k, k, k))
		}
	}
	return list
}

var newline = []byte{'\n'}

// BenchmarkScan reports, besides time and bytes, how much longer a scan takes
// than counting newlines in the same bytes on the same machine.
func BenchmarkScan(b *testing.B) {
	for _, name := range []string{"mixed", "select10", "select60", "in1000", "insert100", "new"} {
		plain := benchSet(name)
		for e, encoding := range [...]string{Plain: "plain", JSON: "json", CSV: "csv"} {
			list, size := make([][]byte, len(plain)), 0
			for k, q := range plain {
				list[k] = encode(q, Encoding(e))
				size += len(list[k])
			}
			for _, cache := range []bool{true, false} {
				b.Run(fmt.Sprintf("%s/%s/cache=%v", name, encoding, cache), func(b *testing.B) {
					benchScan(b, list, size, Encoding(e), cache)
				})
			}
		}
	}
}

func benchScan(b *testing.B, list [][]byte, size int, enc Encoding, cache bool) {
	newlines := 0
	s := NewScanner(NewSet(func(string) (Facts, error) { return Facts{}, nil }, 1<<20), Postgres)
	round := func() {
		for _, q := range list {
			if !cache {
				s.heads.pause = 1 << 30
			}
			s.Scan(q, enc)
		}
	}
	round()
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		round()
	}
	scan := b.Elapsed().Seconds() / float64(b.N)
	count := time.Duration(1 << 62)
	for range 5 {
		start := time.Now()
		for _, q := range list {
			newlines += bytes.Count(q, newline)
		}
		count = min(count, time.Since(start))
	}
	if newlines < 0 {
		b.Fatal("counted less than nothing")
	}
	b.ReportMetric(scan*1e9/float64(len(list)), "ns/statement")
	b.ReportMetric(scan/count.Seconds(), "x-newline-count")
}
