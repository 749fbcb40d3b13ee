"""Linters and schemas for the files that other tools read."""

import shutil

from conftest import sh


def test_github(clone):
    sh("check-jsonschema", "--builtin-schema", "vendor.github-actions", clone / "action.yml")
    workflows = sorted((clone / ".github/workflows").iterdir())
    sh("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *workflows)
    sh("go", "tool", "-modfile=.ci/tools/go.mod", "actionlint", "-shellcheck", shutil.which("shellcheck"), *workflows, cwd=clone)
    sh("zizmor", "--offline", "--no-progress", "--config", ".github/zizmor.yml", "action.yml", ".github/workflows", cwd=clone)


def test_gitlab(clone):
    sh("check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", clone / ".gitlab/ormlint.gitlab-ci.yml")


def test_shell(clone):
    scripts = [clone / f for f in sh("git", "grep", "-lE", "^#!.*bash", cwd=clone).split()]
    assert len(scripts) >= 5, scripts
    sh("shellcheck", *scripts)
