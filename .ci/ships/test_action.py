"""The GitHub action: its own scripts, run by a stand-in for GitHub's runner against one for its API."""

import json
import re
import shutil
import subprocess

import pytest

from conftest import CLEAN, commit, sh
from github import Api, Runner

MARK = "<!-- ormlint:sticky -->"
UPLOAD = "github/codeql-action/upload-sarif"


@pytest.fixture
def api():
    api = Api()
    yield api
    api.close()


@pytest.fixture
def runner(clone, binary, shop, api, tmp_path):
    temp = tmp_path / "runner temp"
    (temp / "ormlint").mkdir(parents=True)
    shutil.copy(binary, temp / "ormlint/ormlint")
    return Runner(clone, shop, temp, api.url)


def test_findings(runner, api):
    result = runner.run()
    assert result.code == 1, result.log
    assert result.outputs["exit-code"] == "1"
    assert re.search(r"^::warning .*file=shop/views\.py,line=7", result.log, re.M), result.log
    assert result.summary.startswith(MARK) and "select_related" in result.summary
    assert api.writes() == ["POST"]
    (comment,) = api.comments
    assert comment["body"] == result.summary
    sarif = json.load(open(result.outputs["sarif"]))
    assert sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "shop/views.py"
    assert sarif["runs"][0]["automationDetails"]["id"] == "ormlint/"
    assert result.used[UPLOAD] == {"sarif_file": result.outputs["sarif"], "token": "a-token"}
    assert json.load(open(result.outputs["json"]))["findings"][0]["code"] == "QP101"
    assert open(result.outputs["markdown"]).read() == result.summary


def test_log_is_no_command(runner):
    """Between the report's text and the runner stands a token that nobody can guess."""
    log = runner.run().log
    token = re.search(r"^::stop-commands::([0-9a-f]{32})$", log, re.M)[1]
    inside = log[log.index(f"::stop-commands::{token}") : log.index(f"\n::{token}::\n")]
    assert "QP101 n-plus-one" in inside and "::warning" not in inside
    assert token not in runner.run().log


def test_second_run_changes_the_comment(runner, api, shop):
    runner.run()
    first = api.comments[0]["body"]
    (shop / "shop/views.py").write_text(CLEAN)
    result = runner.run()
    assert result.code == 0, result.log
    assert api.writes() == ["POST", "PATCH"]
    (comment,) = api.comments
    assert comment["body"] != first and comment["body"] == result.summary.split(first)[1]
    assert "no findings" in comment["body"]


def test_clean_begins_no_comment(runner, api, shop):
    (shop / "shop/views.py").write_text(CLEAN)
    result = runner.run()
    assert result.code == 0, result.log
    assert api.writes() == [] and result.summary.startswith(MARK)
    assert "::warning" not in result.log


def test_comment_is_found_on_a_later_page(runner, api):
    for i in range(150):
        api.say(f"talk {i}", "somebody", "User")
    api.say(f"{MARK}\nold", "github-actions[bot]", "Bot")
    for i in range(60):
        api.say(f"talk {i}", "somebody", "User")
    runner.run()
    assert api.writes() == ["PATCH"]
    assert "select_related" in api.comments[150]["body"]


def test_comment_of_others_is_left_alone(runner, api):
    api.say(f"{MARK}\nnot a report", "somebody", "User")
    runner.run()
    assert api.comments[0]["body"] == f"{MARK}\nnot a report"
    assert api.writes() == ["POST"]


def test_personal_token(runner, api):
    api.login = "release-person"
    api.say(f"{MARK}\nof the bot", "github-actions[bot]", "Bot")
    runner.run(**{"github-token": "of a person"})
    runner.run(**{"github-token": "of a person"})
    assert api.writes() == ["POST", "PATCH"]
    assert [c["user"]["login"] for c in api.comments] == ["github-actions[bot]", "release-person"]
    assert {authorization for _, _, authorization in api.requests} == {"Bearer of a person"}


def test_two_uses(runner, api):
    runner.run(id="api")
    result = runner.run(id="web")
    runner.run(id="api")
    assert api.writes() == ["POST", "POST", "PATCH"]
    assert [c["body"].split("\n")[0] for c in api.comments] == ["<!-- ormlint:sticky:api -->", "<!-- ormlint:sticky:web -->"]
    assert json.load(open(result.used[UPLOAD]["sarif_file"]))["runs"][0]["automationDetails"]["id"] == "ormlint/web/"


def test_fork(runner, api):
    runner.event["pull_request"]["head"]["repo"]["full_name"] = "somebody/shop"
    result = runner.run()
    assert result.code == 1, result.log
    assert api.requests == [] and UPLOAD not in result.used
    assert "::notice title=ormlint::no comment: a pull request from a fork" in result.log
    assert re.search(r"^::warning .*file=shop/views\.py", result.log, re.M) and "select_related" in result.summary


def test_deleted_fork(runner, api):
    runner.event["pull_request"]["head"]["repo"] = {}
    result = runner.run()
    assert result.code == 1 and api.requests == [] and UPLOAD not in result.used


def test_no_token(runner, api):
    result = runner.run(**{"github-token": ""})
    assert result.code == 1, result.log
    assert api.requests == [] and "no comment: there is no token" in result.log


def test_push(runner, api):
    runner.event, runner.event_name = {"ref": "refs/heads/main"}, "push"
    result = runner.run()
    assert result.code == 1, result.log
    assert api.requests == [] and "belongs to no pull request" in result.log
    assert UPLOAD in result.used


def test_api_down(runner, api):
    api.close()
    result = runner.run()
    assert result.code == 1, result.log
    assert re.search(r"^::warning title=ormlint::the comment could not be written: curl: \(7\)", result.log, re.M), result.log


def test_no_permission(runner, api):
    api.may_write = False
    result = runner.run()
    assert result.code == 1, result.log
    assert "::warning title=ormlint::the comment could not be written: status 403; the job needs 'permissions: pull-requests: write'" in result.log


def test_switched_off(runner, api):
    result = runner.run(summary="false", comment="false", **{"upload-sarif": "false"})
    assert result.code == 1, result.log
    assert result.summary == "" and api.requests == [] and UPLOAD not in result.used


def test_fail_on(runner, api):
    result = runner.run(**{"fail-on": "never"})
    assert result.code == 0, result.log
    assert api.writes() == ["POST"]


def test_wrong_usage(runner, api):
    result = runner.run(paths="nothing.log")
    assert result.code == 2, result.log
    assert result.outputs["exit-code"] == "2" and "nothing.log: no such file" in result.log
    result = runner.run(args="--fail-on 'never")
    assert result.code == 2 and "::error title=ormlint::input args: a quote is not closed" in result.log
    assert [m for m in api.writes() if m != "POST"] == []


def test_paths_and_args(runner, clone, shop):
    """Words as in a shell: quotes keep spaces, nothing is expanded."""
    shutil.copy(clone / "testdata/script/books.log", shop / "a log.log")
    shutil.copy(clone / "testdata/script/books.log", shop / "b.log")
    result = runner.run(paths='"a log.log"\nb.log', args="--no-source --select 'QP101,QP401' --top 1")
    report = json.load(open(result.outputs["json"]))
    assert [i["path"] for i in report["run"]["inputs"]] == ["a log.log", "b.log"]
    assert {f["code"] for f in report["findings"]} == {"QP101", "QP401"}
    runner.run(paths="$(touch made) `touch made` ; touch made", args="--select=$(touch made)")
    runner.run(source="$(touch made)", **{"fail-on": "`touch made`", "id": "$(touch made)"})
    assert not (shop / "made").exists()


def test_project_in_a_subfolder(runner, shop, tmp_path):
    mono = tmp_path / "mono"
    mono.mkdir()
    shutil.move(shop, mono / "backend")
    runner.workspace = mono
    result = runner.run(source="backend")
    assert re.search(r"^::warning .*file=backend/shop/views\.py,line=7", result.log, re.M), result.log


def test_built_when_not_cached(runner, clone, version):
    shutil.rmtree(runner.temp / "ormlint")
    runner.cached = False
    result = runner.run()
    assert result.code == 1, result.log
    assert sh(runner.temp / "ormlint/ormlint", "version").startswith(f"ormlint {version} (")
    go = re.search(r"^go (.*)$", (clone / "go.mod").read_text(), re.M)[1]
    assert result.used["actions/setup-go"]["go-version"] == go


def test_cache_key(runner, clone, tmp_path):
    """The key changes with what the binary is built from, and with nothing else."""
    key = runner.run().used["actions/cache"]["key"]
    copy = tmp_path / "copy"
    shutil.copytree(clone, copy)
    runner.action = copy
    (copy / "README.md").write_text("other\n")
    (copy / "rules/testdata").mkdir(exist_ok=True)
    (copy / "rules/testdata/x").write_text("x")
    assert runner.run().used["actions/cache"]["key"] == key
    with open(copy / "rules/n_plus_one.md", "a") as f:
        f.write("\n")
    assert runner.run().used["actions/cache"]["key"] != key


def test_long_report(runner, api, clone, tmp_path):
    """Longer than a comment may be, in letters of several bytes: cut, not refused."""
    page = tmp_path / "page.md"
    page.write_text(MARK + "\n" + "é" * 70_000)
    run_comment(runner, page)
    (comment,) = api.comments
    assert len(comment["body"]) == 65_000 and comment["body"].startswith(MARK)


def test_page_without_mark(runner, api, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# a page\n")
    assert "does not begin with a mark" in run_comment(runner, page)
    assert api.writes() == []


def run_comment(runner, page):
    import os

    event = runner.temp / "event.json"
    event.write_text(json.dumps(runner.event))
    env = {
        **os.environ, "TOKEN": "t", "ID": "", "JSON": "", "GITHUB_API_URL": runner.api_url, "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "shop/shop",
    }
    return subprocess.run(
        ["bash", runner.action / ".github/action/comment.sh", page], env=env, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def test_only_what_the_branch_changes(runner, shop):
    sh("git", "switch", "--quiet", "--create", "feature", cwd=shop)
    (shop / "README.md").write_text("Another shop.\n")
    commit(shop, "feature: words")
    assert runner.run(**{"new-from-merge-base": "main"}).code == 0
    (shop / "shop/views.py").write_text((shop / "shop/views.py").read_text().replace("objects.all()", "objects.order_by('id')"))
    commit(shop, "feature: order")
    assert runner.run(**{"new-from-merge-base": "main"}).code == 1


def test_baseline(runner, shop, binary):
    sh(binary, "baseline", "write", "--source", ".", cwd=shop)
    assert runner.run(baseline=".ormlint-baseline.json").code == 0
    view = shop / "shop/views.py"
    view.write_text(view.read_text() + view.read_text().split("\n\n\n")[1].replace("def books", "def more"))
    assert runner.run(baseline=".ormlint-baseline.json").code == 1


def test_compared_with_the_base(runner, api, shop, clone, binary):
    """A regression fails also where findings do not, and has a comment of its own."""
    log = (clone / "testdata/script/books.log").read_text()
    (shop / "base.log").write_text("".join(line for line in log.splitlines(True) if "library_author" not in line))
    (shop / "head.log").write_text(log)
    sh(binary, "check", "base.log", "--no-source", "--fail-on", "never", "--output", "json=base.json", cwd=shop)
    same = runner.run(paths="base.log", args="--no-source", **{"fail-on": "never", "base-report": "base.json"})
    assert same.code == 0, same.log
    worse = runner.run(paths="head.log", args="--no-source", **{"fail-on": "never", "base-report": "base.json"})
    assert worse.code == 1, worse.log
    assert [c["body"].split("\n")[0] for c in api.comments] == [MARK, "<!-- ormlint:diff -->"]
    assert "<!-- ormlint:diff -->" in worse.summary
