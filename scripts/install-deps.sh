#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs what Entente needs from Debian's own packages: says what is missing and what it does, and
# is silent when nothing is.
#
#   scripts/install-deps.sh build    to compile and run (the default)
#   scripts/install-deps.sh test     also what the tests use
#   scripts/install-deps.sh check    also what .ci/run uses: formatters and linters
#   scripts/install-deps.sh clang    Clang with its sanitizers and libFuzzer
#   scripts/install-deps.sh bench    what the benchmarks compare with
#   scripts/install-deps.sh image    a container engine, and debootstrap for a base image
#   scripts/install-deps.sh list     only prints the packages of "build"
#
# Set ENTENTE_SKIP_DEPS=1 to install nothing, on a system that brings these things in another way.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# A package, or package:command where a command of another origin does as well.
BUILD=(g++:g++ cmake:cmake ninja-build:ninja ccache:ccache ca-certificates
  libgrpc++-dev libprotobuf-dev protobuf-compiler:protoc
  protobuf-compiler-grpc:grpc_cpp_plugin libabsl-dev libsqlite3-dev libexpat1-dev libboost-dev
  libgoogle-perftools-dev libxxhash-dev libical-dev libicu-dev
  libkainjow-mustache-dev
  libgtest-dev libgmock-dev)
TEST=(python3:python3 python3-venv nodejs:node zsh:zsh)
CHECK=(clang-format:clang-format clang-tidy:run-clang-tidy shellcheck:shellcheck)
CLANG=(clang:clang++ lld:ld.lld llvm:llvm-symbolizer libclang-rt-dev)
BENCH=(python3:python3 python3-venv postgresql:postgres libxapian-dev)
IMAGE=(docker.io:dockerd debootstrap:debootstrap)

# grpcurl is built with Go, buf and ical.js come from npm: needed only until they are in .tools/.
have_tool() { [[ -x .tools/bin/$1 ]] || command -v "$1" >/dev/null; }
have_tool grpcurl || TEST+=(golang-go:go)
[[ -x .tools/bin/buf ]] || CHECK+=(npm:npm)
[[ -f .tools/ical/version ]] || TEST+=(npm:npm)

mode=${1:-build}
case $mode in
  build) wanted=("${BUILD[@]}") ;;
  test) wanted=("${BUILD[@]}" "${TEST[@]}") ;;
  check) wanted=("${BUILD[@]}" "${TEST[@]}" "${CHECK[@]}") ;;
  clang) wanted=("${BUILD[@]}" "${CLANG[@]}") ;;
  bench) wanted=("${BUILD[@]}" "${BENCH[@]}") ;;
  image) wanted=("${IMAGE[@]}") ;;
  list)
    printf '%s\n' "${BUILD[@]%%:*}"
    exit 0
    ;;
  *) die "unknown mode '$mode': build, test, check, clang, bench, image or list" ;;
esac
[[ -z ${ENTENTE_SKIP_DEPS:-} ]] || exit 0

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  {
    echo "error: this system has no apt, so nothing can be installed here. Entente needs what these"
    echo "packages of Debian 12 hold; install their like, then set ENTENTE_SKIP_DEPS=1:"
    printf '  %s\n' "${wanted[@]%%:*}"
  } >&2
  exit 1
fi

installed=" $(dpkg-query -W -f '${db:Status-Status}=${Package} ' "${wanted[@]%%:*}" 2>/dev/null || true)"
missing=()
for entry in "${wanted[@]}"; do
  package=${entry%%:*}
  [[ $installed == *" installed=$package "* ]] && continue
  [[ $entry == *:* ]] && command -v "${entry##*:}" >/dev/null && continue
  missing+=("$package")
done
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || die "not root and no sudo here; as root: apt-get install ${missing[*]}"
  as_root=(sudo)
fi
say "Installing with apt: ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -q -y --no-install-recommends "${missing[@]}" ||
  die "apt could not install: ${missing[*]} (Debian 12 has them all in its main section)"
