#!/usr/bin/env bash
# The results of experiments, as rows of a Markdown table: experiments/table.sh [FILE...]; without files, those of
# digits/. Each runs in one process (flctl simulate), whose weights are those of any cluster; so only the seconds differ
# from machine to machine.
set -euo pipefail

[[ ${1:-} != -h && ${1:-} != --help ]] || { sed -n '2,4s/^# \{0,1\}//p' "$0" && exit; }
folder=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
flctl=$folder/../flctl
(($# > 0)) || set -- "$folder"/digits/*.json

# The last value of a number in lines of JSON, rounded; a dash where there is none: last NAME FORMAT < LINES
last() {
    local value
    value=$(sed -n "s/.*\"$1\":\([0-9.eE+-]*\).*/\1/p" | tail -n 1)
    if [[ -n $value ]]; then printf "$2" "$value"; else printf '–'; fi
}

echo "| file | accuracy | least – most | on their own classes | payload a round | seconds |"
echo "|---|---|---|---|---|---|"
for file in "$@"; do
    ! grep -q '"pace": "asynchronous"' "$file" || continue # follows the wall clock: other figures each time
    name=$(basename "$(dirname "$file")")/$(basename "$file" .json)
    lines=$("$flctl" simulate "$file" --json)
    least=$(last test_accuracy_min %.3f <<<"$lines")
    most=$(last test_accuracy_max %.3f <<<"$lines")
    [[ $least == "$most" ]] && spread="the same" || spread="$least – $most"
    bytes=$(sed -n 's/.*"payload_bytes":\([0-9]*\).*/\1/p' <<<"$lines" | awk '{ sum += $1 } END { printf "%.0f kB", sum / NR / 1000 }')
    printf '| [%s](%s.json) | %s | %s | %s | %s | %s |\n' "$name" "$name" "$(last test_accuracy %.3f <<<"$lines")" "$spread" \
        "$(last local_test_accuracy %.3f <<<"$lines")" "$bytes" "$(last seconds %.1f <<<"$lines")"
done
