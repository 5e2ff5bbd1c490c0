#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# scripts/fuzz.sh [SECONDS [FUZZER...]]: runs each *_fuzz target (or those named) for SECONDS (600 if
# not given). What they learn is kept in build/fuzz/corpus; an input that breaks one is named, is
# kept in build/fuzz/found, and makes the whole fail after the others had their turn.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

seconds=${1:-600}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "'$seconds' is not a number of seconds"
(($#)) && shift

scripts/install-deps.sh clang
configure fuzz
mapfile -t fuzzers < <(ninja -C build/fuzz -t targets all |
  sed -n '/^cmake_/d; s/^\([a-z0-9_]*_fuzz\): phony.*/\1/p' | sort -u)
(($#)) && fuzzers=("$@")
((${#fuzzers[@]})) || die "no *_fuzz target in build/fuzz"
build fuzz "${fuzzers[@]}"

mkdir -p build/fuzz/found
failed=()
for fuzzer in "${fuzzers[@]}"; do
  mkdir -p "build/fuzz/corpus/$fuzzer"
  binary=$(find build/fuzz -type f -name "$fuzzer" -perm -u+x -print -quit)
  say "$fuzzer: $seconds seconds"
  "$binary" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/found/$fuzzer-" "build/fuzz/corpus/$fuzzer" || failed+=("$fuzzer")
done
((${#failed[@]} == 0)) || die "broken: ${failed[*]} (the inputs are in build/fuzz/found)"
say "${#fuzzers[@]} fuzzers, nothing found"
