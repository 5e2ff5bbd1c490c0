#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# scripts/bench.sh [REGEX]: builds the *_bench targets and runs their benchmarks, or those whose names
# match. Each figure is the median of five runs; what the machine is and what else it does at the
# time is printed first.
#
#   ENTENTE_BENCH_CLAIMS   how many claims are generated (1000000)
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

regex=${1:-.}
scripts/install-deps.sh bench
configure bench
mapfile -t benches < <(ninja -C build/bench -t targets all |
  sed -n '/^cmake_/d; s/^\([a-z0-9_]*_bench\): phony.*/\1/p' | sort -u)
((${#benches[@]})) || die "no *_bench target in build/bench"
build bench "${benches[@]}"

echo "$(nproc) cores, $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1), load $(cut -d' ' -f1-3 /proc/loadavg)"
for bench in "${benches[@]}"; do
  binary=$(find build/bench -type f -name "$bench" -perm -u+x -print -quit)
  "$binary" --benchmark_filter="$regex" --benchmark_repetitions=5 \
    --benchmark_report_aggregates_only=true
done
