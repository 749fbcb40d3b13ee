package sqlshape

// Marks stand for what is taken out of a statement while it is hashed. They
// are control characters, which a statement has none of outside quotes, so a
// jsonb "?" operator is never taken for a literal. render prints them.
const (
	markLit  byte = 1 + iota // ?
	markMany                 // ?, …
	markHuge                 // ?, … (1000+)
	markWild                 // '%…'
	markDeep                 // ? (1000+)
	markRows                 // , … after VALUES rows
	markHugeRows
	markNull // constants of a VALUES row, which print as themselves unless rows differ in them
	markTrue
	markFalse
	markDefault
	markEnd
)

// What the last significant token was.
const (
	tOther  uint8 = iota // operator, opening bracket, comma: an operand comes next
	tSelect              // these keywords also want an operand
	tLimit
	tOffset
	tLike
	tIn     // IN or ARRAY: the next bracket opens a list
	tList   // that bracket
	tValues // VALUES, or the comma between its rows
	// From here on an operand is complete.
	tOperand // identifier, any other keyword, closing bracket
	tLit     // literal or placeholder
)

// How names are masked in the statements that number them.
const (
	namesKept uint8 = iota
	namesFirst
	namesAll
)

// tailLen is how much masked text before the first literal a state keeps:
// enough for the keyword before a sign and for the start of a short row.
const tailLen = 32

// A state is all the scan carries from byte to byte. A copy of it, taken at
// the first literal, lets a later scan resume there (prefix.go).
type state struct {
	hash     uint64 // of the masked text before the first literal
	depth    int32
	rowDepth int32
	rowAt    int32 // start of the current row, as an offset in tail
	base     int32 // bytes of tail in use; 0: the state cannot be resumed
	last     uint8
	names    uint8
	tail     [tailLen]byte
}

// A pass is what one run over a statement finds.
type pass struct {
	hash, args   uint64
	placeholders bool
	// first is the offset of the first literal, -1 when none.
	first int
	// comment is the inside of the last tag-like comment.
	comment []byte
	// early: a comment stands before the first literal, or inside a statement
	// without one, so there is no head for the prefix cache.
	early bool
	// trail is the offset of the first of the comments that end the
	// statement, or its length.
	trail int
}

// rowState follows the rows of one VALUES list.
type rowState struct {
	count int
	end   int // of the last row kept
	kept  int // distinct rows so far
	at    [keptRows][2]int
}

// keptRows is how many different row forms of one statement are compared with.
const keptRows = 8
