"""The pre-commit hooks: the manifest, and real commits in a project that asks for them."""

import os
import shutil

import pytest

import recipes
from conftest import CLEAN, ROOT, sh


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """pre-commit's own folder, in which the hook is built once."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def hooks(clone, shop, home):
    """Runs pre-commit in the shop, with the configuration of docs/ci.md."""
    config = next(text for name, text, _ in recipes.blocks((ROOT / "docs/ci.md").read_text()) if name == ".pre-commit-config.yaml")
    assert "repo: ../ormlint " in config and "rev: 0123abc " in config
    head = sh("git", "rev-parse", "HEAD", cwd=clone).strip()
    config = config.replace("repo: ../ormlint ", f"repo: {clone} ").replace("rev: 0123abc ", f"rev: {head} ")
    (shop / ".pre-commit-config.yaml").write_text(config)
    sh("git", "add", ".pre-commit-config.yaml", cwd=shop)
    # The modules that are on this machine, instead of all of them again.
    env = {**os.environ, "PRE_COMMIT_HOME": str(home), "GOMODCACHE": sh("go", "env", "GOMODCACHE").strip()}

    def run(*args, want):
        return sh("pre-commit", *args, want=want, cwd=shop, env=env)

    return run


def test_manifest(clone):
    sh("pre-commit", "validate-manifest", clone / ".pre-commit-hooks.yaml")


def test_commits(hooks, shop):
    """origin/main is before the loop, so that the loop is what the branch adds."""
    (shop / "shop/views.py").write_text(CLEAN)
    sh("git", "add", "--all", cwd=shop)
    sh("git", "commit", "--quiet", "--amend", "--no-edit", cwd=shop)
    sh("git", "update-ref", "refs/remotes/origin/main", "HEAD", cwd=shop)

    (shop / "README.md").write_text("Words.\n")
    sh("git", "add", "--all", cwd=shop)
    assert "ormlint" in (said := hooks("run", want=0)) and "(no files to check)Skipped" in said, said

    (shop / "shop/views.py").write_text(CLEAN.replace('select_related("author")', "all()"))
    sh("git", "add", "--all", cwd=shop)
    said = hooks("run", want=1)
    assert "QP101 n-plus-one" in said and "shop/views.py:7" in said, said

    (shop / "shop/views.py").write_text(CLEAN)
    (shop / "shop/more.py").write_text("import json\n")
    sh("git", "add", "--all", cwd=shop)
    assert "Passed" in (said := hooks("run", want=0)), said


def test_logs(hooks, shop, clone):
    shutil.copy(clone / "testdata/script/books.log", shop / "sql.log")
    assert "ormlint (logs)" not in hooks("run", "--all-files", want=None)
    said = hooks("run", "--hook-stage", "manual", "ormlint-logs", "--all-files", want=1)
    assert "read 22 statements" in said, said
