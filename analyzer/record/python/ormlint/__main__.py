"""python -m ormlint: becomes the binary that the wheel has put among the scripts."""

import os
import sys
import sysconfig


def places():
    """Where pip may have put scripts, the likeliest first."""
    yield sysconfig.get_path("scripts")
    yield sysconfig.get_path("scripts", vars={"base": sys.base_prefix})
    yield sysconfig.get_path("scripts", scheme=sysconfig.get_preferred_scheme("user") if sys.version_info >= (3, 10) else f"{os.name}_user")
    above = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    yield os.path.join(above, "bin")  # pip install --target


def main():
    tried = []
    for folder in places():
        binary = os.path.join(folder, "ormlint")
        if os.access(binary, os.X_OK) and os.path.isfile(binary):
            os.execv(binary, ["ormlint", *sys.argv[1:]])
        tried.append(binary)
    print("ormlint: the binary is missing", *tried, sep="\n  ", file=sys.stderr)
    print("ormlint: hint: install the wheel again", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
