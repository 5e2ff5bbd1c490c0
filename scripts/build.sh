#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# scripts/build.sh [PRESET [TARGETS]]: installs what is missing, then builds into build/PRESET
# (release if none is named; CMakePresets.json has them all).
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

preset=${1:-release}
(($#)) && shift
install_compiler "$preset"
configure "$preset"
build "$preset" "$@"
