#!/usr/bin/env bash
# Sets up, builds, and runs all tests. The last line is "N passed, N failed"; the exit code is 0 only if nothing failed.
#   --quick           leaves out the tests that are marked as slow: some three minutes (all: some 25 minutes)
#   --no-build        tests what was built before
#   --filter FILTER   some tests, e.g. --filter FullyQualifiedName~Parity (see 'dotnet test --help')
set -euo pipefail

build=yes
wanted= # as 'dotnet test --filter' has it
quick=
while (($# > 0)); do
    case $1 in
        --quick) quick='Speed!=slow' ;;
        --no-build) build=no ;;
        --filter) wanted=${2:?--filter needs a value} && shift ;;
        --filter=*) wanted=${1#*=} ;;
        -h | --help) sed -n '2,5s/^# \{0,1\}//p' "$0" && exit ;;
        *) echo "There is no option '$1'; known: --quick, --no-build, --filter FILTER." >&2 && exit 2 ;;
    esac
    shift
done
if [[ -n $wanted && -n $quick ]]; then wanted="($wanted)&$quick"; else wanted=$wanted$quick; fi
filter=()
if [[ -n $wanted ]]; then filter=(--filter "$wanted"); fi

passed=0
failed=0

# Whatever ends the script early is a failure that the last line counts.
finish() {
    local code=$?
    ((code == 0 || failed > 0)) || failed=1
    echo "$passed passed, $failed failed"
    exit $((failed > 0 ? 1 : 0))
}
trap finish EXIT

source "$(dirname "${BASH_SOURCE[0]}")/build/prepare.sh"
flctl=artifacts/bin/ClientCli/debug/flctl.dll
results=artifacts/test-results

if [[ $build == yes ]]; then
    "$dotnet" build Orleans.FL.sln --disable-build-servers -v quiet
fi
for name in fashion-mnist digits; do
    # Without it the tests that read it fail, each with this same remedy; the others are worth running.
    "$dotnet" "$flctl" data get "$name" || echo "Dataset $name could not be fetched: see above; the tests that need it will fail." >&2
done

servers=$(missing_servers | paste -sd' ')
if [[ -n $servers ]]; then
    echo "The tests with real databases will fail without these packages: apt-get install -y $servers (Debian, Ubuntu)." >&2
fi

# The counters of a results file: 0 where it has none.
counter() {
    local value
    value=$(grep -o '<Counters [^>]*' "$2" | grep -o " $1=\"[0-9]*\"" | grep -o '[0-9]*') || value=0
    echo "$value"
}

# Where a process was that died of a signal, as .NET reports it: the frames of that thread, innermost first.
crashes() {
    local report
    for report in "$results"/*.crashreport.json; do
        [[ -f $report ]] || continue
        echo "$(basename "$report" .crashreport.json) died here:"
        sed -n '/"crashed": "true"/,/^   }/p' "$report" | grep -E '"(unmanaged|method)_name"' | sed 's/.*": *"//; s/",*$//' | sed -n 1,40p || true
    done
}

# A shell's background job ignores Ctrl+C, and so does all that it starts: tests that interrupt programs would
# wait for ever.
attentive=()
if env --default-signal=INT,QUIT true 2>/dev/null; then attentive=(env --default-signal=INT,QUIT); fi

rm -rf "$results"
mkdir -p "$results"
export DOTNET_DbgEnableMiniDump=1 DOTNET_EnableCrashReportOnly=1 DOTNET_DbgMiniDumpName=$PWD/$results/%e.%p
for project in tests/*.Tests; do
    name=$(basename "$project")
    file=$results/$name.trx
    code=0
    # A project at a time, so that a test host that dies takes no other's results along.
    "${attentive[@]}" "$dotnet" test "$project" --no-build "${filter[@]}" --results-directory "$results" --logger "trx;LogFileName=$name.trx" \
        --blame-hang-timeout 10m --blame-hang-dump-type none </dev/null || code=$?
    bad=0
    if [[ -f $file ]]; then
        passed=$((passed + $(counter passed "$file")))
        for kind in failed error timeout aborted; do bad=$((bad + $(counter "$kind" "$file"))); done
    fi
    if ((code != 0 && bad == 0)); then
        echo "$name: the test run itself failed (exit code $code): see above." >&2
        crashes >&2
        bad=1
    fi
    failed=$((failed + bad))
done
