#!/usr/bin/env bash
# Puts a report into one comment of the pull request, which is changed from then on
# instead of followed by others: comment.sh REPORT.md… The comment is known by
# the report's first line, a hidden mark, and by its author.
#
# Environment: TOKEN, ID (tells the comments of several uses apart), JSON (the same
# report for programs; when it has no finding, no comment is begun). What goes wrong
# is a warning, never a failure; without a token, or on a fork's pull request, nothing
# is tried.
set -euo pipefail

# GitHub refuses a comment of more than 65,536 characters.
longest=65000

note() { echo "::notice title=ormlint::no comment: $1"; }
warn() { echo "::warning title=ormlint::the comment could not be written: $1"; }

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# api METHOD PATH [BODY FILE] puts the answer into $tmp/answer and the status into
# $status; 000 is no answer. The token is not among the arguments, which others can see.
api() {
	local body=()
	[[ -z ${3:-} ]] || body=(--data-binary "@$3")
	status=$(curl --silent --show-error --max-time 30 --retry 2 --config - --output "$tmp/answer" --write-out '%{http_code}' \
		--request "$1" --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' \
		${body[@]+"${body[@]}"} "$GITHUB_API_URL$2" <<<"header = \"Authorization: Bearer $TOKEN\"" 2>"$tmp/error") || status=000
	[[ $status == 2?? ]]
}

why() {
	if [[ $status == 000 ]]; then
		tail -n 1 "$tmp/error"
	elif [[ $status == 403 || $status == 404 ]]; then
		echo "status $status; the job needs 'permissions: pull-requests: write'"
	else
		echo "status $status"
	fi
}

# mine prints the id of our comment with this mark: of the account whose token it
# is or, since the token of a job cannot ask who it is, of a bot.
mine() {
	local mark=$1 page author found
	author=null
	if api GET /user; then author=$(jq '.login' "$tmp/answer"); fi
	for ((page = 1; page <= 30; page++)); do
		api GET "/repos/$GITHUB_REPOSITORY/issues/$number/comments?per_page=100&page=$page" || return 1
		found=$(jq -r --arg mark "$mark" --argjson author "$author" '
			[.[] | select(.body | startswith($mark))
			     | select(if $author then .user.login == $author else .user.type == "Bot" end)][0].id // empty' "$tmp/answer")
		[[ -z $found ]] || { echo "$found"; return 0; }
		(($(jq length "$tmp/answer") == 100)) || return 0
	done
}

post() {
	local report=$1 mark id
	mark=$(head -n 1 "$report")
	[[ $mark == '<!-- '*' -->' ]] || { warn "$report does not begin with a mark"; return 0; }
	[[ -z $ID ]] || mark="${mark% -->}:$ID -->"
	{
		printf '%s\n' "$mark"
		tail -n +2 "$report"
	} | jq -Rs --argjson longest "$longest" '{body: .[:$longest]}' >"$tmp/body"

	mine "$mark" >"$tmp/id" || { warn "$(why)"; return 0; }
	id=$(<"$tmp/id")
	if [[ -n $id ]]; then
		api PATCH "/repos/$GITHUB_REPOSITORY/issues/comments/$id" "$tmp/body" || warn "$(why)"
	elif [[ ! -s $JSON || $(jq '.findings | length' "$JSON") != 0 ]]; then
		api POST "/repos/$GITHUB_REPOSITORY/issues/$number/comments" "$tmp/body" || warn "$(why)"
	fi
}

for tool in jq curl; do
	command -v "$tool" >/dev/null || { note "$tool is missing on this machine"; exit 0; }
done
number=$(jq -r '.pull_request.number // empty' "$GITHUB_EVENT_PATH")
[[ -n $number ]] || { note "this run belongs to no pull request"; exit 0; }
[[ -n $TOKEN ]] || { note "there is no token"; exit 0; }
if [[ $(jq -r '.pull_request.head.repo.full_name' "$GITHUB_EVENT_PATH") != "$GITHUB_REPOSITORY" ]]; then
	note "a pull request from a fork may not write one; the summary has the report"
	exit 0
fi
status=000
for report in "$@"; do
	post "$report"
done
