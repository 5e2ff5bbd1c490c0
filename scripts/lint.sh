#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Formatting and lint of all that is not compiled: clang-format over the C++, shellcheck over the
# scripts, buf lint and buf format over the protos. With --fix it formats instead.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

scripts/install-deps.sh check
buf=$(scripts/tools.sh buf)
mapfile -t cxx < <(find common services tests -name '*.cc' -o -name '*.h' | sort)
mapfile -t shell < <(find scripts tests deploy -name '*.sh' | sort)

if [[ ${1:-} == --fix ]]; then
  clang-format -i "${cxx[@]}"
  (cd proto && "$buf" format -w --exclude-path google --exclude-path grpc)
  say "Formatted ${#cxx[@]} C++ files and the protos"
  exit 0
fi

say "clang-format: ${#cxx[@]} files"
clang-format --dry-run -Werror "${cxx[@]}"
say "shellcheck: ${#shell[@]} scripts and .ci/run"
shellcheck -x "${shell[@]}" .ci/run
say "buf lint"
(cd proto && "$buf" lint)
say "buf format"
(cd proto && "$buf" format --diff --exit-code --exclude-path google --exclude-path grpc)
