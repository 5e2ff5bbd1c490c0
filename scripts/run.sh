#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds Entente, starts its four services as separate processes, loads the record, shows what is in
# it, and serves until Ctrl-C. The databases (run/*.db) stay for the next time; the services' logs
# are in run/logs.
#
#   ENTENTE_HOST             the address to listen on (127.0.0.1)
#   ENTENTE_GATEWAY_PORT     50050
#   ENTENTE_CATALOGUE_PORT   50051
#   ENTENTE_FUNDING_PORT     50052
#   ENTENTE_EVENTS_PORT      50053
#   ENTENTE_RECORD           the directory of the record to load (data/us-asean-csp)
#   ENTENTE_PARTNERSHIP      the partnership to show (partnerships/us-asean-csp)
#   ENTENTE_RUN_DIR          where the databases and logs go (run)
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

host=${ENTENTE_HOST:-127.0.0.1}
record=${ENTENTE_RECORD:-data/us-asean-csp}
partnership=${ENTENTE_PARTNERSHIP:-partnerships/us-asean-csp}
run=${ENTENTE_RUN_DIR:-run}
bin=build/release/bin
services=(catalogue funding events gateway)
declare -A port=(
  [gateway]=${ENTENTE_GATEWAY_PORT:-50050}
  [catalogue]=${ENTENTE_CATALOGUE_PORT:-50051}
  [funding]=${ENTENTE_FUNDING_PORT:-50052}
  [events]=${ENTENTE_EVENTS_PORT:-50053}
)
declare -A full_name=(
  [gateway]=entente.gateway.v1.GatewayService
  [catalogue]=entente.catalogue.v1.CatalogueService
  [funding]=entente.funding.v1.FundingService
  [events]=entente.events.v1.EventsService
)
declare -A pid=()
reach=$host
[[ $host == 0.0.0.0 ]] && reach=127.0.0.1
at() { echo "$reach:${port[$1]}"; }

# Ends the children, the gateway first, and waits for them: they finish the calls in flight.
stop_all() {
  local service tries
  for service in gateway events funding catalogue; do
    [[ -n ${pid[$service]:-} ]] || continue
    kill -TERM "${pid[$service]}" 2>/dev/null || continue
    for ((tries = 0; tries < 400; tries++)); do
      kill -0 "${pid[$service]}" 2>/dev/null || break
      sleep 0.1
    done
    if kill -KILL "${pid[$service]}" 2>/dev/null; then
      say "$service did not stop within 40 s and was killed"
    fi
    wait "${pid[$service]}" 2>/dev/null || true
  done
  pid=()
}

# fail TEXT [SERVICE]: with the end of that service's log.
fail() {
  printf 'error: %s\n' "$1" >&2
  if [[ -n ${2:-} ]]; then
    echo "the end of $run/logs/$2.log:" >&2
    tail -n 15 "$run/logs/$2.log" | sed 's/^/  /' >&2
  fi
  exit 1
}

# Says which child is gone, if one is.
check_alive() {
  local service status
  for service in "${!pid[@]}"; do
    kill -0 "${pid[$service]}" 2>/dev/null && continue
    status=0
    wait "${pid[$service]}" || status=$?
    unset "pid[$service]"
    fail "the $service service ended by itself (exit status $status)" "$service"
  done
}

start() {
  local service=$1
  shift
  # setsid: Ctrl-C reaches this script only, which then ends them in order; setpriv: should this
  # script be killed, they end too.
  setsid setpriv --pdeathsig TERM "$bin/entente-$service" --listen="$host:${port[$service]}" "$@" \
    </dev/null >"$run/logs/$service.log" 2>&1 &
  pid[$service]=$!
}

wait_for() {
  local service=$1 tries
  for ((tries = 0; tries < 30; tries++)); do
    check_alive
    if "$bin/entente" wait "$(at "$service")" "${full_name[$service]}" --timeout_s=2 \
      >"$run/logs/wait.log" 2>&1; then
      return
    fi
    sleep 0.1
  done
  fail "the $service service is not healthy after a minute: $(tail -n 1 "$run/logs/wait.log")" \
    "$service"
}

scripts/install-deps.sh build
configure release
[[ -x $bin/entente-gateway ]] || say "Building (some minutes the first time)"
build release entente "${services[@]/#/entente-}"

for service in "${services[@]}"; do
  if (exec 3<>"/dev/tcp/$reach/${port[$service]}") 2>/dev/null; then
    die "port ${port[$service]}, of the $service service, is taken; stop what listens there or" \
      "set ENTENTE_${service^^}_PORT to a free one"
  fi
done

mkdir -p "$run/logs"
trap stop_all EXIT
trap 'say "Stopping"; exit 0' INT TERM HUP
say "Starting four services (logs in $run/logs)"
start catalogue --database="$run/catalogue.db"
start funding --database="$run/funding.db" --catalogue="$(at catalogue)"
start events --database="$run/events.db" --catalogue="$(at catalogue)"
start gateway --catalogue="$(at catalogue)" --funding="$(at funding)" --events="$(at events)"
for service in "${services[@]}"; do wait_for "$service"; done

say "Loading $record"
"$bin/entente" load "$record" --catalogue="$(at catalogue)" --funding="$(at funding)" \
  --events="$(at events)"

echo
"$bin/entente" overview "$partnership" --gateway="$(at gateway)"
cat <<EOF

Serving:
  gateway    $(at gateway)
  catalogue  $(at catalogue)
  funding    $(at funding)
  events     $(at events)

To call it (grpcurl: scripts/tools.sh grpcurl prints where it is, and brings it if need be):
  grpcurl -plaintext $(at gateway) list
  grpcurl -plaintext -d '{"name": "$partnership"}' $(at gateway) ${full_name[gateway]}/GetOverview
  grpcurl -plaintext -d '{"page_size": 3}' $(at catalogue) ${full_name[catalogue]}/ListInitiatives

EOF
say "Ctrl-C stops it"

status=0
wait -n -p gone "${pid[@]}" || status=$?
for service in "${services[@]}"; do
  if [[ ${pid[$service]} == "${gone:-}" ]]; then
    unset "pid[$service]"
    fail "the $service service ended by itself (exit status $status)" "$service"
  fi
done
