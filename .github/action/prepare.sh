#!/usr/bin/env bash
# Says which Go the source of the action wants and under which key its binary is
# cached: a digest of all that the binary is built from. Outputs: go, key, folder.
set -euo pipefail
cd "$GITHUB_ACTION_PATH"

if command -v sha256sum >/dev/null; then sum=(sha256sum); else sum=(shasum -a 256); fi
digest=$(find .ci/binary go.mod go.sum pyproject.toml analyzer cmd rules -type f ! -path '*/testdata/*' -print0 |
	LC_ALL=C sort -z | xargs -0 "${sum[@]}" | "${sum[@]}" | cut -c1-32)

{
	echo "go=$(sed -n 's/^go //p' go.mod)"
	echo "key=ormlint-$RUNNER_OS-$RUNNER_ARCH-$digest"
	echo "folder=$RUNNER_TEMP/ormlint"
} >>"$GITHUB_OUTPUT"
