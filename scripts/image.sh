#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Builds the container image (deploy/Dockerfile) as entente:VERSION and tries it out: as the user
# it runs as, with a read-only root file system and no network, it serves, loads the record, shows it
# and stops cleanly.
#
#   BASE_IMAGE=...     the image to start from; otherwise debian:12-slim from its registry, or, where
#                      none can be reached, a Debian made here with debootstrap (as root)
#   DEBIAN_MIRROR=...  where debootstrap and the image's apt get their packages (their own default)
#
# Uses the Docker engine that answers. Where none does, root gets one for the time of the build, from
# Debian's docker.io, and the image is left in build/image/entente-VERSION.tar.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

version=$(sed -n 's/^project(entente VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
image=entente:$version
scratch=$(mktemp -d)
container=
engine_pid=
mkdir -p build/image

clean_up() {
  [[ -z $container ]] || docker rm --force "$container" >/dev/null 2>&1 || true
  if [[ -n $engine_pid ]]; then
    kill -TERM "$engine_pid" 2>/dev/null || true
    wait "$engine_pid" 2>/dev/null || true
    umount "$scratch"/exec/netns/* 2>/dev/null || true # the engine leaves it mounted
  fi
  rm -rf --one-file-system "$scratch"
}
trap clean_up EXIT

# An engine of our own, with no network of its own: builds use the host's, the trial none.
start_engine() {
  local log=build/image/dockerd.log storage=$ROOT/build/image/engine tries
  ((EUID == 0)) || die "no Docker engine answers ('docker info' says why). Start one, or run this as" \
    "root: it then starts one for the time of the build (apt-get install docker.io)"
  scripts/install-deps.sh image
  say "No Docker engine answers: starting one for the time of this build ($log)"
  export DOCKER_HOST=unix://$scratch/docker.sock
  dockerd --host "$DOCKER_HOST" --data-root "$storage" --exec-root "$scratch/exec" \
    --pidfile "$scratch/dockerd.pid" --bridge none --iptables=false >"$log" 2>&1 &
  engine_pid=$!
  for ((tries = 0; tries < 60; tries++)); do
    docker info >/dev/null 2>&1 && return
    kill -0 "$engine_pid" 2>/dev/null || break
    sleep 0.5
  done
  tail -n 5 "$log" >&2
  die "no engine can run here (see above and $log). It needs the privileges of a real machine or" \
    "virtual machine; inside an unprivileged container there are none"
}

make_base() {
  scripts/install-deps.sh image
  ((EUID == 0)) || die "no registry can be reached, and debootstrap needs root: run this as root, or" \
    "set BASE_IMAGE to an image of Debian 12"
  say "No registry can be reached: making a Debian 12 with debootstrap"
  debootstrap --variant=minbase bookworm "$scratch/base" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} \
    >build/image/debootstrap.log 2>&1 || {
    tail -n 5 build/image/debootstrap.log >&2
    die "debootstrap failed (see above and build/image/debootstrap.log)"
  }
  rm -f "$scratch"/base/var/cache/apt/archives/*.deb
  tar -C "$scratch/base" -c . | docker import - entente-base:debian-12 >/dev/null
}

in_container() { docker exec "$container" "$@"; }

command -v docker >/dev/null || scripts/install-deps.sh image
docker info >/dev/null 2>&1 || start_engine

base=${BASE_IMAGE:-}
if [[ -z $base ]]; then
  base=debian:12-slim
  if ! docker image inspect "$base" >/dev/null 2>&1 &&
    ! timeout 120 docker pull "$base" >build/image/pull.log 2>&1; then
    base=entente-base:debian-12
    docker image inspect "$base" >/dev/null 2>&1 || make_base
  fi
fi

say "Building $image from $base"
docker build --file deploy/Dockerfile --tag "$image" --build-arg "BASE_IMAGE=$base" \
  ${engine_pid:+--network host} .

say "Trying $image"
container=$(docker run --detach --network none --read-only --cap-drop ALL \
  --tmpfs /var/lib/entente:uid=65532,gid=65532 --tmpfs /tmp "$image")
user=$(in_container id -u)
[[ $user != 0 ]] || die "the image runs as root"
in_container entente wait 127.0.0.1:50050 entente.gateway.v1.GatewayService --timeout_s=30 || {
  docker logs "$container" 2>&1 | tail -n 15 >&2
  die "the services in the image are not healthy"
}
in_container entente load /usr/local/share/entente/us-asean-csp --catalogue=127.0.0.1:50051 \
  --funding=127.0.0.1:50052 --events=127.0.0.1:50053
in_container entente overview partnerships/us-asean-csp --gateway=127.0.0.1:50050
docker stop --time 60 "$container" >/dev/null
status=$(docker inspect --format '{{.State.ExitCode}}' "$container")
[[ $status == 0 ]] || die "the image did not stop cleanly (exit status $status)"

if [[ -n $engine_pid ]]; then
  docker save --output "build/image/entente-$version.tar" "$image"
  say "$image works, as user $user; it is in build/image/entente-$version.tar (docker load --input)"
else
  say "$image works, as user $user"
fi
