#!/usr/bin/env bash
# Builds flctl and the benchmarks in Release and runs whole jobs, each beside the plain loop: benchmarks/run.sh
# [JOB …] [--repeats N] [--without-plain] [--update-docs]. Jobs: nine-resnet10, nine-small-iid, twentyfive-resnet6,
# hundred-resnet6, quickstart.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../build/prepare.sh"
./flctl data get fashion-mnist
"$dotnet" build benchmarks/Benchmarks.csproj -c Release --disable-build-servers --nologo -v quiet
exec "$dotnet" artifacts/bin/Benchmarks/release/Orleans.FL.Benchmarks.dll whole-run "$@"
