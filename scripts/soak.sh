#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# scripts/soak.sh [ROUNDS]: the tests labelled "soak" with ROUNDS rounds each (200 if not given)
# instead of the few that the ordinary test run takes.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

export ENTENTE_SOAK_ROUNDS=${1:-200}
scripts/build.sh release
say "Soak: $ENTENTE_SOAK_ROUNDS rounds"
ctest --preset release --label-regex '^soak$' --verbose
