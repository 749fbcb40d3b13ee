"""The wheel: its form, its bytes, and that pip and Python find the binary in it."""

import re
import sys
import zipfile

import pytest

from conftest import is_static, sh


@pytest.fixture(scope="module")
def wheel(clone, tmp_path_factory):
    dist = tmp_path_factory.mktemp("dist")
    sh(sys.executable, clone / ".ci/build_wheel.py", dist)
    (built,) = dist.iterdir()
    return built


@pytest.fixture
def venv(tmp_path):
    """The bin folder of a fresh environment."""
    sh(sys.executable, "-m", "venv", tmp_path / "venv")
    return tmp_path / "venv/bin"


def test_form(clone, wheel, tmp_path):
    sh("validate-pyproject", clone / "pyproject.toml")
    sh("twine", "check", "--strict", wheel)
    sh("check-wheel-contents", "--ignore", "W002", wheel)  # some licences are the same text
    sh("wheel", "unpack", "--dest", tmp_path, wheel)  # compares all hashes with RECORD
    with zipfile.ZipFile(wheel) as z:
        (script,) = [i for i in z.infolist() if "/scripts/" in i.filename]
        assert script.external_attr >> 16 == 0o100755, oct(script.external_attr >> 16)
        names = z.namelist()
    assert names[-1].endswith(".dist-info/RECORD")
    assert any(n.endswith("/licenses/LICENSE") for n in names)
    assert any("/third_party/github.com/pganalyze/pg_query_go/" in n for n in names), names


def test_tags(wheel, version, tmp_path):
    arch = {"x86_64": "x86_64", "aarch64": "aarch64"}[sh("uname", "-m").strip()]
    assert wheel.name == f"ormlint-{version}-py3-none-manylinux2014_{arch}.manylinux_2_17_{arch}.musllinux_1_1_{arch}.whl"
    sh("wheel", "unpack", "--dest", tmp_path, wheel)
    (script,) = tmp_path.glob("*/*.data/scripts/ormlint")
    assert is_static(script), "the wheel claims every Linux, but its binary wants a C library"


def test_same_bytes(wheel, tmp_path):
    """From another clone, in another folder, at another time."""
    from conftest import ROOT

    sh("git", "clone", "--quiet", "--no-hardlinks", ROOT, tmp_path / "elsewhere")
    sh(sys.executable, tmp_path / "elsewhere/.ci/build_wheel.py", tmp_path / "dist")
    again = tmp_path / "dist" / wheel.name
    assert again.read_bytes() == wheel.read_bytes()


def test_source_date(clone, wheel, tmp_path):
    import os

    sh(sys.executable, clone / ".ci/build_wheel.py", tmp_path, env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"})
    with zipfile.ZipFile(tmp_path / wheel.name) as z:
        assert {i.date_time for i in z.infolist()} == {(2023, 11, 14, 22, 13, 20)}


def test_installed(clone, wheel, venv, version, shop, tmp_path):
    sh(venv / "pip", "install", "--no-index", wheel)
    sh(venv / "pip", "check")
    said = sh(venv / "ormlint", "version")
    assert said.startswith(f"ormlint {version} ("), said
    assert sh(venv / "python", "-m", "ormlint", "version", cwd=tmp_path) == said

    report = sh(venv / "ormlint", "check", clone / "testdata/script/books.log", "--top", "0", want=1, cwd=tmp_path)
    assert "read 22 statements" in report and "QP401 insert-in-loop" in report, report
    report = sh(venv / "python", "-m", "ormlint", "check", want=1, cwd=shop)
    assert "shop/views.py:7" in report and 'select_related("author")' in report, report
    assert "ormlint: nothing.log: no such file" in sh(venv / "python", "-m", "ormlint", "check", "nothing.log", want=2, cwd=tmp_path)

    sh(venv / "pip", "uninstall", "--yes", "ormlint")
    assert not (venv / "ormlint").exists()
    sh(venv / "python", "-c", "import ormlint", want=1)


def test_target(wheel, tmp_path, version):
    sh(sys.executable, "-m", "pip", "install", "--no-index", "--target", tmp_path / "lib", wheel)
    said = sh(sys.executable, "-m", "ormlint", "version", cwd=tmp_path / "lib")
    assert said.startswith(f"ormlint {version} ("), said


def test_missing_binary(wheel, venv):
    sh(venv / "pip", "install", "--no-index", wheel)
    (venv / "ormlint").unlink()
    said = sh(venv / "python", "-I", "-m", "ormlint", "version", want=2)
    assert said.startswith("ormlint: the binary is missing\n") and str(venv / "ormlint") in said, said


def test_pip_install_clone(clone, venv, version):
    """pip builds the wheel with the clone's own backend, and fetches nothing for it."""
    before = sh("git", "status", "--porcelain", "--ignored", cwd=clone)
    sh(venv / "pip", "install", "--no-index", clone)
    assert sh(venv / "ormlint", "version").startswith(f"ormlint {version} (")
    after = sh("git", "status", "--porcelain", "--ignored", cwd=clone)
    assert after.replace("!! .ci/__pycache__/\n", "") == before.replace("!! .ci/__pycache__/\n", ""), "building left files in the clone"


def test_no_sdist(clone):
    said = sh(sys.executable, "-c", "import build_wheel; build_wheel.build_sdist('.')", want=1, cwd=clone / ".ci")
    assert said.startswith("ormlint has no source distribution: "), said


def test_tag_of_what_needs_more(clone, tmp_path, monkeypatch):
    """A library that not every Linux has leaves only the machine's own kind."""
    monkeypatch.syspath_prepend(clone / ".ci")
    import build_wheel

    (tmp_path / "own.c").write_text("int own(void) { return 1; }\n")
    (tmp_path / "main.c").write_text("int own(void);\nint main(void) { return own(); }\n")
    sh("gcc", "-shared", "-fPIC", "-o", "libown.so", "own.c", cwd=tmp_path)
    sh("gcc", "-o", "main", "main.c", "-L.", "-lown", cwd=tmp_path)
    (tag,) = build_wheel.tags_of(tmp_path / "main")
    assert tag.startswith("linux_"), tag


def test_glibc(clone, venv, tmp_path, version):
    """Without musl the name says which C library the binary wants, and pip agrees here."""
    import os

    sh(sys.executable, clone / ".ci/build_wheel.py", tmp_path, env={**os.environ, "CC": "gcc"})
    (built,) = tmp_path.glob("*.whl")
    tag = re.fullmatch(rf"ormlint-{re.escape(version)}-py3-none-manylinux_2_(\d+)_\w+\.whl", built.name)
    assert tag, built.name
    sh("wheel", "unpack", "--dest", tmp_path, built)
    (script,) = tmp_path.glob("*/*.data/scripts/ormlint")
    wants = sh("readelf", "--wide", "--version-info", script)
    assert f"GLIBC_2.{tag[1]}" in wants and f"GLIBC_2.{int(tag[1]) + 1}" not in wants
    sh(venv / "pip", "install", "--no-index", built)
    assert sh(venv / "ormlint", "version").startswith(f"ormlint {version} (")
