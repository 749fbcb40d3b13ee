"""The Dockerfile: linted, its build commands run on what .dockerignore lets through."""

import fnmatch
import os
import shutil

import pytest
from dockerfile_parse import DockerfileParser

from conftest import is_static, sh


@pytest.fixture
def stages(clone):
    """The stages of the Dockerfile, each a list of (instruction, value)."""
    stages = []
    for step in DockerfileParser(path=str(clone / "Dockerfile"), cache_content=True).structure:
        if step["instruction"] == "COMMENT":
            continue
        if step["instruction"] == "FROM":
            stages.append([])
        stages[-1].append((step["instruction"], step["value"]))
    return stages


def let_through(clone):
    """The files of the build context, by the patterns that .dockerignore uses."""
    patterns = [p for p in (clone / ".dockerignore").read_text().split("\n") if p and not p.startswith("#")]
    for path in sh("git", "ls-files", cwd=clone).split("\n")[:-1]:
        ignored = False
        for pattern in patterns:
            if matches(path, pattern.lstrip("!").rstrip("/")):
                ignored = not pattern.startswith("!")
        if not ignored:
            yield path


def matches(path, pattern):
    """A pattern matches a file by its name or that of a folder above it; **/ stands for any folders, also none."""
    parts = path.split("/")
    for i in range(1, len(parts) + 1):
        above = "/".join(parts[:i])
        if pattern.startswith("**/"):
            if fnmatch.fnmatchcase(parts[i - 1], pattern[3:]):
                return True
        elif above.count("/") == pattern.count("/") and fnmatch.fnmatchcase(above, pattern):
            return True
    return False


def test_lint(clone):
    sh("hadolint", "Dockerfile", cwd=clone)


def test_build(clone, stages, version, tmp_path):
    build, final = stages
    context, source, out = tmp_path / "context", tmp_path / "src", tmp_path / "out"
    for path in let_through(clone):
        (context / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(clone / path, context / path)
    source.mkdir()
    for instruction, value in build:
        value = value.replace("/out/", f"{out}/")
        if instruction == "COPY":
            *names, _ = value.split()
            for name in names:
                sh("cp", "-r", context / name if name != "." else f"{context}/.", source)
        elif instruction == "RUN":
            root = ["sudo", "-n"] if value.startswith("apt-get") and os.geteuid() != 0 else []
            sh(*root, "sh", "-e", "-c", value, cwd=source)
    assert is_static(out / "ormlint"), "Alpine's C library is not this one"
    assert sh(out / "ormlint", "version").startswith(f"ormlint {version} (")
    assert ("COPY", "--from=build /out/ormlint /usr/local/bin/ormlint") in final
    for instruction, value in final:
        if instruction == "COPY" and not value.startswith("--from"):
            assert (context / value.split()[0]).exists(), f"{value}: .dockerignore leaves it out"


def test_final_stage(stages):
    final = dict(stages[-1])
    assert final["ENTRYPOINT"] == '["ormlint"]'
    user = final["USER"].split(":")[0]
    assert user.isdigit() and int(user) > 0, "Kubernetes' runAsNonRoot wants a number that is not 0"
