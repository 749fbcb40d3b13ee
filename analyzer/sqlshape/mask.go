package sqlshape

import "encoding/binary"

// run scans sql[i:], from a saved state when there is one, leaves the masked
// text in m.out[:m.olen] and captures the state at the first literal in head
// when asked to.
//
// The hash is mix(hash(text before the first literal), hash(the rest)): a scan
// resumed at the first literal agrees with one that began at 0.
//
// This is the hot loop of the whole program, so it keeps its variables in
// registers and is longer than the style allows. Its output is never longer
// than 3/2 of its input, hence no growth checks.
func (m *masker) run(sql []byte, i int, from, head *state) pass {
	n := len(sql)
	out := m.room(n - i)
	p := pass{first: -1, trail: n}
	var (
		base, o, o0, lo int
		args, h0        uint64
		depth, rowDepth int32
		rowAt           int
		last, names     uint8
		mark            byte
		commentAt       = -1
	)
	m.rows.count = 0
	m.mysql = false
	if from != nil {
		copy(out, from.tail[:])
		base, o, h0 = int(from.base), int(from.base), from.hash
		depth, rowDepth, rowAt = from.depth, from.rowDepth, int(from.rowAt)
		last, names = from.last, from.names
		p.first = i
	}

scan:
	for i < n {
		c := sql[i]
		switch class[c] {
		case cIdent:
			j := i + 1
			for j < n && identByte[sql[j]] {
				j++
			}
			if names != namesKept { // a name that was masked before
				for j < n && (identByte[sql[j]] || sql[j] == '?') {
					j++
				}
			}
			k := j - i
			prev := last
			last = tOperand
			var w uint64 // the word in lower case, when it is a short one
			if k <= 7 {
				if i+8 <= n {
					w = (load64(sql[i:]) | 0x20*lo8) & wordMask[k]
				} else {
					w = word(sql, i, k)
				}
			}
			switch k {
			case 1:
				if k, backslash := prefixed(sql, i); k > 0 {
					lo = i
					i = skipString(sql, i+k, backslash)
					mark = markLit
					if prev == tLike && wild(sql, lo+k+1) {
						mark = markWild
					}
					last = prev
					goto literal
				}
			case 2:
				if w == kwIn {
					last = tIn
				}
			case 4:
				switch w {
				case kwLike:
					last = tLike
				case kwNull:
					mark = markNull
				case kwTrue:
					mark = markTrue
				}
			case 5:
				switch w {
				case kwILike:
					last = tLike
				case kwLimit:
					last = tLimit
				case kwArray:
					if j < n && sql[j] == '[' {
						last = tIn
					}
				case kwUpper, kwLower:
					if prev == tLike {
						last = tLike
					}
				case kwFalse:
					mark = markFalse
				}
			case 6:
				switch w {
				case kwSelect:
					last = tSelect
				case kwOffset:
					last = tOffset
				case kwValues:
					if rowDepth == 0 {
						last, m.rows.count = tValues, 0
					}
				}
			case 7:
				if w == kwDefault {
					mark = markDefault
				}
			}
			if mark != 0 {
				if depth == rowDepth && depth > 0 {
					lo, i = i, j
					goto literal
				}
				if prev == tList { // IN (NULL, 1) is a list like others
					if _, _, class, _ := m.foldList(sql, i, args); class != 0 {
						lo, last = i, tList
						goto literal
					}
				}
				mark = 0
			}
			if k <= 8 && i+8 <= n {
				binary.LittleEndian.PutUint64(out[o:], load64(sql[i:]))
			} else {
				copy(out[o:], sql[i:j])
			}
			if names != namesKept {
				k, names = maskName(out[o:o+k], names)
			} else if o == 0 {
				names = nameMode(sql[i:j])
			} else if c == 0xe2 && k == 3 && moreMark(sql, i, j) {
				j += len(hugeNote)
				k += copy(out[o+k:], hugeNote)
			}
			o += k
			i = j

		case cDouble:
			last = tOperand
			lo = o
			i, o = copyNames(out, o, sql, i)
			if names != namesKept {
				var k int
				k, names = maskName(out[lo:o], names)
				o = lo + k
			}

		case cBacktick:
			last = tOperand
			m.mysql = m.dialect == Django
			j := skipQuoted(sql, i, '`', false)
			o += copyQuoted(out[o:], sql[i:j])
			i = j

		case cDigit:
			lo = i
			i = skipNumber(sql, i)
			mark = markLit
			switch last {
			case tSelect: // SELECT 1 AS "a": exists() and probes
				if i == lo+1 {
					out[o] = c
					o++
					last, mark = tOperand, 0
					continue
				}
			case tLimit:
				if keptLimit(sql[lo:i]) && (i == n || sql[i] != ':') {
					if p.first < 0 {
						p.first, o0, p.early = lo, o, commentAt >= 0
						if head != nil {
							m.capture(head, out[:o], depth, rowDepth, rowAt, last, names)
						}
					}
					o += copy(out[o:], sql[lo:i])
					last, mark = tOperand, 0
					continue
				}
			case tOffset:
				if deepOffset(sql[lo:i]) {
					mark = markDeep
				}
			}
			goto literal

		case cSingle:
			lo = i
			i = skipString(sql, i, m.mysql)
			mark = markLit
			if last == tLike && wild(sql, lo+1) {
				mark = markWild
			}
			goto literal

		case cDollar:
			if i+1 < n {
				if d := sql[i+1]; class[d] == cDigit {
					lo = i
					i += 2
					for i < n && class[sql[i]] == cDigit {
						i++
					}
					p.placeholders = true
					mark = markLit
					goto literal
				} else if d == '$' || class[d] == cIdent {
					if j := skipDollar(sql, i); j > 0 {
						lo, i = i, j
						mark = markLit
						goto literal
					}
				}
			}
			last = tOther
			out[o] = c
			o++
			i++

		case cPercent:
			if m.dialect == Django {
				if j := skipFormat(sql, i); j > 0 {
					lo, i = i, j
					p.placeholders = true
					mark = markLit
					goto literal
				}
			}
			last = tOther
			out[o] = c
			o++
			i++

		case cQuestion:
			if last < tOperand || last == tOperand && wantsOperand(out[:o]) {
				// Not the jsonb operator, which stands after an operand:
				// another database's placeholder, or text masked before.
				lo, mark = i, markLit
				i++
				if last == tOffset && hasNote(sql, i) {
					i += len(hugeNote)
					mark = markDeep
				}
				p.placeholders = true
				goto literal
			}
			if names == namesKept {
				last = tOther
			}
			out[o] = c
			o++
			i++

		case cColon:
			if i+1 < n && sql[i+1] == ':' {
				if last == tLit { // the cast of a literal is part of it
					for out[o-1] == ' ' { // behind the literal's mark
						o--
					}
					i = skipType(sql, i+2)
					continue
				}
				out[o], out[o+1] = ':', ':'
				o += 2
				i += 2
				last = tOperand // a type name, not a value, comes next
				continue
			}
			last = tOther
			out[o] = c
			o++
			i++

		case cSign:
			if i+1 < n {
				d := sql[i+1]
				if d == '-' && c == '-' {
					j := skipLine(sql, i+2)
					if k := m.comment(&p, sql, i, i+2, j, out, o, &commentAt); last != tList { // where blanks go
						o = k
					}
					i = j
					continue
				}
				if class[d] == cDigit || d == '.' && i+2 < n && class[sql[i+2]] == cDigit {
					if last < tOperand || last == tOperand && wantsOperand(out[:o]) {
						lo = i
						i = skipNumber(sql, i+1)
						mark = markLit
						goto literal
					}
				}
			}
			last = tOther
			out[o] = c
			o++
			i++

		case cSlash:
			if i+1 < n && sql[i+1] == '*' {
				j := skipComment(sql, i)
				if k := m.comment(&p, sql, i, i+2, max(i+2, j-2), out, o, &commentAt); last != tList {
					o = k
				}
				i = j
				continue
			}
			last = tOther
			out[o] = c
			o++
			i++

		case cOpen:
			depth++
			switch {
			case last == tIn:
				last = tList
			case last == tValues && c == '(':
				rowDepth, rowAt = depth, o
				last = tOther
			case last == tList && c == '(' && rowDepth == 0: // IN ((1, 2), (3, 4))
				rowDepth, rowAt, m.rows.count = depth, o, 0
				last = tOther
			case last == tLike:
			default:
				last = tOther
			}
			out[o] = c
			o++
			i++

		case cClose:
			out[o] = c
			o++
			i++
			last = tOperand
			if depth == rowDepth && depth > 0 {
				rowDepth = 0
				var more bool
				p.args = args
				i, o, more = m.closeRow(sql, i, out, o, rowAt, &p)
				args = p.args
				if more {
					last = tValues
				}
			}
			depth--

		case cSpace:
			i++
			if o > 0 && out[o-1] != ' ' && last != tList {
				out[o] = ' '
				o++
			}

		case cComma:
			last = tOther
			out[o] = c
			o++
			i++

		case cDot:
			if i+1 < n && class[sql[i+1]] == cDigit && (o == 0 || !endsOperand(out[o-1])) {
				lo = i
				i = skipNumber(sql, i)
				mark = markLit
				goto literal
			}
			out[o] = c
			o++
			i++

		default:
			last = tOther
			out[o] = c
			o++
			i++
		}
		continue

	literal:
		if p.first < 0 {
			p.first, o0, p.early = lo, o, commentAt >= 0
			if head != nil {
				m.capture(head, out[:o], depth, rowDepth, rowAt, last, names)
			}
		}
		if last == tList {
			if j, a, class, ph := m.foldList(sql, lo, args); class != 0 {
				args, i, mark = a, j, class
				p.placeholders = p.placeholders || ph
				out[o] = mark
				o++
				last, mark = tLit, 0
				continue scan
			}
		}
		args = MixArgs(args, sql[lo:i])
		out[o] = mark
		o++
		last, mark = tLit, 0
		// Stay here for the rest of a row: ", 5, 'a', $3".
		for depth == rowDepth && depth > 0 && i+8 <= n && sql[i] == ',' && sql[i+1] == ' ' {
			j := i + 2
			switch d := sql[j]; {
			case class[d] == cDigit:
				j++
				for j < n && class[sql[j]] == cDigit {
					j++
				}
			case d == '\'':
				j = skipQuoted(sql, j, '\'', false)
			default:
				continue scan
			}
			if j >= n || sql[j] != ',' && sql[j] != ')' && sql[j] != ':' {
				continue scan
			}
			args = MixArgs(args, sql[i+2:j])
			out[o], out[o+1], out[o+2] = ',', ' ', markLit
			o += 3
			i = skipCasts(sql, j)
		}
	}
	for o > base && (out[o-1] == ' ' || out[o-1] == ';') {
		o--
	}
	if commentAt != o {
		p.trail = n
		p.early = p.early || p.first < 0 && commentAt >= 0
	}
	switch {
	case from != nil:
		p.hash = mix(h0, hash(out[base:o]))
	case p.first < 0:
		p.hash = mix(hash(out[:o]), 0)
	default:
		p.hash = mix(hash(out[:o0]), hash(out[o0:o]))
	}
	p.args = args
	m.olen = o
	return p
}
