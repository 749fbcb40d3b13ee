"""The recipes of docs/ci.md: fenced blocks with file=NAME, and the shell in them."""

import re


def blocks(page):
    """(file name, text, line) of each block."""
    for m in re.finditer(r"^```(\w+) file=(\S+)\n(.*?)^```$", page, re.M | re.S):
        yield m[2], m[3], page.count("\n", 0, m.start()) + 2


def scripts(value):
    """The shell scripts in a CI file, each the lines of one job that run in one shell."""
    if isinstance(value, list):
        for v in value:
            yield from scripts(v)
    if not isinstance(value, dict):
        return
    if isinstance(value.get("script"), list):
        yield "\n".join(value.get("before_script", []) + value["script"])
    for key in ("script", "run"):
        if isinstance(value.get(key), str):
            yield value[key]
    for v in value.values():
        yield from scripts(v)
