#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# scripts/bench.sh [NAME [ARGUMENTS]]: builds the benchmarks and runs them all, or the one of that
# name. What the machine is and what else it does at the time is printed first.
#
#   scripts/bench.sh rollup         roll-ups over 10 million claims beside DuckDB, SQLite and
#                                   PostgreSQL, and the time it takes to read the data; ten minutes
#   scripts/bench.sh writer         the same queries while claims are written
#   scripts/bench.sh point_reads    Get over gRPC beside an echo with as many bytes
#   scripts/bench.sh compositions   dossiers and fact sheets beside a bare fan-out and an echo
#   scripts/bench.sh rpc            what a call over gRPC adds to a roll-up
#   scripts/bench.sh search         searches over 200,000 documents, by FTS5 and by Xapian; ten minutes
#   scripts/bench.sh startup        from nothing to the first answer: from the log, from the state file,
#                                   and with a state file that is damaged
#   scripts/bench.sh filter         lists of 100,000 resources by what their filters ask about
#
#   ENTENTE_BENCH_CLAIMS   how many claims rollup generates (10000000)
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

machine() {
  echo "$(nproc) cores, $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -1), $(
    awk '/^MemTotal:/ { print int($2 / 1048576 + 0.5) }' /proc/meminfo
  ) GiB, load $(cut -d' ' -f1-3 /proc/loadavg)"
}

rollup() {
  local data python
  data=$(mktemp -d)
  # shellcheck disable=SC2064 # the directory of now
  trap "rm -rf '$data'" EXIT
  build bench rollup rollup_bandwidth
  python=build/bench/peers/bin/python
  if [[ ! -x $python ]]; then
    say "Installing the peers (benchmarks/rollup/requirements.txt)"
    python3 -m venv build/bench/peers
    build/bench/peers/bin/pip install -q -r benchmarks/rollup/requirements.txt
  fi
  machine
  build/bench/bin/rollup --claims="${ENTENTE_BENCH_CLAIMS:-10000000}" --export="$data" "$@" \
    >"$data/results"
  build/bench/bin/rollup_bandwidth "$data" >>"$data/results"
  "$python" benchmarks/rollup/peers.py "$data" >>"$data/results"
  "$python" benchmarks/rollup/table.py "$data/results"
  machine
}

writer() {
  build bench rollup_writer
  machine
  build/bench/bin/rollup_writer "$@"
  machine
}

point_reads() {
  build bench point_reads point_reads_echo entente-catalogue entente-funding entente
  machine
  build/bench/bin/point_reads "$@"
}

compositions() {
  build bench compositions
  machine
  build/bench/bin/compositions "$@"
  machine
}

rpc() {
  build bench rollup_rpc entente-catalogue entente-funding
  machine
  build/bench/bin/rollup_rpc "$@"
}

search() {
  build bench search
  machine
  build/bench/bin/search "$@"
  machine
}

startup() {
  build bench startup
  machine
  build/bench/bin/startup "$@"
}

filter() {
  build bench filter_lists
  machine
  build/bench/bin/filter_lists "$@"
  machine
}

name=${1:-all}
(($# == 0)) || shift
case $name in
  all | rollup | writer | rpc | point_reads | compositions | search | startup | filter) ;;
  *) die "no benchmark '$name': rollup, writer, rpc, point_reads, compositions, search, startup or filter" ;;
esac
scripts/install-deps.sh bench
configure bench
if [[ $name == all ]]; then
  point_reads "$@"
  compositions "$@"
  rollup "$@"
  writer "$@"
  rpc "$@"
  search "$@"
  startup "$@"
  filter "$@"
else
  "$name" "$@"
fi
