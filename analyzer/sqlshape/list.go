package sqlshape

// Keywords, as word packs them; TestKeywords checks them.
const (
	kwIn      uint64 = 0x6e69
	kwLike    uint64 = 0x656b696c
	kwNull    uint64 = 0x6c6c756e
	kwTrue    uint64 = 0x65757274
	kwILike   uint64 = 0x656b696c69
	kwLimit   uint64 = 0x74696d696c
	kwArray   uint64 = 0x7961727261
	kwUpper   uint64 = 0x7265707075
	kwLower   uint64 = 0x7265776f6c
	kwFalse   uint64 = 0x65736c6166
	kwSelect  uint64 = 0x7463656c6573
	kwOffset  uint64 = 0x74657366666f
	kwValues  uint64 = 0x7365756c6176
	kwDefault uint64 = 0x746c7561666564
)

const (
	hugeNote = " (1000+)"
	ellipsis = "…"
)

// hasNote reports whether s[i:] goes on with hugeNote.
func hasNote(s []byte, i int) bool {
	return i+len(hugeNote) <= len(s) && string(s[i:i+len(hugeNote)]) == hugeNote
}

// hasMore reports whether s[i:] goes on with "…".
func hasMore(s []byte, i int) bool {
	return i+len(ellipsis) <= len(s) && string(s[i:i+len(ellipsis)]) == ellipsis
}

// foldList reads a list of literals from the first one at s[i] to its closing
// bracket. It returns the bracket's offset, args with every value folded in,
// and the mark that stands for the whole list; mark 0 means that the list
// holds something else than literals and stays as it is.
func (m *masker) foldList(s []byte, i int, args uint64) (end int, mixed uint64, mark byte, placeholders bool) {
	n, count := len(s), 0
	constant := false
	for i < n {
		j := i
		switch c := s[i]; {
		case class[c] == cDigit:
			j++
			for j < n && class[s[j]] == cDigit {
				j++
			}
			if j < n && (identByte[s[j]] || s[j] == '.') {
				j = skipNumber(s, i)
			}
		case c == '\'':
			j = skipString(s, i, m.mysql)
		default:
			var kind byte
			j, kind = m.listItem(s, i)
			switch kind {
			case itemNone:
				return i, args, 0, false
			case itemPlaceholder:
				placeholders = true
			case itemConstant:
				constant = true
			case itemMore: // text masked before
				count++
				if hasNote(s, j) {
					j += len(hugeNote)
					count = HugeList
				}
			}
		}
		args = MixArgs(args, s[i:j])
		count++
		if j < n && s[j] == ':' {
			j = skipCasts(s, j)
		}
		for j < n && class[s[j]] == cSpace {
			j++
		}
		if j >= n {
			break
		}
		if s[j] == ')' || s[j] == ']' {
			if count == 1 && constant {
				break // IN (NULL): constants print as themselves
			}
			return j, args, listMark(count), placeholders
		}
		if s[j] != ',' {
			break
		}
		j++
		for j < n && class[s[j]] == cSpace {
			j++
		}
		i = j
	}
	return i, args, 0, false
}

func listMark(count int) byte {
	switch {
	case count >= HugeList:
		return markHuge
	case count > 1:
		return markMany
	}
	return markLit
}

// The kinds of list items that listItem tells apart.
const (
	itemNone byte = iota
	itemLiteral
	itemPlaceholder
	itemConstant
	itemMore
)

// listItem returns the offset after the rarer kinds of literal at s[i:].
func (m *masker) listItem(s []byte, i int) (int, byte) {
	c := s[i]
	switch class[c] {
	case cSign, cDot:
		if i+1 < len(s) && (class[s[i+1]] == cDigit || c != '.' && s[i+1] == '.' && i+2 < len(s) && class[s[i+2]] == cDigit) {
			return skipNumber(s, i+1), itemLiteral
		}
	case cDollar:
		j := i + 1
		for j < len(s) && class[s[j]] == cDigit {
			j++
		}
		if j > i+1 {
			return j, itemPlaceholder
		}
		if j := skipDollar(s, i); j > 0 {
			return j, itemLiteral
		}
	case cPercent:
		if j := skipFormat(s, i); j > 0 && m.dialect == Django {
			return j, itemPlaceholder
		}
	case cQuestion:
		return i + 1, itemPlaceholder
	case cIdent:
		if k, backslash := prefixed(s, i); k > 0 {
			return skipString(s, i+k, backslash), itemLiteral
		}
		if hasMore(s, i) {
			return i + len(ellipsis), itemMore
		}
		j := i
		for j < len(s) && j < i+8 && identByte[s[j]] {
			j++
		}
		switch k := j - i; {
		case k == 4 && (word(s, i, 4) == kwNull || word(s, i, 4) == kwTrue),
			k == 5 && word(s, i, 5) == kwFalse, k == 7 && word(s, i, 7) == kwDefault:
			return j, itemConstant
		}
	}
	return i, itemNone
}

// closeRow is called after the bracket that closes a VALUES row, which stands
// at out[rowAt:o]. A row of the same form as an earlier one is dropped; rows
// that differ only in constants (NULL, DEFAULT …) are of the same form. After
// the last row it adds the mark that tells how many there were. It returns
// the new offsets in s and out, and whether s goes on with another row.
func (m *masker) closeRow(s []byte, i int, out []byte, o, rowAt int, p *pass) (int, int, bool) {
	r := &m.rows
	r.count++
	j, more, masked := nextRow(s, i)
	if r.count == 1 {
		r.kept = 0
	}
	if r.count > 1 || more || masked {
		plainRow(out[rowAt:o])
	}
	width := rowWidth(out[rowAt:o])
	if r.seen(out, rowAt, o) {
		o = r.end
	} else {
		r.at[r.kept%keptRows] = [2]int{rowAt, o}
		r.kept++
		r.end = o
	}
	if more && width > 0 {
		i, more = m.skipRows(s, j, width, p)
		j = i
		if !more {
			j, more, masked = nextRow(s, i)
		}
	}
	if more {
		out[o], out[o+1] = ',', ' '
		return j, o + 2, true
	}
	if masked { // text masked before
		r.count++
		i = j + len(ellipsis)
		if hasNote(s, i) {
			i += len(hugeNote)
			r.count = HugeList
		}
	}
	switch {
	case r.count >= HugeList:
		out[o] = markHugeRows
		o++
	case r.count > 1:
		out[o] = markRows
		o++
	}
	r.count = 0
	return i, o, false
}

// nextRow looks past the row that ends before s[i]: more when another one
// follows, at j; masked when "…" does.
func nextRow(s []byte, i int) (j int, more, masked bool) {
	j = skipSpace(s, i)
	if j >= len(s) || s[j] != ',' {
		return j, false, false
	}
	j = skipSpace(s, j+1)
	return j, j < len(s) && s[j] == '(', hasMore(s, j)
}

// rowWidth returns how many literals a masked row has when it has nothing
// else, 0 otherwise.
func rowWidth(row []byte) (width int) {
	for x := 1; x < len(row); x += 3 {
		if row[x] != markLit {
			return 0
		}
		width++
		if x+2 == len(row) {
			return width
		}
		if x+3 >= len(row) || row[x+1] != ',' || row[x+2] != ' ' {
			return 0
		}
	}
	return 0
}

// skipRows passes over the rows at s[i:] that hold width literals each and
// nothing else, which mask like the row before. It returns the offset of the
// next row when there is one (more), else the offset after the last.
func (m *masker) skipRows(s []byte, i, width int, p *pass) (next int, more bool) {
	n := len(s)
	for {
		j, args, placeholders := i+1, p.args, p.placeholders
		for c := range width {
			lo := j
			switch {
			case j+2 >= n:
				return i, true
			case class[s[j]] == cDigit:
				for j < n && class[s[j]] == cDigit {
					j++
				}
				if j < n && (identByte[s[j]] || s[j] == '.') {
					j = skipNumber(s, lo)
				}
			case s[j] == '\'':
				j = skipQuoted(s, j, '\'', false)
			default:
				var kind byte
				j, kind = m.listItem(s, j)
				if kind == itemNone || kind == itemMore {
					return i, true
				}
				placeholders = placeholders || kind == itemPlaceholder
			}
			args = MixArgs(args, s[lo:j])
			if j < n && s[j] == ':' {
				j = skipCasts(s, j)
			}
			if c < width-1 {
				if j+2 >= n || s[j] != ',' || s[j+1] != ' ' {
					return i, true
				}
				j += 2
			}
		}
		if j >= n || s[j] != ')' {
			return i, true
		}
		p.args, p.placeholders = args, placeholders
		m.rows.count++
		i, more, _ = nextRow(s, j+1)
		if !more {
			return j + 1, false
		}
	}
}

// seen reports whether the row at out[at:end] has the form of a kept one.
func (r *rowState) seen(out []byte, at, end int) bool {
	row := out[at:end]
	for x := 0; x < min(r.kept, keptRows); x++ {
		if k := r.at[x]; string(out[k[0]:k[1]]) == string(row) {
			return true
		}
	}
	return false
}

// plainRow makes the constants of a row literals.
func plainRow(row []byte) {
	in := false
	for x, c := range row {
		switch {
		case c == '"':
			in = !in
		case c >= markNull && c <= markDefault && !in:
			row[x] = markLit
		}
	}
}

func skipSpace(s []byte, i int) int {
	for i < len(s) && class[s[i]] == cSpace {
		i++
	}
	return i
}

// wantsOperand reports whether the masked text ends with a keyword after
// which a value comes, so that a sign belongs to a number and "?" is a
// placeholder. It looks at no more than the last tailLen bytes.
func wantsOperand(out []byte) bool {
	end := len(out)
	if end > 0 && out[end-1] == ' ' {
		end--
	}
	if end > 1 && out[end-1] == ')' && (out[end-2] == '=' || out[end-2] == '>' || out[end-2] == '<') {
		return true // OPERATOR(pg_catalog.=) ?
	}
	at := end
	for at > 0 && end-at < 12 && identByte[out[at-1]] {
		at--
	}
	if at > 0 && (identByte[out[at-1]] || out[at-1] == '.' || out[at-1] == '"') {
		return false
	}
	for _, w := range operandWords[min(end-at, len(operandWords)-1)] {
		if foldEqual(out[at:end], w) {
			return true
		}
	}
	return false
}

// operandWords are keywords after which a value comes, by length.
var operandWords = [...][]string{
	2:  {"or", "in", "by", "on", "is", "to"},
	3:  {"and", "not", "for", "all"},
	4:  {"when", "then", "else", "like", "from", "case", "date", "time", "zone"},
	5:  {"where", "limit", "ilike", "fetch", "using"},
	6:  {"select", "offset", "having", "escape"},
	7:  {"between", "default", "forward"},
	8:  {"distinct", "interval", "backward", "absolute", "relative"},
	9:  {"returning", "timestamp"},
	11: {"timestamptz"},
	12: nil,
}

// endsOperand reports whether c, the last masked byte, ends an operand.
func endsOperand(c byte) bool {
	return identByte[c] || c == '"' || c == '`' || c == ')' || c == ']' || c == '?' || c != 0 && c < markEnd
}

// wild reports whether the pattern at s[i:] starts with a wildcard.
func wild(s []byte, i int) bool { return i < len(s) && (s[i] == '%' || s[i] == '_') }

// keptLimit reports whether a number is a plain one up to 1000.
func keptLimit(num []byte) bool {
	v, ok := plainNumber(num)
	return ok && v <= limitKept
}

// limitKept is the largest LIMIT that stays in the text.
const limitKept = 1000

func deepOffset(num []byte) bool {
	v, ok := plainNumber(num)
	return ok && v >= DeepOffset
}

// plainNumber reads a number of digits only; beyond 18 digits it is just big.
func plainNumber(num []byte) (v int64, ok bool) {
	for x, c := range num {
		if class[c] != cDigit {
			return 0, false
		}
		if x < 18 {
			v = v*10 + int64(c-'0')
		}
	}
	return v, len(num) > 0
}

// moreMark reports whether the word s[i:j] is the "…" of "… (1000+)".
func moreMark(s []byte, i, j int) bool { return hasMore(s, i) && hasNote(s, j) }
