package rules

import "time"

// A Budget is what one unit of work of some endpoints may come to. 0 is no
// limit.
type Budget struct {
	// Pattern is the endpoint's name, in which * stands for any text, slashes
	// included. "default" is for endpoints that no other pattern matches.
	Pattern string
	Queries int64         // in every unit
	Rows    int64         // in every unit, where the log tells them
	Took    time.Duration // of the units' mean
}

// DefaultBudget is the pattern for all endpoints without a budget of their
// own; "*" means the same.
const DefaultBudget = "default"
