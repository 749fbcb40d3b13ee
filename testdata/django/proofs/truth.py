"""source.json, and which of ormlint's findings is which of its entries."""

import json
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent


def read():
    return json.loads((HERE / "source.json").read_text())


def place(view, entry):
    """The file, and the name of the function or class, where a finding of a view has to be."""
    if "path" in entry:
        return entry["path"], entry.get("within", "")
    module, _, name = view.rpartition(".")
    return module.replace(".", "/") + ".py", name


def block(lines, name):
    """The first and the last line of a function or class, 1-based; the whole file without a name."""
    if not name:
        return 1, len(lines)
    for start, line in enumerate(lines, 1):
        if re.match(rf"\s*(async def|def|class) {name}\b", line):
            break
    else:
        raise SystemExit(f"source.json: no {name}")
    for end, line in enumerate(lines[start:], start):
        if re.match(r"\S", line) and not line.startswith((")", "]", "}")):
            return start, end
    return start, len(lines)


def fits(root, view, entry, finding):
    """Whether a finding is what an entry expects: code, subject, and where the queryset stands."""
    if finding["code"] != entry["code"]:
        return False
    if not any(finding["subject"].startswith(subject) for subject in entry["subject"]):
        return False
    where = finding.get("location")
    path, name = place(view, entry)
    if not where or where["path"] != path and "path" in entry:
        return False
    if not entry["query"]:
        if where["path"] != path:
            return False
        start, end = block((root / path).read_text().split("\n"), name)
        return start - 1 <= where["line"] <= end
    if where["path"] != path:
        return False
    lines = (root / path).read_text().split("\n")
    start, end = block(lines, name)
    at = lines[where["line"] - 1][where["column"] - 1 :]
    return start <= where["line"] <= end and any(at.startswith(text) for text in entry["query"])
