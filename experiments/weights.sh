#!/usr/bin/env bash
# SHA-256 of the final weights of every experiment file, and of cases that no file has.
# Shows that a change which must not change a bit of them changed none.
#   experiments/weights.sh [WORD...] > experiments/weights.tsv   makes the table
#   experiments/weights.sh --check [WORD...]                     compares, names what differs, and then exits with 1
# WORDs choose the cases whose name contains one of them; the cases are in experiments/weights.cases.
# JOBS is how many cases run at a time; by default one a core.
set -euo pipefail

[[ ${1:-} != -h && ${1:-} != --help ]] || { sed -n '2,7s/^# \{0,1\}//p' "$0" && exit; }
check=0
[[ ${1:-} != --check ]] || { check=1 && shift; }
words=("$@")
cd -P "$(dirname "${BASH_SOURCE[0]}")/.."
source build/dotnet.sh
[[ -n $dotnet ]] || { echo "dotnet is missing: get the .NET SDK 10, or put its folder on the PATH." >&2 && exit 1; }
cases=experiments/weights.cases
table=experiments/weights.tsv
program=artifacts/bin/ClientCli/release/flctl.dll
failed=0

# Says what is wrong; the rest goes on.
complain() {
    echo "weights.sh: $*" >&2
    failed=1
}

# What libtorch's bits depend on.
processor() {
    awk -F'[\t ]*: ' '$1 == "vendor_id" { vendor = $2 } $1 == "cpu family" { family = $2 }
        $1 == "model" { print vendor, "family", family, "model", $2; exit }' /proc/cpuinfo 2>/dev/null || uname -m
}

# The experiment file of a case.
file_of() {
    local name=${1%%+*}.json
    if [[ $name == jobs/* ]]; then echo "benchmarks/$name"; else echo "experiments/$name"; fi
}

wanted() {
    local word
    ((${#words[@]} > 0)) || return 0
    for word in "${words[@]}"; do [[ $1 != *"$word"* ]] || return 0; done
    return 1
}

# Lines "CASE any|libtorch path=value..." of the cases that were asked for.
chosen() {
    local case rest
    while read -r case rest; do
        [[ -n $case && $case != \#* ]] && wanted "$case" || continue
        if [[ "$rest " == "libtorch "* ]]; then echo "$case $rest"; else echo "$case any $rest"; fi
    done <"$cases"
}

# Runs a case and prints its row: row CASE any|libtorch [path=value...]
row() {
    local case=$1 processors=$2 sets=() value end
    shift 2
    for value in "$@"; do sets+=(--set "$value"); done
    end=$("$dotnet" "$program" simulate "$(file_of "$case")" "${sets[@]}" --json --lanes 1 | tail -n 1)
    [[ $end =~ \"rounds\":([0-9]+),\"weightsSha256\":\"([0-9a-f]+)\",\"test[A-Z][A-Za-z]*\":([0-9.eE+-]+) ]] || return 1
    printf '%s\t%s\t%s\t%.6f\t%s\t%s\n' \
        "$case" "${BASH_REMATCH[2]}" "${BASH_REMATCH[1]}" "${BASH_REMATCH[3]}" "$processors" "$*"
}

# Runs the cases of standard input side by side; their rows come in the same order.
rows() {
    local parts n=10000 folder
    folder=$(mktemp -d)
    while read -ra parts; do
        while (($(jobs -rp | wc -l) >= ${JOBS:-$(nproc)})); do wait -n || true; done
        { row "${parts[@]}" >"$folder/$n" || echo "weights.sh: ${parts[0]} failed." >&2; } </dev/null &
        n=$((n + 1))
    done
    wait
    cat /dev/null "$folder"/*
    rm -r "$folder"
}

# A row's weights, rounds and metric: result CASE < ROWS
result() { awk -F'\t' -v wanted="$1" '$1 == wanted { print "weights", $2, "rounds", $3, "metric", $4 }'; }

./flctl data list >/dev/null # builds it if a source is newer
for data in digits fashion-mnist; do ./flctl data get "$data" >&2; done

for file in experiments/*/*.json benchmarks/jobs/*.json; do
    name=${file#*/}
    name=${name%.json}
    grep -q "^$name\( \|$\)" "$cases" || complain "$file has no line in $cases."
done

list=$(chosen)
[[ -n $list ]] || { complain "No case's name contains: ${words[*]}." && exit 1; }
made_on=$(sed -n 's/^# made on \(.*\): .*/\1/p' "$table" 2>/dev/null || true)
if ((check)) && [[ $made_on != "$(processor)" ]]; then
    echo "The table was made on $made_on, and this is $(processor): cases that libtorch computes are left out." >&2
    list=$(grep -v '^[^ ]* libtorch\( \|$\)' <<<"$list" || true)
    [[ -n $list ]] || { echo "0 cases, 0 differ" && exit; }
fi

made=$(rows <<<"$list")
(($(grep -c . <<<"$made") == $(grep -c . <<<"$list"))) || failed=1 # those that failed have said why
if ((!check)); then
    echo "# made on $(processor): 'any' = the same weights on each processor, 'libtorch' = on this type of processor"
    printf 'case\tsha256\trounds\tmetric\tprocessor\tsettings\n%s\n' "$made"
    exit "$failed"
fi

differ=0
while IFS=$'\t' read -r case _; do
    now=$(result "$case" <<<"$made")
    then=$(result "$case" <"$table")
    [[ $now != "$then" ]] || continue
    differ=$((differ + 1))
    complain "$case differs: ${then:-the table has no such case}; now $now"
done <<<"$made"
((${#words[@]} > 0)) || while IFS=$'\t' read -r case _; do
    [[ $case == \#* || $case == case ]] || grep -q "^$case\( \|$\)" "$cases" || complain "$case is in $table alone."
done <"$table"
echo "$(grep -c . <<<"$made") cases, $differ differ"
exit "$failed"
