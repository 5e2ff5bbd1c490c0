#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# scripts/test.sh [PRESET [CTEST ARGUMENTS]]: installs what is missing, builds into build/PRESET and
# runs the tests there (release if no preset is named; black-box: those in tests/ on the release
# build). Ends with CTest's summary.
#
# The tests labelled "grpcurl" call the servers with the real grpcurl; where none can be had they
# are left out and this says so, before and after. ENTENTE_REQUIRE_GRPCURL=1 makes that an error, as
# ENTENTE_REQUIRE_ICAL_JS=1 and ENTENTE_REQUIRE_ZSH=1 do for the tests that need ical.js and zsh.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

preset=${1:-release}
(($#)) && shift

install_compiler "$preset"
scripts/install-deps.sh test || true # only grpcurl and ical.js are lost
without=()
if grpcurl=$(scripts/tools.sh grpcurl); then
  export ENTENTE_GRPCURL=$grpcurl
else
  [[ -z ${ENTENTE_REQUIRE_GRPCURL:-} ]] || die "no grpcurl, and ENTENTE_REQUIRE_GRPCURL is set"
  without=(--label-exclude grpcurl)
fi

if ical=$(scripts/tools.sh ical.js); then
  export ENTENTE_ICAL_JS=$ical
else
  [[ -z ${ENTENTE_REQUIRE_ICAL_JS:-} ]] || die "no ical.js, and ENTENTE_REQUIRE_ICAL_JS is set"
  say "NOT RUN: calendars read by ical.js (see above); the other tests of calendars are"
fi

if python=$(scripts/tools.sh python); then
  export ENTENTE_PYTHON=$python
else
  say "NOT RUN: the client in Python (see above); the other checks of the documents are"
fi

# Two presets run some of the tests only.
directory=$preset
targets=()
case $preset in
  tsan) targets=(entente_concurrent_tests) ;;
  black-box)
    directory=release
    targets=(entente_black_box_tests)
    ;;
esac
configure "$directory"
build "$directory" "${targets[@]}"

((${#without[@]})) && say "NOT RUN: the black-box tests with grpcurl (see above for why there is none)"
say "Testing build/$directory"
status=0
ctest --preset "$preset" --parallel "$(nproc)" "${without[@]}" "$@" || status=$?
((${#without[@]})) && say "NOT RUN: the black-box tests with grpcurl"
exit "$status"
