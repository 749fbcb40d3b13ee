package main

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ormlint/ormlint/analyzer/report"
	"github.com/ormlint/ormlint/rules"
)

func (a *app) rulesCommand() *cobra.Command {
	var format, color string
	cmd := &cobra.Command{
		Use:     "rules",
		Short:   "List the rules",
		Args:    noArgs,
		Example: "  ormlint rules\n  ormlint rules --format json",
		RunE: func(*cobra.Command, []string) error {
			if !slices.Contains(colors(), color) {
				return unknownValue("--color", color, colors())
			}
			switch format {
			case "text":
				return report.Catalogue(a.stdout, catalogue(), report.For(a.stdout, color, a.getenv))
			case "json":
				enc := json.NewEncoder(a.stdout)
				enc.SetEscapeHTML(false)
				enc.SetIndent("", "  ")
				return enc.Encode(catalogue())
			}
			return unknownValue("--format", format, []string{"text", "json"})
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	cmd.Flags().StringVar(&color, "color", "auto", "auto, always, never")
	complete(cmd, "format", []string{"text", "json"})
	complete(cmd, "color", colors())
	return cmd
}

// catalogue is the list of rules as reports show it.
func catalogue() []report.Rule {
	var lines []report.Rule
	for _, r := range rules.All() {
		lines = append(lines, report.Rule{Code: r.Code, Name: r.Name, Severity: r.Severity, Summary: r.Summary, Doc: r.Doc})
	}
	return lines
}

func (a *app) explainCommand() *cobra.Command {
	var color string
	cmd := &cobra.Command{
		Use:               "explain RULE",
		Short:             "Show the page of a rule: what it finds, what to write instead",
		Example:           "  ormlint explain QP101\n  ormlint explain n-plus-one",
		ValidArgsFunction: cobra.FixedCompletions(ruleNames(), cobra.ShellCompDirectiveNoFileComp),
		RunE: func(_ *cobra.Command, args []string) error {
			if !slices.Contains(colors(), color) {
				return unknownValue("--color", color, colors())
			}
			if len(args) != 1 {
				return usage("explain takes one rule", "ormlint rules lists them")
			}
			r := rules.Find(strings.TrimSpace(args[0]))
			if r == nil {
				return unknownRule("", args[0])
			}
			return report.Page(a.stdout, r.Doc, report.For(a.stdout, color, a.getenv))
		},
	}
	cmd.Flags().StringVar(&color, "color", "auto", "auto, always, never")
	complete(cmd, "color", colors())
	return cmd
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(cmd.CommandPath()+" takes no argument", "")
	}
	return nil
}
