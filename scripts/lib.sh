# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
#
# What the scripts share. Source it; it leaves the caller in the root of the tree.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT" || exit 1

# A line about what happens next, on stderr so that it never mixes with a result.
say() {
  if [[ -t 2 ]]; then
    printf '\033[1m==>\033[0m %s\n' "$*" >&2
  else
    printf '==> %s\n' "$*" >&2
  fi
}

# What went wrong and what to do about it.
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Compiler processes at once: as many as there are cores, and no more than the memory carries (one
# translation unit that includes gRPC takes up to 1 GiB).
jobs_at_once() {
  local cores gib
  cores=$(nproc)
  gib=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
  ((gib < 1)) && gib=1
  echo "${ENTENTE_JOBS:-$((cores < gib ? cores : gib))}"
}

# What the preset compiles with.
install_compiler() {
  case $1 in
    asan | tsan | fuzz) scripts/install-deps.sh clang ;;
    *) scripts/install-deps.sh build ;;
  esac
}

# configure PRESET [CMake arguments]: quiet when nothing changed, whole output when it fails.
configure() {
  local preset=$1 log stamp
  shift
  mkdir -p "build/$preset"
  log=build/$preset/configure.log
  stamp="$* $(cksum <CMakePresets.json)"
  # Ninja itself notices changed CMakeLists.
  if [[ -f build/$preset/build.ninja && -f build/$preset/configured ]] &&
    [[ $(<"build/$preset/configured") == "$stamp" ]]; then
    return
  fi
  say "Configuring build/$preset"
  if ! cmake --fresh --preset "$preset" "$@" >"$log" 2>&1; then
    cat "$log" >&2
    die "CMake could not configure build/$preset (the output above is also in $log)"
  fi
  echo "$stamp" >"build/$preset/configured"
}

# build PRESET [TARGETS]: with ninja's progress.
build() {
  local preset=$1
  shift
  cmake --build "build/$preset" --parallel "$(jobs_at_once)" ${1:+--target "$@"}
}
