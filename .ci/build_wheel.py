#!/usr/bin/env python3
"""Builds the wheel: the binary among its scripts, and the Python package.

    python3 .ci/build_wheel.py dist/     a wheel in dist/
    pip install .                        the same, through pip: this is its build backend (PEP 517)

Needs Go and a C compiler; musl-gcc for a wheel that runs on every Linux. Same
source and tools, same bytes; SOURCE_DATE_EPOCH sets the times in the archive.
"""

import base64
import hashlib
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import time
import zipfile

try:
    import tomllib
except ImportError:  # Python 3.9 and 3.10
    import tomli as tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "analyzer/record/python/ormlint"

# What manylinux_2_17 (PEP 599) has on every machine, of what Go and cgo may ask for.
EVERYWHERE = {"libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libresolv.so.2"}

ARCHES = {"amd64": "x86_64", "arm64": "aarch64"}


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    """Builds a wheel in wheel_directory and returns its name."""
    project = read_project()
    with tempfile.TemporaryDirectory() as tmp:
        binary = pathlib.Path(tmp, "ormlint")
        run("bash", str(ROOT / ".ci/binary"), str(binary))
        tags = tags_of(binary)
        stem = f"ormlint-{project['version']}"
        files = {f"ormlint/{p.relative_to(PACKAGE).as_posix()}": p.read_bytes() for p in PACKAGE.rglob("*.py")}
        files[f"{stem}.data/scripts/ormlint"] = binary.read_bytes()
    licences = {f"{stem}.dist-info/licenses/{name}": data for name, data in read_licences(project, len(tags) > 1).items()}
    files.update(licences)
    files[f"{stem}.dist-info/METADATA"] = metadata(project, licences, f"{stem}.dist-info/licenses/")
    files[f"{stem}.dist-info/WHEEL"] = wheel(tags)
    name = f"{stem}-py3-none-{'.'.join(tags)}.whl"
    pathlib.Path(wheel_directory).mkdir(parents=True, exist_ok=True)
    write(pathlib.Path(wheel_directory, name), files, f"{stem}.dist-info/RECORD")
    return name


def build_sdist(sdist_directory, config_settings=None):
    raise SystemExit("ormlint has no source distribution: the source is the repository; build a wheel from a clone of it")


def read_project():
    with open(ROOT / "pyproject.toml", "rb") as f:
        project = tomllib.load(f)["project"]
    # Other tools read it as a semantic version (SARIF's semanticVersion).
    if not re.fullmatch(r"\d+\.\d+\.\d+", project["version"]):
        raise SystemExit(f"pyproject.toml: version {project['version']!r}: want X.Y.Z")
    return project


def run(*command):
    """Runs a command in the repository and returns what it prints."""
    try:
        return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    except FileNotFoundError:
        raise SystemExit(f"{command[0]} is missing: the wheel is built from source, with Go (https://go.dev/dl), bash and a C compiler")
    except subprocess.CalledProcessError as e:
        raise SystemExit(f"{' '.join(command)}: exit code {e.returncode}")


def tags_of(binary):
    """The platforms that the binary runs on: as many as it really does."""
    arch = run("go", "env", "GOARCH").strip()
    if run("go", "env", "GOOS").strip() == "darwin":
        return [f"macosx_{platform.mac_ver()[0].split('.')[0]}_0_{'arm64' if arch == 'arm64' else 'x86_64'}"]
    arch = ARCHES.get(arch, platform.machine())
    dynamic = run("readelf", "--wide", "--program-headers", "--dynamic", str(binary))
    if "INTERP" not in dynamic:
        return [f"manylinux2014_{arch}", f"manylinux_2_17_{arch}", f"musllinux_1_1_{arch}"]
    return [glibc_tag(dynamic, run("readelf", "--wide", "--version-info", str(binary)), arch)]


def glibc_tag(dynamic, versions, arch):
    """The tag of a binary that needs this machine's C library, from what readelf says of it."""
    needs = set(re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic))
    needs = {n for n in needs if not n.startswith("ld-linux")}
    glibc = max((tuple(map(int, v.split("."))) for v in re.findall(r"\bGLIBC_(\d+\.\d+)", versions)), default=None)
    if glibc is None or not needs <= EVERYWHERE:
        return f"linux_{arch}"
    return f"manylinux_{glibc[0]}_{glibc[1]}_{arch}"


def read_licences(project, static):
    """Our licence, and those of all that is linked into the binary."""
    licences = {name: (ROOT / name).read_bytes() for name in project["license-files"]}
    found = {("go", run("go", "env", "GOROOT").strip())}
    for line in run("go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}{{end}}{{end}}", "./cmd/ormlint").split("\n"):
        if line:
            found.add(tuple(line.split("\t")))
    for module, folder in sorted(found):
        texts = [p for p in pathlib.Path(folder).iterdir() if re.match(r"(?i)(licen[cs]e|copying|notice)\b", p.name) and p.is_file()]
        if not texts and module != "go":  # Debian's Go has its licence elsewhere
            raise SystemExit(f"{module}: no licence in {folder}")
        for p in texts:
            licences[f"third_party/{module}/{p.name}"] = p.read_bytes()
    musl = pathlib.Path("/usr/share/doc/musl/copyright")
    if static and musl.exists():
        licences["third_party/musl/copyright"] = musl.read_bytes()
    return licences


def metadata(project, licences, prefix):
    head = [
        ("Metadata-Version", "2.4"),
        ("Name", project["name"]),
        ("Version", project["version"]),
        ("Summary", project["description"]),
        ("Keywords", ",".join(project["keywords"])),
        ("License-Expression", project["license"]),
        *(("License-File", name[len(prefix):]) for name in sorted(licences)),
        *(("Classifier", c) for c in project["classifiers"]),
        ("Requires-Python", project["requires-python"]),
        ("Description-Content-Type", "text/markdown"),
    ]
    readme = (ROOT / project["readme"]).read_text(encoding="utf-8")
    return ("".join(f"{k}: {v}\n" for k, v in head) + "\n" + readme).encode()


def wheel(tags):
    lines = ["Wheel-Version: 1.0", "Generator: ormlint", "Root-Is-Purelib: false", *(f"Tag: py3-none-{t}" for t in tags)]
    return ("\n".join(lines) + "\n").encode()


def write(path, files, record):
    """Writes the archive whole or not at all, with RECORD (hashes of all files) last."""
    rows = []
    for name, data in sorted(files.items()):
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows.append(f"{name},sha256={digest},{len(data)}\n")
    files = {**dict(sorted(files.items())), record: "".join([*rows, f"{record},,\n"]).encode()}
    # 1980 is where the times of a zip begin.
    when = time.gmtime(max(int(os.environ.get("SOURCE_DATE_EPOCH", "315532800")), 315532800))[:6]
    part = path.with_name(path.name + ".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, when)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3  # Unix: the mode below counts
            info.external_attr = (0o100755 if "/scripts/" in name else 0o100644) << 16
            z.writestr(info, data)
    os.replace(part, path)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: build_wheel.py FOLDER")
    print(os.path.join(sys.argv[1], build_wheel(sys.argv[1])))
