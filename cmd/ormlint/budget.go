package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/ormlint/ormlint/rules"
)

func (f *checkFlags) registerBudgets(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.budgets, "budget", nil,
		"what one unit of work may come to, as `ENDPOINT=queries:N,ms:N,rows:N`; * in ENDPOINT stands for any text; repeatable; before the file's")
}

// addBudgets puts those of the flags before those of the settings file: the
// first that matches counts.
func (f *checkFlags) addBudgets() error {
	budgets, err := parseBudgets(f.budgets)
	f.Budgets = slices.Concat(budgets, f.Budgets)
	return err
}

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
