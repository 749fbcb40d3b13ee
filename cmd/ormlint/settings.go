package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/config"
)

// settingFlags are the flags that a settings file has keys for, and those that
// name the file.
type settingFlags struct {
	analyzer.Config
	failOn   string
	file     string
	noConfig bool
}

// registerFile adds the flags that name the settings file.
func (f *settingFlags) registerFile(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.file, "config", "", "the settings' `FILE` (default: the nearest ormlint.toml, .ormlint.toml or pyproject.toml with [tool.ormlint])")
	fl.BoolVar(&f.noConfig, "no-config", false, "read no settings file")
}

// register adds the flags that all commands share which look for findings.
func (f *settingFlags) register(cmd *cobra.Command) {
	f.registerFile(cmd)
	fl := cmd.Flags()
	fl.StringSliceVar(&f.Select, "select", nil, "only these rules: codes, names, or prefixes such as QP1; instead of the file's select and ignore")
	fl.StringSliceVar(&f.Ignore, "ignore", nil, "leave these rules out, besides the file's")
	fl.IntVar(&f.MinCalls, "min-calls", config.Default().MinCalls, "how often a statement must repeat in one unit of work to be a loop")
	fl.StringVar(&f.Schema, "schema", "", "a pg_dump --schema-only `FILE`: true keys, columns and types")
	fl.StringVar(&f.Source, "source", "", "the `FOLDER` of a Django project's source (default: the current one, when it holds manage.py or settings)")
	fl.StringVar(&f.DjangoVersion, "django-version", "", "the `VERSION` of Django that rewrites are for, when no lock file tells it")
	fl.BoolVar(&f.Tests, "source-tests", false, "look at the source of tests and migrations too")
	complete(cmd, "select", ruleNames())
	complete(cmd, "ignore", ruleNames())
}

// registerLogs adds the flags that say how inputs are read; about stands in
// front of their descriptions.
func (f *settingFlags) registerLogs(cmd *cobra.Command, about string) {
	fl := cmd.Flags()
	fl.BoolVar(&f.NoSource, "no-source", false, about+"read no source")
	fl.StringVar(&f.Format, "input-format", "", about+"format of all inputs, when detection gets it wrong: "+strings.Join(analyzer.Formats(), ", "))
	fl.StringVar(&f.Prefix, "log-line-prefix", "", about+"PostgreSQL's log_line_prefix, when detection gets it wrong")
	complete(cmd, "input-format", analyzer.Formats())
	f.registerWorkers(cmd)
}

func (f *settingFlags) registerWorkers(cmd *cobra.Command) {
	cmd.Flags().IntVar(&f.Workers, "workers", 0, "how many goroutines read (default: one per processor)")
}

// registerFailOn adds the flag that fix has no use for.
func (f *settingFlags) registerFailOn(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.failOn, "fail-on", config.Default().FailOn, "exit 1 at this severity, if likely or proven: note, warning, error, never")
	complete(cmd, "fail-on", config.FailOns())
}

// validate checks what the flag parser cannot.
func (f *settingFlags) validate() error {
	if !slices.Contains(config.FailOns(), f.failOn) {
		return unknownValue("--fail-on", f.failOn, config.FailOns())
	}
	if f.MinCalls < 0 {
		return usage(fmt.Sprintf("--min-calls %d: below 0", f.MinCalls), "")
	}
	if v := f.DjangoVersion; v != "" && !config.IsVersion(v) {
		return usage(fmt.Sprintf("--django-version: %q is no version", v), "as in 5.2")
	}
	if err := knownRules("--select", f.Select); err != nil {
		return err
	}
	return knownRules("--ignore", f.Ignore)
}

// A settled run has its settings from the file and the flags.
type settled struct {
	config.Settings
	file  *config.File    // nil: none was read
	flags map[string]bool // keys that flags set
	found bool            // the source is the current folder, by what it holds
}

// settle reads the settings file and makes the Config from it and the flags,
// which stand above it. What fails a run is the file's to say only where the
// command has the flag for it. quiet keeps it from telling of files that are
// not read.
func (a *app) settle(cmd *cobra.Command, f *settingFlags, quiet bool) (*settled, error) {
	s := &settled{Settings: config.Default(), flags: map[string]bool{}}
	if err := s.load(f.file, f.noConfig); err != nil {
		return nil, err
	}
	for _, o := range []struct {
		name string // of the flag and of the key
		set  func()
	}{
		{"select", func() { s.Select, s.Ignore = f.Select, nil }},
		{"ignore", func() { s.Ignore = slices.Concat(s.Ignore, f.Ignore) }},
		{"fail-on", func() { s.FailOn = f.failOn }},
		{"min-calls", func() { s.MinCalls = f.MinCalls }},
		{"schema", func() { s.Schema = f.Schema }},
		{"source", func() { s.Source = f.Source }},
		{"django-version", func() { s.DjangoVersion = f.DjangoVersion }},
		{"source-tests", func() { s.SourceTests = f.Tests }},
		{"baseline", func() { s.Baseline = f.Baseline }},
		{"strict-baseline", func() { s.StrictBaseline = f.StrictBaseline }},
	} {
		if cmd.Flags().Changed(o.name) {
			o.set()
			s.flags[o.name] = true
		}
	}
	if s.Source == "" && analyzer.ReadsSource && holdsDjango(".") {
		s.Source, s.found = ".", true
	}
	s.apply(&f.Config)
	f.StrictBaseline = s.StrictBaseline && cmd.Flags().Lookup("strict-baseline") != nil
	if cmd.Flags().Lookup("fail-on") != nil {
		f.failOn = s.FailOn
	}
	if !quiet {
		a.passed(s.file)
	}
	return s, nil
}

// load reads the file that the user named, else the nearest.
func (s *settled) load(path string, none bool) error {
	if none && path != "" {
		return usage("--config and --no-config do not go together", "")
	}
	if none {
		return nil
	}
	var passed []string
	if path == "" {
		var err error
		if path, passed, err = config.Find(); err != nil || path == "" {
			return err
		}
	}
	file, err := config.Load(path)
	if err != nil {
		return err
	}
	file.Passed = passed
	s.file, s.Settings = file, file.Settings
	return nil
}

// apply enters the settings into a Config, with the file's paths as they can be
// opened from the current folder.
func (s *settled) apply(c *analyzer.Config) {
	at := func(key, path string) string {
		if s.file == nil || s.file.Lines[key] == 0 || s.flags[key] {
			return path
		}
		return s.file.At(path)
	}
	c.Select, c.Ignore, c.MinCalls = s.Select, s.Ignore, s.MinCalls
	c.Source, c.Tests, c.DjangoVersion = at("source", s.Source), s.SourceTests, s.DjangoVersion
	c.Schema = at("schema", s.Schema)
	c.Baseline = at("baseline", s.Baseline)
	c.Severities, c.Thresholds, c.Budgets = s.Severities(), s.Thresholds, s.Budgets
	for _, r := range s.SourceRoots {
		c.SourceRoots = append(c.SourceRoots, at("source-roots", r))
	}
	for _, m := range s.PathMap {
		c.PathMap = append(c.PathMap, analyzer.PathMap{From: m.From, To: at("path-map", m.To)})
	}
	for _, i := range s.PerFileIgnores {
		c.PerFileIgnores = append(c.PerFileIgnores, analyzer.FileIgnores{Folder: s.file.Folder, Pattern: i.Pattern, Rules: i.Rules})
	}
}

// origin says where the value of a key comes from.
func (s *settled) origin(key string) string {
	line := ""
	if s.file != nil && s.file.Lines[key] > 0 {
		line = fmt.Sprintf("%s:%d", s.file.Path, s.file.Lines[key])
	}
	switch {
	case key == "ignore" && s.flags["select"] && !s.flags[key]:
		return "--select"
	case key == "ignore" && s.flags[key] && !s.flags["select"] && line != "":
		return line + " and --" + key
	case s.flags[key]:
		return "--" + key
	case line != "":
		return line
	case key == "source" && s.found:
		return "default: the current folder holds a Django project"
	}
	return "default"
}

// passed tells of files beside the one that was read.
func (a *app) passed(f *config.File) {
	if f == nil {
		return
	}
	for _, p := range f.Passed {
		a.say(fmt.Sprintf("%s is read, %s beside it is not", f.Path, p), "one file of settings is enough: delete the other's")
	}
}
