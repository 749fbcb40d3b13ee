"""The recipes of docs/ci.md and the GitLab template, run as far as this machine goes."""

import http.server
import json
import os
import pathlib
import re
import shutil
import threading
import xml.etree.ElementTree

import pytest
import tree_sitter
import tree_sitter_groovy
import yaml

import recipes
from conftest import ROOT, sh

PAGE = (ROOT / "docs/ci.md").read_text()
BLOCKS = list(recipes.blocks(PAGE))
SCHEMAS = {
    ".github/workflows/ormlint.yml": ["vendor.github-workflows"],
    ".gitlab-ci.yml": ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
    # Its patterns are not all Unicode ones.
    "azure-pipelines.yml": ["vendor.azure-pipelines", "--data-transform", "azure-pipelines", "--regex-variant", "nonunicode"],
    "bitbucket-pipelines.yml": ["vendor.bitbucket-pipelines"],
}


def block(name, having=""):
    (found,) = [text for n, text, _ in BLOCKS if n == name and having in text]
    return found


def test_page_has_all():
    assert {n for n, _, _ in BLOCKS} == {*SCHEMAS, "Jenkinsfile", ".pre-commit-config.yaml"}


@pytest.mark.parametrize("name, text, line", BLOCKS, ids=[f"{n}:{line}" for n, _, line in BLOCKS])
def test_valid(name, text, line, tmp_path):
    file = tmp_path / pathlib.Path(name).name
    file.write_text(text)
    if name in SCHEMAS:
        sh("check-jsonschema", "--builtin-schema", *SCHEMAS[name], file)
    elif name == ".pre-commit-config.yaml":
        sh("pre-commit", "validate-config", file)
    else:
        parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_groovy.language()))
        assert not parser.parse(text.encode()).root_node.has_error, f"docs/ci.md:{line}: not Groovy"
    if name.startswith(".github"):
        sh("go", "tool", "-modfile=.ci/tools/go.mod", "actionlint", "-shellcheck", shutil.which("shellcheck"), file, cwd=ROOT)
        sh("zizmor", "--offline", "--no-progress", "--config", ROOT / ".github/zizmor.yml", file)


def shell():
    for name, text, line in BLOCKS:
        if name.endswith((".yml", ".yaml")):
            for script in recipes.scripts(yaml.safe_load(text)):
                yield f"{name}:{line}", script
    for script in recipes.scripts(yaml.safe_load((ROOT / ".gitlab/ormlint.gitlab-ci.yml").read_text())):
        yield "template", script


@pytest.mark.parametrize("where, script", list(shell()), ids=[w for w, _ in shell()])
def test_shell(where, script, tmp_path):
    file = tmp_path / "script.sh"
    file.write_text(re.sub(r"\$\(([\w.]+)\)", "VALUE", script) if where.startswith("azure") else script)
    # SC2154: variables of the CI system. SC2086: variables that hold several words.
    sh("shellcheck", "--shell=bash", "--severity=info", "--exclude=SC2154,SC2086", file)


@pytest.fixture
def run(clone, binary, shop, tmp_path):
    """Runs a script in the shop. Clones come from our clone, whatever their address says; what it would put
    into the machine's folders goes into one of the test's own; packages are taken as installed."""
    bin = tmp_path / "local bin"
    bin.mkdir()

    def run(script, want, address="", path="", flags=("-e", "-o", "pipefail"), **env):
        script = re.sub(r"^apt-get .*$", "", script, flags=re.M)
        script = script.replace("/usr/local/bin/ormlint", '"$LOCAL_BIN/ormlint"').replace("/tmp/ormlint", '"$LOCAL_SOURCE"')
        git = {"GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_1": f"url.{clone.parent}/.insteadOf", "GIT_CONFIG_VALUE_1": address} if address else {}
        env = {
            **os.environ, **git, **env, "LOCAL_BIN": str(bin), "LOCAL_SOURCE": str(tmp_path / "source"),
            "PATH": f"{bin}:{path}{os.environ['PATH']}", "no_proxy": "",
        }
        return sh("bash", *flags, "-c", script, want=want, cwd=shop, env=env)

    return run


def has_finding(shop):
    """The reports that a recipe asked for are there and tell of the loop."""
    found = set()
    for file in shop.glob("*ormlint*"):
        if file.suffix in (".json", ".xml", ".md"):
            assert "QP101" in file.read_text(), f"{file.name}:\n{file.read_text()}"
            xml.etree.ElementTree.parse(file) if file.suffix == ".xml" else None
            found.add(file.name)
    return found


def test_gitlab_template(run, shop, clone):
    job = yaml.safe_load((ROOT / ".gitlab/ormlint.gitlab-ci.yml").read_text())["ormlint"]
    env = {"CI_JOB_TOKEN": "t0ken", "CI_SERVER_HOST": "gitlab.example.com", "CI_PROJECT_ROOT_NAMESPACE": "my-group"}
    for name, value in job["variables"].items():
        env[name] = re.sub(r"\$(\w+)", lambda m: env[m[1]], value)
    env["ORMLINT_REF"] = sh("git", "branch", "--show-current", cwd=clone).strip()
    address = "https://gitlab-ci-token:t0ken@gitlab.example.com/my-group/"
    (script,) = recipes.scripts(job)
    (repository := clone.parent / "ormlint.git").exists() or repository.symlink_to(clone / ".git")
    run(script, want=1, address=address, **env)
    assert has_finding(shop) == {"ormlint-junit.xml"}
    (degradation,) = json.loads((shop / "gl-code-quality-report.json").read_text())
    assert degradation["location"]["path"] == "shop/views.py" and "QP101" in degradation["description"]
    (cached,) = (shop / ".ormlint").iterdir()
    assert cached.name == sh("git", "rev-parse", "HEAD", cwd=clone).strip()
    built = cached.stat().st_mtime_ns
    run(script, want=1, address=address, **env)
    assert cached.stat().st_mtime_ns == built, "a cached binary was built again"
    assert job["cache"]["paths"] == [".ormlint/"]
    assert set(job["artifacts"]["reports"].values()) == {"gl-code-quality-report.json", "ormlint-junit.xml"}


def test_gitlab_image(run, shop, clone, binary):
    shutil.copy(clone / "testdata/script/books.log", shop / "postgresql.log")
    job = yaml.safe_load(block(".gitlab-ci.yml", "needs:"))["ormlint"]
    (script,) = recipes.scripts(job)
    run(script, want=1, path=f"{binary.parent}:")
    assert has_finding(shop) == {"ormlint-junit.xml"}
    assert (shop / "gl-code-quality-report.json").exists()


def test_jenkins(run, shop, binary):
    text = block("Jenkinsfile")
    (command,) = re.findall(r"sh '(.*)'", text)
    run(command, want=1, path=f"{binary.parent}:")
    assert has_finding(shop) == set(re.findall(r"(?:testResults|pattern): '(.*?)'", text))


def test_azure(run, shop, clone, tmp_path):
    steps = yaml.safe_load(block("azure-pipelines.yml"))["steps"]
    sources, temp = tmp_path / "s", tmp_path / "agent temp"
    sources.mkdir()
    temp.mkdir()
    (sources / "ormlint").symlink_to(clone)
    (sources / "app").symlink_to(shop)
    env = {"BUILD_SOURCESDIRECTORY": str(sources), "AGENT_TEMPDIRECTORY": str(temp)}
    build, check = [s["script"] for s in steps if "script" in s]
    run(build, want=0, flags=(), **env)  # Azure's shell does not stop at the first failure
    said = run(check, want=1, flags=(), **env)
    assert re.search(r"^##vso\[task\.logissue type=warning;sourcepath=shop/views\.py;linenumber=7;", said, re.M), said
    summary = re.search(r"^##vso\[task\.uploadsummary\](.*)$", said, re.M)[1]
    assert "QP101" in pathlib.Path(summary).read_text()


def test_bitbucket(run, shop, clone):
    (script,) = recipes.scripts(yaml.safe_load(block("bitbucket-pipelines.yml")))
    address = "git@bitbucket.org:my-group/"
    (repository := clone.parent / "ormlint.git").exists() or repository.symlink_to(clone / ".git")
    # The recipe's proxy is the one address that a pipeline has.
    view = shop / "shop/views.py"
    loop = view.read_text().split("\n\n\n")
    view.write_text("\n\n\n".join([loop[0], *(loop[1].replace("def books", f"def books{i}") for i in range(130))]))
    with proxy(29418) as requests:
        said = run(script, want=1, address=address, BITBUCKET_REPO_FULL_NAME="me/shop", BITBUCKET_COMMIT="c0ffee")
    report = "http://api.bitbucket.org/2.0/repositories/me/shop/commit/c0ffee/reports/ormlint"
    assert [(method, url) for method, url, _ in requests] == [("PUT", report), ("POST", f"{report}/annotations"), ("POST", f"{report}/annotations")], said
    assert requests[0][2]["result"] == "FAILED"
    batches = [body for _, _, body in requests[1:]]
    assert [len(b) for b in batches] == [100, 30]
    assert len({a["external_id"] for b in batches for a in b}) == 130


class proxy:
    """An HTTP proxy on 127.0.0.1 that keeps what it is asked to send, and answers itself."""

    def __init__(self, port):
        requests = self.requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_PUT(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                requests.append((self.command, self.path, json.loads(body)))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_POST = do_PUT

            def log_message(self, *_):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", port), Handler)

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self.requests

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def test_nothing_is_said_to_be_published():
    """The module is on no registry: no text may tell anybody to fetch it from one."""
    published = re.compile(r"pip install (?:--\S+ )*ormlint\b|uvx? (?:tool )?\w* ?ormlint|ghcr\.io|brew install|uses: ormlint/|go install github\.com/ormlint")
    for name in sh("git", "ls-files", "*.md", "*.yml", "*.yaml", "*.toml", "Dockerfile", "*.py", cwd=ROOT).split():
        for n, line in enumerate((ROOT / name).read_text().split("\n"), 1):
            if name != ".ci/ships/test_recipes.py":
                assert not published.search(line), f"{name}:{n}: {line}"
