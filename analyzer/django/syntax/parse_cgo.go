//go:build cgo

package syntax

/*
#cgo CFLAGS: -std=gnu11
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

// The part of tree_sitter/api.h (v0.25.0) that is used here. The bindings
// compile and link the library; walking the tree in C takes one call from Go
// for a file instead of eight for a node.
typedef struct TSLanguage TSLanguage;
typedef struct TSParser TSParser;
typedef struct TSTree TSTree;
typedef uint16_t TSSymbol;
typedef struct { uint32_t row, column; } TSPoint;
typedef struct { TSPoint start_point, end_point; uint32_t start_byte, end_byte; } TSRange;
typedef struct { uint32_t context[4]; const void *id; const TSTree *tree; } TSNode;
typedef struct { const void *tree; const void *id; uint32_t context[3]; } TSTreeCursor;
typedef struct {
	void *payload;
	const char *(*read)(void *payload, uint32_t byte_index, TSPoint position, uint32_t *bytes_read);
	int encoding;
	void *decode;
} TSInput;
typedef struct { void *payload; uint32_t current_byte_offset; bool has_error; } TSParseState;
typedef struct { void *payload; bool (*progress_callback)(TSParseState *state); } TSParseOptions;

extern void ts_set_allocator(void *(*)(size_t), void *(*)(size_t, size_t), void *(*)(void *, size_t), void (*)(void *));
extern TSParser *ts_parser_new(void);
extern void ts_parser_delete(TSParser *);
extern bool ts_parser_set_language(TSParser *, const TSLanguage *);
extern bool ts_parser_set_included_ranges(TSParser *, const TSRange *, uint32_t);
extern TSTree *ts_parser_parse_with_options(TSParser *, const TSTree *, TSInput, TSParseOptions);
extern void ts_tree_delete(TSTree *);
extern TSNode ts_tree_root_node(const TSTree *);
extern uint32_t ts_node_start_byte(TSNode);
extern uint32_t ts_node_end_byte(TSNode);
extern TSSymbol ts_node_symbol(TSNode);
extern bool ts_node_is_missing(TSNode);
extern bool ts_node_has_error(TSNode);
extern TSTreeCursor ts_tree_cursor_new(TSNode);
extern void ts_tree_cursor_delete(TSTreeCursor *);
extern TSNode ts_tree_cursor_current_node(const TSTreeCursor *);
extern bool ts_tree_cursor_goto_first_child(TSTreeCursor *);
extern bool ts_tree_cursor_goto_next_sibling(TSTreeCursor *);
extern bool ts_tree_cursor_goto_parent(TSTreeCursor *);
extern uint32_t ts_language_symbol_count(const TSLanguage *);
extern const char *ts_language_symbol_name(const TSLanguage *, TSSymbol);
extern int ts_language_symbol_type(const TSLanguage *, TSSymbol);

typedef struct { uint32_t start, end, after; uint8_t kind; bool missing; } flat_node;
typedef struct { uint32_t start, end; } flat_range;
typedef struct {
	flat_node *nodes;
	flat_range *comments;
	uint32_t len, comment_len;
	uint64_t used; // microseconds
	bool error, stopped, refused;
} flat_tree;

typedef struct { const char *text; uint32_t len; } flat_input;

static const char *flat_read(void *payload, uint32_t at, TSPoint position, uint32_t *read) {
	(void)position;
	flat_input *in = payload;
	if (at >= in->len) {
		*read = 0;
		return "";
	}
	*read = in->len - at;
	return in->text + at;
}

// flat_now is the processor time of this thread in microseconds: what other
// programs do changes nothing.
static uint64_t flat_now(void) {
#ifdef _WIN32
	return (uint64_t)clock() * 1000000 / CLOCKS_PER_SEC;
#else
	struct timespec t;
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
#endif
}

static bool flat_progress(TSParseState *state) {
	return flat_now() > *(uint64_t *)state->payload;
}

static bool flat_push(flat_tree *t, uint32_t *cap, flat_node n) {
	if (t->len == *cap) {
		uint32_t want = *cap * 2;
		flat_node *more = realloc(t->nodes, (size_t)want * sizeof(flat_node));
		if (!more) return false;
		t->nodes = more;
		*cap = want;
	}
	t->nodes[t->len++] = n;
	return true;
}

static bool flat_comment(flat_tree *t, uint32_t *cap, flat_range r) {
	if (t->comment_len == *cap) {
		uint32_t want = *cap ? *cap * 2 : 64;
		flat_range *more = realloc(t->comments, (size_t)want * sizeof(flat_range));
		if (!more) return false;
		t->comments = more;
		*cap = want;
	}
	t->comments[t->comment_len++] = r;
	return true;
}

// flat_walk writes the tree in preorder. The stack of open nodes is threaded
// through their after fields, so depth costs nothing.
static bool flat_walk(flat_tree *t, TSNode root, const uint8_t *kinds, uint32_t kind_len, uint8_t comment, uint8_t skip, uint8_t error) {
	uint32_t cap = 1024, comment_cap = 0, open = UINT32_MAX;
	t->nodes = malloc((size_t)cap * sizeof(flat_node));
	if (!t->nodes) return false;
	TSTreeCursor cursor = ts_tree_cursor_new(root);
	bool ok = true;
	for (;;) {
		TSNode n = ts_tree_cursor_current_node(&cursor);
		TSSymbol symbol = ts_node_symbol(n);
		uint8_t kind = symbol == (TSSymbol)-1 ? error : symbol < kind_len ? kinds[symbol] : 0;
		flat_node f = {ts_node_start_byte(n), ts_node_end_byte(n), open, kind, t->error && ts_node_is_missing(n)};
		bool descend = false;
		if (kind == comment) {
			flat_range r = {f.start, f.end};
			ok = flat_comment(t, &comment_cap, r);
		} else if (kind != skip) {
			ok = flat_push(t, &cap, f);
			descend = true;
		}
		if (!ok) break;
		if (descend) {
			if (ts_tree_cursor_goto_first_child(&cursor)) {
				open = t->len - 1;
				continue;
			}
			t->nodes[t->len - 1].after = t->len;
		}
		while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
			if (open == UINT32_MAX || !ts_tree_cursor_goto_parent(&cursor)) goto done;
			uint32_t up = t->nodes[open].after;
			t->nodes[open].after = t->len;
			open = up;
		}
	}
done:
	ts_tree_cursor_delete(&cursor);
	return ok;
}

static flat_tree flat_parse(const TSLanguage *language, const char *text, uint32_t len, uint32_t from, uint64_t budget,
		const uint8_t *kinds, uint32_t kind_len, uint8_t comment, uint8_t skip, uint8_t error) {
	flat_tree t = {0};
	TSParser *parser = ts_parser_new();
	if (!ts_parser_set_language(parser, language)) {
		t.refused = true;
		ts_parser_delete(parser);
		return t;
	}
	if (from > 0) {
		TSRange r = {{0, from}, {0, len}, from, len};
		ts_parser_set_included_ranges(parser, &r, 1);
	}
	flat_input in = {text, len};
	TSInput input = {&in, flat_read, 0, NULL};
	uint64_t begin = flat_now(), until = begin + budget;
	TSParseOptions options = {&until, flat_progress};
	TSTree *tree = ts_parser_parse_with_options(parser, NULL, input, options);
	if (!tree) {
		t.stopped = true;
	} else {
		TSNode root = ts_tree_root_node(tree);
		t.error = ts_node_has_error(root);
		t.refused = !flat_walk(&t, root, kinds, kind_len, comment, skip, error);
		ts_tree_delete(tree);
	}
	ts_parser_delete(parser);
	t.used = flat_now() - begin;
	return t;
}

static void flat_free(flat_tree t) {
	free(t.nodes);
	free(t.comments);
}
*/
import "C"

import (
	"sync"
	"unsafe"

	_ "github.com/tree-sitter/go-tree-sitter" // compiles the library
	python "github.com/tree-sitter/tree-sitter-python/bindings/go"
)

// Available reports whether this build can parse Python.
const Available = true

// symbolKinds maps the grammar's symbols to kinds. It also takes back the
// allocator that the bindings install, which calls from C into Go and from
// there into C for each node.
var symbolKinds = sync.OnceValue(func() []kind {
	C.ts_set_allocator(nil, nil, nil, nil)
	language := (*C.TSLanguage)(python.Language())
	kinds := make([]kind, C.ts_language_symbol_count(language))
	for i := range kinds {
		name := C.GoString(C.ts_language_symbol_name(language, C.TSSymbol(i)))
		table := named
		if C.ts_language_symbol_type(language, C.TSSymbol(i)) != 0 { // TSSymbolTypeRegular
			table = tokens
			kinds[i] = tOperator
		}
		if k, ok := table[name]; ok {
			kinds[i] = k
		}
	}
	return kinds
})

// parse reads text from the byte from on, where a line of code begins, and
// hands the nodes to use, which must not keep them. It says how much of the
// budget, in microseconds of processor time, it used.
func parse(text []byte, from int, budget uint64, use func([]raw, []Range)) (result outcome, used uint64) {
	if len(text) == 0 {
		use(nil, nil)
		return parsed, 0
	}
	kinds := symbolKinds()
	tree := C.flat_parse((*C.TSLanguage)(python.Language()), (*C.char)(unsafe.Pointer(unsafe.SliceData(text))),
		C.uint32_t(len(text)), C.uint32_t(from), C.uint64_t(budget), (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(kinds))),
		C.uint32_t(len(kinds)), C.uint8_t(kComment), C.uint8_t(kContinuation), C.uint8_t(kError))
	defer C.flat_free(tree)
	used = uint64(tree.used)
	if bool(tree.stopped) || bool(tree.refused) {
		return stopped, used
	}
	comments := make([]Range, 0, int(tree.comment_len))
	for _, c := range unsafe.Slice(tree.comments, int(tree.comment_len)) {
		comments = append(comments, Range{int(c.start), int(c.end)})
	}
	use(unsafe.Slice((*raw)(unsafe.Pointer(tree.nodes)), int(tree.len)), comments)
	if tree.error {
		return broken, used
	}
	return parsed, used
}
