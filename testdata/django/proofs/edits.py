"""Edits of ormlint's JSON report, applied to copies of the project."""

import shutil
from pathlib import Path

SKIPPED = shutil.ignore_patterns("__pycache__", "*.pyc")


def copy(source, target):
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=SKIPPED)
    return Path(target)


def offset(lines, line, column):
    """The index of a 1-based line and column (in characters) in the text."""
    return sum(len(text) + 1 for text in lines[: line - 1]) + column - 1


def apply(root, edits):
    """Change the files; return the paths that changed."""
    files = {}
    for edit in edits:
        files.setdefault(edit["path"], []).append(edit)
    for path, found in files.items():
        text = (root / path).read_bytes().decode()
        lines = text.split("\n")
        spans = []
        for number, edit in enumerate(found):
            start = offset(lines, edit["line"], edit["column"])
            end = offset(lines, edit["end_line"], edit["end_column"])
            spans.append((start, end, number, edit["text"]))
        last = len(text) + 1
        for start, end, _, new in sorted(spans, reverse=True):
            if end > last:
                raise ValueError(f"{path}: edits overlap")
            text = text[:start] + new + text[end:]
            last = start
        (root / path).write_bytes(text.encode())
    return sorted(files)


def parses(root, paths):
    """What Python says of the changed files; an empty string when it has no complaint."""
    for path in paths:
        if not path.endswith(".py"):
            continue
        try:
            compile((root / path).read_bytes(), path, "exec", dont_inherit=True)
        except SyntaxError as problem:
            return f"{path}:{problem.lineno}: {problem.msg}"
    return ""
