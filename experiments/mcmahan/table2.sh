#!/usr/bin/env bash
# Rounds until a test accuracy is reached, in the shape of Table 2 of McMahan et al. 2017 (arXiv:1602.05629), on
# Fashion-MNIST; prints Markdown.
#   --model 2nn|cnn     the perceptron of two layers of 200 (default), or the convolutional network
#   --target ACCURACY   default 0.80
#   --rounds N          most rounds of a cell; default 200
#   --set path=value    for every cell, e.g. seed=2; may be given several times
set -euo pipefail

model=2nn
target=0.80
rounds=200
overrides=()
while (($# > 0)); do
    case $1 in
        --model) model=${2:?--model needs 2nn or cnn} && shift ;;
        --target) target=${2:?--target needs an accuracy} && shift ;;
        --rounds) rounds=${2:?--rounds needs a number} && shift ;;
        --set) overrides+=(--set "${2:?--set needs path=value}") && shift ;;
        -h | --help) sed -n '2,7s/^# \{0,1\}//p' "$0" && exit ;;
        *) echo "There is no option '$1'; see --help." >&2 && exit 2 ;;
    esac
    shift
done
folder=$(cd -P "$(dirname "${BASH_SOURCE[0]}")" && pwd)
flctl=$folder/../../flctl
[[ -f $folder/$model.json ]] || { echo "There is no model '$model'; give 2nn or cnn." >&2 && exit 2; }
"$flctl" validate "$folder/$model.json" --set "rounds=$rounds" "${overrides[@]}" >/dev/null

iid='partitioner={"name":"iid","samplesPerNode":600}'
shards='partitioner={"name":"shards","shardsPerNode":2,"samplesPerNode":600}'

# The learning rate by batch size: the larger the batch, the longer (the paper searched for the best of each cell).
eta() { case $1 in 0) echo 0.2 ;; 50) echo 0.1 ;; *) echo 0.05 ;; esac }

# First round at or above the target, or "> N (best accuracy)": rounds_to_target SPLIT E B
rounds_to_target() {
    local line reached="" best=0
    coproc cell { exec "$flctl" simulate "$folder/$model.json" --json --set "$1" --set "rounds=$rounds" --set "training.epochs=$2" \
        --set "training.batchSize=$3" --set "training.optimizer.learningRate=$(eta "$3")" "${overrides[@]}"; }
    local pid=$cell_PID output=${cell[0]}
    exec {lines}<&"$output"
    while read -r line <&"$lines"; do
        read -r round accuracy < <(sed -n 's/.*"round":\([0-9]*\),.*"test_accuracy":\([0-9.eE-]*\).*/\1 \2/p' <<<"$line") || continue
        best=$(awk -v a="$best" -v b="$accuracy" 'BEGIN { print (b > a ? b : a) }')
        if awk -v a="$accuracy" -v t="$target" 'BEGIN { exit !(a >= t) }'; then
            reached=$round
            kill -KILL "$pid" # the remaining rounds are not needed
            break
        fi
    done
    exec {lines}<&-
    wait "$pid" 2>/dev/null || [[ -n $reached ]] || return 1 # flctl has said why
    echo "${reached:-$(printf '> %d (%.3f)' "$rounds" "$best")}"
}

echo "| E | B | u = 600·E/B | η | iid | two shards |"
echo "|---|---|---|---|---|---|"
for cell in "1 0" "5 0" "1 50" "20 0" "1 10" "5 50" "20 50" "5 10" "20 10"; do # by u, as in the paper
    read -r epochs batch <<<"$cell"
    steps=$((batch == 0 ? epochs : epochs * 600 / batch))
    alike=$(rounds_to_target "$iid" "$epochs" "$batch")
    sorted=$(rounds_to_target "$shards" "$epochs" "$batch")
    printf '| %d | %s | %d | %s | %s | %s |\n' "$epochs" "$([[ $batch == 0 ]] && echo ∞ || echo "$batch")" "$steps" "$(eta "$batch")" "$alike" "$sorted"
done
