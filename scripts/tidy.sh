#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# clang-tidy (the checks in .clang-tidy, all of them errors) over the sources of common/ and
# services/, or over the files named. Tests are left to the compilers and the sanitizers.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

scripts/install-deps.sh check
configure tidy
build tidy entente_generated >/dev/null
if (($#)); then
  files=("${@/#/$ROOT/}")
else
  mapfile -t files < <(find "$ROOT/common" "$ROOT/services" -name '*.cc' \
    ! -name '*_test.cc' ! -name '*_fuzz.cc' ! -path '*/testing/*' | sort)
fi
say "clang-tidy: ${#files[@]} files"
log=build/tidy/tidy.log
times=build/tidy/times.log
if ! scripts/tidy_batches.py build/tidy "$(jobs_at_once)" "${files[@]}" >"$log" 2>"$times"; then
  cat "$log" "$times" >&2
  die "clang-tidy has findings (the whole output is in $log)"
fi
