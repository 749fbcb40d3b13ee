#!/usr/bin/env bash
# Runs ormlint once: text and annotations for the job's log, the other reports
# into files, the summary. Never fails because of findings: the last step of the
# action does, when all else is done.
#
# Environment: PATHS, ARGS, SOURCE, FAIL_ON, BASELINE, NEW_FROM, BASE_REPORT,
# ID, SUMMARY. Outputs: exit-code and, when they were written, sarif, json, markdown, diff.
set -euo pipefail

ormlint=$RUNNER_TEMP/ormlint/ormlint
reports=$(mktemp -d "$RUNNER_TEMP/ormlint-reports.XXXXXX")
words=$reports/words

# split reads words as a shell would, quotes and all, but expands nothing.
split() {
	xargs printf '%s\0' <<<"$1" >"$words" || {
		echo "::error title=ormlint::input $2: a quote is not closed"
		echo "exit-code=2" >>"$GITHUB_OUTPUT"
		exit 0
	}
}

# muted keeps the runner from taking lines of the output for commands: logs and
# source are not ours.
muted() {
	local token code=0
	token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	echo "::stop-commands::$token"
	"$@" || code=$?
	echo "::$token::"
	return "$code"
}

command=(check --hide-suppressed)
if [[ -n ${ARGS//[[:space:]]/} ]]; then
	split "$ARGS" args
	while IFS= read -r -d '' word; do command+=("$word"); done <"$words"
fi
[[ -z $SOURCE ]] || command+=(--source "$SOURCE")
[[ -z $FAIL_ON ]] || command+=(--fail-on "$FAIL_ON")
[[ -z $BASELINE ]] || command+=(--baseline "$BASELINE")
[[ -z $NEW_FROM ]] || command+=(--new-from-merge-base "$NEW_FROM")
for report in github:annotations sarif:ormlint.sarif json:ormlint.json markdown:ormlint.md; do
	command+=(--output "${report%%:*}=$reports/${report#*:}")
done
if [[ -n ${PATHS//[[:space:]]/} ]]; then
	split "$PATHS" paths
	command+=(--)
	while IFS= read -r -d '' word; do command+=("$word"); done <"$words"
fi

code=0
muted "$ormlint" "${command[@]}" 2>&1 || code=$?

if [[ -n $BASE_REPORT && -s $reports/ormlint.json ]]; then
	compared=0
	muted "$ormlint" diff "$BASE_REPORT" "$reports/ormlint.json" --fail-on-regression \
		--output "markdown=$reports/diff.md" 2>&1 || compared=$?
	((code >= compared)) || code=$compared
fi

# Code scanning takes two uploads of one commit only in two categories: what stands
# before the last slash.
if [[ -n $ID && -s $reports/ormlint.sarif ]]; then
	jq --arg id "ormlint/$ID/" '.runs[].automationDetails.id = $id' "$reports/ormlint.sarif" >"$reports/named.sarif"
	mv "$reports/named.sarif" "$reports/ormlint.sarif"
fi

[[ ! -s $reports/annotations ]] || cat "$reports/annotations"

{
	echo "exit-code=$code"
	[[ ! -s $reports/ormlint.sarif ]] || echo "sarif=$reports/ormlint.sarif"
	[[ ! -s $reports/ormlint.json ]] || echo "json=$reports/ormlint.json"
	[[ ! -s $reports/ormlint.md ]] || echo "markdown=$reports/ormlint.md"
	[[ ! -s $reports/diff.md ]] || echo "diff=$reports/diff.md"
} >>"$GITHUB_OUTPUT"

# GitHub takes 1 MiB of summary a step, and nothing of what is longer.
if [[ $SUMMARY == true ]]; then
	for page in "$reports/diff.md" "$reports/ormlint.md"; do
		[[ ! -s $page ]] || head -c 500000 "$page" >>"$GITHUB_STEP_SUMMARY"
	done
fi
