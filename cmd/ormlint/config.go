package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ormlint/ormlint/analyzer/config"
	"github.com/ormlint/ormlint/analyzer/report"
)

// configFlags are those of config show.
type configFlags struct {
	settingFlags
	format string
}

func (a *app) configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show and check the settings",
		Long: "Show and check the settings.\n\n" +
			"They stand in one file, the nearest from the current folder up to the one that holds .git:\n" +
			strings.Join(config.Names()[:2], ", ") + ", or pyproject.toml with a table [tool.ormlint].",
		Example: "  ormlint config show\n  ormlint config check\n  ormlint config schema > ormlint.schema.json",
		Args:    cobra.ArbitraryArgs, // for a better message than cobra's
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			fmt.Fprint(a.stderr, cmd.UsageString())
			return usage("no command", "ormlint config show")
		}
		return unknownCommand(cmd, args[0])
	}
	cmd.AddCommand(a.configShow(), a.configCheck(), a.configSchema())
	return cmd
}

func (a *app) configShow() *cobra.Command {
	f := &configFlags{}
	cmd := &cobra.Command{
		Use:     "show",
		Short:   "Print the settings that hold, and where each comes from",
		Args:    noArgs,
		Example: "  ormlint config show\n  ormlint config show --select QP1 --format json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.format != "toml" && f.format != "json" {
				return unknownValue("--format", f.format, []string{"toml", "json"})
			}
			if err := f.validate(); err != nil {
				return err
			}
			s, err := a.settle(cmd, &f.settingFlags, false)
			if err != nil {
				return err
			}
			path := ""
			if s.file != nil {
				path = s.file.Path
			}
			if f.format == "json" {
				return config.WriteJSON(a.stdout, &s.Settings, path, s.origin)
			}
			if path == "" {
				path = "no settings file"
			}
			if _, err := fmt.Fprintf(a.stdout, "# %s\n", report.Clean(path)); err != nil {
				return err
			}
			return config.WriteTOML(a.stdout, &s.Settings, s.origin)
		},
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.format, "format", "toml", "toml or json")
	f.register(cmd)
	f.registerFailOn(cmd)
	complete(cmd, "format", []string{"toml", "json"})
	return cmd
}

func (a *app) configCheck() *cobra.Command {
	return &cobra.Command{
		Use:     "check [FILE]",
		Short:   "Check a settings file, by itself the nearest",
		Example: "  ormlint config check\n  ormlint config check backend/pyproject.toml",
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage("config check takes one file", "")
			}
			s := &settled{}
			if err := s.load(strings.Join(args, ""), false); err != nil {
				return err
			}
			if s.file == nil {
				return usage("no settings file", "it is "+strings.Join(config.Names()[:2], ", ")+", or pyproject.toml with a table [tool.ormlint]")
			}
			a.passed(s.file)
			_, err := fmt.Fprintf(a.stdout, "%s is fine\n", report.Clean(s.file.Path))
			return err
		},
	}
}

func (a *app) configSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of settings files, for editors",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := a.stdout.Write(config.Schema())
			return err
		},
	}
}
