package main

import "github.com/ormlint/ormlint/rules"

// parseBudgets reads the values of --budget.
func parseBudgets(values []string) ([]rules.Budget, error) {
	var budgets []rules.Budget
	for _, v := range values {
		b, err := rules.ParseBudget(v)
		if err != nil {
			return nil, usage("--budget: "+err.Error(), "for example --budget 'GET /books/=queries:12,ms:80,rows:5000'")
		}
		for i := range budgets {
			if budgets[i].Pattern == b.Pattern {
				return nil, usage("--budget: "+b.Pattern+" is there twice", "give all its limits in one --budget")
			}
		}
		budgets = append(budgets, b)
	}
	return budgets, nil
}
