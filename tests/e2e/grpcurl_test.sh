#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A stranger's view: the real grpcurl, which knows nothing but what reflection tells it, against the
# four executables. Reads ENTENTE_GRPCURL, ENTENTE_BIN_DIR and ENTENTE_SOURCE_DIR.
set -euo pipefail

grpcurl=${ENTENTE_GRPCURL:?says where grpcurl is}
bin=${ENTENTE_BIN_DIR:?says where the executables are}
source=${ENTENTE_SOURCE_DIR:?says where the source tree is}
# What is for the test is not for the servers, which read ENTENTE_* as their flags.
unset ENTENTE_GRPCURL ENTENTE_BIN_DIR ENTENTE_SOURCE_DIR

dir=$(mktemp -d)
declare -A pid=() port=()
services=(catalogue funding events gateway)
declare -A full_name=(
  [catalogue]=entente.catalogue.v1.CatalogueService
  [funding]=entente.funding.v1.FundingService
  [events]=entente.events.v1.EventsService
  [gateway]=entente.gateway.v1.GatewayService
)
failures=0
checks=0
output=

clean_up() {
  local service
  for service in "${!pid[@]}"; do
    kill -KILL "${pid[$service]}" 2>/dev/null || true
    wait "${pid[$service]}" 2>/dev/null || true
    if ((failures > 0)); then
      echo "----- the end of the log of $service"
      tail -n 5 "$dir/$service.log"
    fi
  done
  rm -rf "$dir"
}
trap clean_up EXIT
trap 'failures=1; exit 1' ERR INT TERM

# start SERVICE FLAGS: on a free port, which the log tells.
start() {
  local service=$1 tries
  shift
  : >"$dir/$service.log"
  setpriv --pdeathsig KILL "$bin/entente-$service" --listen=127.0.0.1:0 "$@" 2>"$dir/$service.log" &
  pid[$service]=$!
  for ((tries = 0; tries < 1200; tries++)); do
    port[$service]=$(sed -n 's/.*"event":"serving".*"port":\([0-9]*\).*/\1/p' "$dir/$service.log")
    [[ -z ${port[$service]} ]] || return 0
    sleep 0.05
  done
  echo "$service did not start"
  return 1
}

# call SERVICE ARGUMENTS: grpcurl with `ARGUMENTS`, in which @ stands for the address. Sets output.
call() {
  local service=$1 arguments=()
  shift
  local argument
  for argument in "$@"; do
    [[ $argument == @ ]] && argument=127.0.0.1:${port[$service]}
    arguments+=("$argument")
  done
  local status=0
  output=$("$grpcurl" -plaintext -max-time 60 "${arguments[@]}" 2>&1) || status=$?
  return "$status"
}

# ok / fails WHAT SERVICE ARGUMENTS: calls, and says whether it went as it should.
ok() {
  local what=$1
  shift
  checks=$((checks + 1))
  call "$@" && return
  failures=$((failures + 1))
  printf 'FAILED: %s: grpcurl %s\n%s\n' "$what" "${*:2}" "$output"
}
fails() {
  local what=$1
  shift
  checks=$((checks + 1))
  call "$@" || return 0
  failures=$((failures + 1))
  printf 'FAILED: %s succeeded: grpcurl %s\n%s\n' "$what" "${*:2}" "$output"
}

# has TEXT...: the output of the last call contains each.
has() {
  local text
  for text in "$@"; do
    checks=$((checks + 1))
    [[ $output == *"$text"* ]] && continue
    failures=$((failures + 1))
    printf 'FAILED: "%s" is not in:\n%.600s\n' "$text" "$output"
  done
}

start catalogue --database="$dir/catalogue.db"
start funding --database="$dir/funding.db" --catalogue="127.0.0.1:${port[catalogue]}"
start events --database="$dir/events.db" --catalogue="127.0.0.1:${port[catalogue]}"
peers=(--catalogue="127.0.0.1:${port[catalogue]}" --funding="127.0.0.1:${port[funding]}"
  --events="127.0.0.1:${port[events]}")
start gateway "${peers[@]}"
"$bin/entente" load "$source/data/us-asean-csp" "${peers[@]}"

# Every service can be listed, described and asked for its health.
for service in "${services[@]}"; do
  name=${full_name[$service]}
  ok "list" "$service" @ list
  has "$name" grpc.health.v1.Health grpc.reflection.v1alpha.ServerReflection grpc.channelz.v1.Channelz
  ok "list methods" "$service" @ list "$name"
  has "$name."
  ok "describe" "$service" @ describe "$name"
  has "service ${name##*.} {" "rpc "
  ok "health" "$service" -d "{\"service\": \"$name\"}" @ grpc.health.v1.Health/Check
  has '"status": "SERVING"'
  ok "health of the server" "$service" @ grpc.health.v1.Health/Check
  has '"status": "SERVING"'
done
ok "describe a message" catalogue @ describe entente.catalogue.v1.Initiative
has "message Initiative {" "string name = 1"

# Reading.
ok "ListInitiatives" catalogue -d '{"page_size": 3, "order_by": "name"}' @ \
  entente.catalogue.v1.CatalogueService/ListInitiatives
has '"initiatives": [' '"next_page_token": ' '"revision": "1"'
initiative=$(sed -n 's/.*"name": "\(initiatives\/[^"]*\)".*/\1/p' <<<"$output" | head -n 1)
ok "ListInitiatives with a filter" catalogue -d "{\"filter\": \"name = \\\"$initiative\\\"\"}" @ \
  entente.catalogue.v1.CatalogueService/ListInitiatives
has "\"name\": \"$initiative\""
checks=$((checks + 1))
if [[ $(grep -c '"name": "initiatives/' <<<"$output") != 1 ]]; then
  failures=$((failures + 1))
  printf 'FAILED: the filter let others through:\n%s\n' "$output"
fi
ok "ListClaims with a filter" funding -d '{"filter": "stage = CLAIM_STAGE_REQUESTED"}' @ \
  entente.funding.v1.FundingService/ListClaims
has '"claims": [' CLAIM_STAGE_REQUESTED '"catalogue_revision": "1"'
ok "ListEvents" events @ entente.events.v1.EventsService/ListEvents
has '"events": ['
ok "GetDossier" gateway -d "{\"name\": \"$initiative\"}" @ \
  entente.gateway.v1.GatewayService/GetDossier
has "\"name\": \"$initiative\"" '"initiative": {' '"documents": [' '"citations": [' \
  '"catalogue": "1"' '"funding": "1"' '"events": "1"'
ok "GetOverview" gateway -d '{"name": "partnerships/us-asean-csp", "as_of": "2023-09-05"}' @ \
  entente.gateway.v1.GatewayService/GetOverview
has '"pillars": [' '"claim_groups": [' '"past_events": [' '"coming_events": [' '"as_of": "2023-09-05"'

# Errors explain themselves.
fails "GetDossier of nothing" gateway -format-error -d '{"name": "initiatives/none"}' @ \
  entente.gateway.v1.GatewayService/GetDossier
has '"code": 5' type.googleapis.com/google.rpc.ErrorInfo RESOURCE_NOT_FOUND entente.dev \
  type.googleapis.com/google.rpc.RequestInfo
fails "ListInitiatives, all wrong" catalogue -format-error \
  -d '{"page_size": -1, "filter": "colour = 1", "page_token": "x"}' @ \
  entente.catalogue.v1.CatalogueService/ListInitiatives
has '"code": 3' type.googleapis.com/google.rpc.ErrorInfo INVALID_REQUEST \
  type.googleapis.com/google.rpc.BadRequest '"field": "page_size"' '"field": "filter"' \
  '"field": "page_token"' colour

# A watch goes on until it is left: here by time, after its first message has come.
fails "Watch" events -max-time 2 -d '{"include_current": true}' @ \
  entente.events.v1.EventsService/Watch
has WATCH_MESSAGE_KIND_CURRENT '"resume_token": ' '"name": "events/'

for service in gateway events funding catalogue; do
  checks=$((checks + 1))
  kill -TERM "${pid[$service]}"
  status=0
  wait "${pid[$service]}" || status=$?
  unset "pid[$service]"
  if ((status != 0)); then
    failures=$((failures + 1))
    echo "FAILED: $service ended with $status"
  fi
done

echo "$checks checks, $failures failed"
((failures == 0))
