package sqllog

import "encoding/binary"

// A clock reads timestamps. Logs repeat the date, the minute and the zone, so
// they are remembered as bytes.
type clock struct {
	text0, text1 uint64 // "2026-11-22 07:06"
	minute       int64  // nanoseconds at its start
	zone         uint64
	offset       int64
	// near is the zone with the blank before and the byte after it, when that
	// byte shows that it ends there; nearMask 0: none.
	near, nearMask uint64
	nearLen        int
}

const (
	second = int64(1e9)
	dayNS  = 86400 * second
)

func digit(c byte) bool { return c-'0' < 10 }

func two(b []byte) int64 { return int64(b[0]-'0')*10 + int64(b[1]-'0') }

// stamp reads "2026-11-22 07:06:20.755 UTC" and gives nanoseconds and length.
// frac and zone say whether those parts were there. The length is 0 when there
// is no timestamp. A zone is only taken after one space.
func (c *clock) stamp(b []byte, colonZone bool) (ns int64, n int, frac, zone bool) {
	if len(b) < 19 || b[13] != ':' || b[16] != ':' {
		return 0, 0, false, false
	}
	t0, t1 := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	if t0 != c.text0 || t1 != c.text1 {
		if !c.newMinute(b) {
			return 0, 0, false, false
		}
		c.text0, c.text1 = t0, t1
	}
	if b[17] > '6' || !digit(b[17]) || !digit(b[18]) {
		return 0, 0, false, false
	}
	ns = c.minute + two(b[17:])*second
	n = 19
	if len(b) > 23 && (b[19] == '.' || b[19] == ',') && digit(b[20]) {
		unit := second / 10
		for n = 20; n < len(b) && digit(b[n]); n++ {
			ns += int64(b[n]-'0') * unit
			unit /= 10
		}
		frac = true
	}
	if c.nearMask != 0 && n+8 <= len(b) && binary.LittleEndian.Uint64(b[n:])&c.nearMask == c.near {
		return ns - c.offset, n + c.nearLen, frac, true
	}
	z := n
	if n < len(b) && b[n] == ' ' {
		z++
	} else if b[10] != 'T' {
		return ns, n, frac, false
	}
	e := zoneEnd(b, z, colonZone)
	if e == z {
		return ns, n, frac, false
	}
	offset := c.zoneOffset(b[z:e])
	c.nearMask = 0
	if k := e + 1 - n; z > n && k <= 8 && n+8 <= len(b) && !digit(b[e]) && b[e] != ':' && (b[e] < 'A' || b[e] > 'Z') {
		c.nearMask = ^uint64(0) >> (64 - 8*k)
		c.near, c.nearLen = binary.LittleEndian.Uint64(b[n:])&c.nearMask, e-n
	}
	return ns - offset, e, frac, true
}

// newMinute reads "2026-11-22 07:06" and sets the minute.
func (c *clock) newMinute(b []byte) bool {
	if (b[10] != ' ' && b[10] != 'T') || b[11] > '2' || !digit(b[11]) || !digit(b[12]) || b[14] > '5' || !digit(b[14]) || !digit(b[15]) {
		return false
	}
	for i := range 10 {
		if i == 4 || i == 7 {
			if b[i] != '-' {
				return false
			}
		} else if !digit(b[i]) {
			return false
		}
	}
	y, m, d := two(b)*100+two(b[2:]), two(b[5:]), two(b[8:])
	if m < 1 || m > 12 || d < 1 || d > 31 {
		return false
	}
	c.minute = civil(y, m, d)*dayNS + (two(b[11:])*3600+two(b[14:])*60)*second
	return true
}

// civil is the number of days from 1970-01-01 (Howard Hinnant's algorithm).
func civil(y, m, d int64) int64 {
	if m <= 2 {
		y--
	}
	era := y / 400
	yoe := y - era*400
	mp := (m + 9) % 12
	doy := (153*mp+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468
}

// zoneEnd is where a zone that starts at z ends: letters, or a sign and digits.
func zoneEnd(b []byte, z int, colon bool) int {
	e := z
	if e >= len(b) {
		return z
	}
	switch c := b[e]; {
	case c >= 'A' && c <= 'Z':
		for e < len(b) && e-z < 6 && b[e] >= 'A' && b[e] <= 'Z' {
			e++
		}
	case (c == '+' || c == '-') && e+2 < len(b) && digit(b[e+1]) && digit(b[e+2]):
		e += 3
		if e+1 < len(b) && digit(b[e]) && digit(b[e+1]) {
			e += 2
		} else if colon && e+2 < len(b) && b[e] == ':' && digit(b[e+1]) && digit(b[e+2]) {
			e += 3
		}
	}
	return e
}

func (c *clock) zoneOffset(z []byte) int64 {
	var k uint64
	for i := 0; i < len(z) && i < 8; i++ {
		k = k<<8 | uint64(z[i])
	}
	if k != c.zone {
		c.zone, c.offset = k, zoneSeconds(z)*second
	}
	return c.offset
}

// zoneSeconds gives a zone's offset from UTC. Abbreviations are ambiguous
// (IST, CST); only order and differences of times matter, so the commonest
// meaning serves and an unknown one counts as UTC.
func zoneSeconds(z []byte) int64 {
	if z[0] == '+' || z[0] == '-' {
		s := two(z[1:]) * 3600
		if len(z) >= 5 {
			s += two(z[len(z)-2:]) * 60
		}
		if z[0] == '-' {
			return -s
		}
		return s
	}
	var quarters int64
	switch string(z) {
	case "WEST", "BST", "CET", "WAT":
		quarters = 4
	case "CEST", "EET", "SAST", "CAT":
		quarters = 8
	case "EEST", "MSK", "EAT", "TRT":
		quarters = 12
	case "IST":
		quarters = 22
	case "PKT":
		quarters = 20
	case "WIB", "ICT":
		quarters = 28
	case "HKT", "SGT", "AWST", "PHT":
		quarters = 32
	case "JST", "KST":
		quarters = 36
	case "AEST":
		quarters = 40
	case "AEDT":
		quarters = 44
	case "NZST":
		quarters = 48
	case "NZDT":
		quarters = 52
	case "NST":
		quarters = -14
	case "NDT":
		quarters = -10
	case "ADT", "BRT", "ART":
		quarters = -12
	case "AST", "EDT":
		quarters = -16
	case "EST", "CDT":
		quarters = -20
	case "CST", "MDT":
		quarters = -24
	case "MST", "PDT":
		quarters = -28
	case "PST", "AKDT":
		quarters = -32
	case "AKST":
		quarters = -36
	case "HST":
		quarters = -40
	}
	return quarters * 900
}
