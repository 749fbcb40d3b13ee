package rules

// all is the catalogue, in order of code. For read loops the order is also
// the order in which rules are asked: the one that fits everything is last.
var all = []*Rule{
	nPlusOne,
	nPlusOneAggregate,
	getInLoop,
	deferredInLoop,
	latestInLoop,
	defeatedPrefetch,
	queryInLoop,
	wideSelect,
	unusedEagerLoad,
	unboundedSelect,
	countThenFetch,
	discardedQueryset,
	keyByJoin,
	fetchToCount,
	duplicateQuery,
	sessionInDatabase,
	insertInLoop,
	updateInLoop,
	deleteInLoop,
	getOrCreateInLoop,
	wideUpdate,
	m2mAddInLoop,
	savepointInLoop,
	slowQuery,
	deepOffset,
	leadingWildcard,
	randomOrder,
	hugeInList,
}
