package sqllog

// A verb says what a log entry tells about its session.
type verb uint8

const (
	other       verb = iota // nothing that matters here
	ran                     // a simple statement with its duration
	parsed                  // the extended protocol's steps, each with a duration
	bound                   //
	executed                //
	fetched                 // an execution that went on with an open portal
	timed                   // a duration without text
	said                    // a statement that log_statement told of, without a duration
	saidExecute             // the same, by the extended protocol
	saidFetch               //
	planned                 // a plan of auto_explain
	began                   // connection received or authorized
	ended                   // disconnection
	failed                  // ERROR
	// Secondary entries: they belong to the one before them in their session.
	params   // DETAIL with parameters
	prepared // DETAIL with the text behind an EXECUTE
	inside   // CONTEXT
	blamed   // STATEMENT of an error
)

// Bits of record.bits; the low ones are Flags of an Event.
const (
	recTruncated = uint8(Truncated)
	recBatch     = uint8(Batch)
	recPortal    = 1 << 4 // a named portal: fetches may follow
	recDetail    = 1 << 5 // a DETAIL may follow
	recPidOnly   = 1 << 6 // the session key is a pid that may be used again
)

// noShape stands in record.shape where an entry has no statement.
const noShape = ^uint32(0)

// A record is what a worker hands to the stitcher for one entry. It holds no
// pointers: shape and name are indexes into the worker's own tables.
type record struct {
	at, took int64
	args     uint64
	unit     uint64
	key      uint64 // session
	shape    uint32
	name     uint32 // 0: none
	rows     int32
	line     uint32 // newlines between the block's start and the entry
	lno      uint32 // the session's line counter (%l); 0: not known
	verb     verb
	bits     uint8
}

// mix folds b into a; it is not commutative.
func mix(a, b uint64) uint64 {
	a ^= b + 0x9e3779b97f4a7c15 + a<<6 + a>>2
	a *= 0xff51afd7ed558ccd
	return a ^ a>>32
}

// hashBytes is a plain FNV-style hash for session keys and ids.
func hashBytes(h uint64, b []byte) uint64 {
	for _, c := range b {
		h = (h ^ uint64(c)) * 0x100000001b3
	}
	return mix(h, uint64(len(b)))
}
