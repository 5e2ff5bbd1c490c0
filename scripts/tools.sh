#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Prints the path of a tool that Debian does not package, after bringing it into .tools/ (of which
# git takes no notice) if it is not there yet:
#
#   scripts/tools.sh grpcurl    from its Go module, or the one on the PATH
#   scripts/tools.sh buf        from npm
#   scripts/tools.sh ical.js    from npm, the package's directory: reads calendars in a test
#   scripts/tools.sh kustomize  from its Go module, with Go 1.21 or newer (for deploy/kubernetes)
#   scripts/tools.sh python     a Python with what examples/python needs, from PyPI
#
# Exits with 1, after saying why, when it cannot be had.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"

# Debian 12's Go 1.19 compiles this grpcurl; later ones need Go 1.21.
GRPCURL=github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.1
KUSTOMIZE=sigs.k8s.io/kustomize/kustomize/v5@v5.4.3
BUF_VERSION=1.50.0
ICAL_JS_VERSION=2.2.1

# from_go TOOL MODULE: compiles it into .tools/bin, once.
from_go() {
  local tool=$1 module=$2 log=.tools/$1.log
  [[ -x .tools/bin/$tool ]] && return
  if ! command -v go >/dev/null; then
    say "$tool: not here, and no Go to compile it with (scripts/install-deps.sh test brings one)"
    exit 1
  fi
  mkdir -p .tools/bin
  say "Compiling $tool (go install $module)"
  if ! GOBIN=$ROOT/.tools/bin CGO_ENABLED=0 GOFLAGS=-trimpath go install "$module" >"$log" 2>&1; then
    tail -n 5 "$log" >&2
    say "$tool: $(go version) could not compile $module (see above and $log)"
    exit 1
  fi
}

case ${1:-} in
  grpcurl)
    if [[ ! -x .tools/bin/grpcurl ]] && command -v grpcurl; then
      exit 0
    fi
    from_go grpcurl "$GRPCURL"
    echo "$ROOT/.tools/bin/grpcurl"
    ;;
  kustomize)
    from_go kustomize "$KUSTOMIZE"
    echo "$ROOT/.tools/bin/kustomize"
    ;;
  buf)
    if [[ $(.tools/bin/buf --version 2>/dev/null) != "$BUF_VERSION" ]]; then
      if ! command -v npm >/dev/null; then
        say "buf: not here, and no npm to fetch it with (scripts/install-deps.sh check brings one)"
        exit 1
      fi
      mkdir -p .tools/bin
      say "Fetching buf (npm @bufbuild/buf@$BUF_VERSION)"
      if ! npm install --prefix .tools --no-save --no-audit --no-fund \
        "@bufbuild/buf@$BUF_VERSION" >.tools/buf.log 2>&1; then
        tail -n 5 .tools/buf.log >&2
        say "buf: npm could not fetch @bufbuild/buf@$BUF_VERSION (see above and .tools/buf.log)"
        exit 1
      fi
      ln -sf ../node_modules/.bin/buf .tools/bin/buf
    fi
    echo "$ROOT/.tools/bin/buf"
    ;;
  ical.js)
    # Beside buf, in a directory of its own: npm removes there what it was not asked for.
    directory=.tools/ical/node_modules/ical.js
    if [[ $(cat .tools/ical/version 2>/dev/null) != "$ICAL_JS_VERSION" ]]; then
      if ! command -v npm >/dev/null || ! command -v node >/dev/null; then
        say "ical.js: not here, and no npm to fetch it with (scripts/install-deps.sh test brings one)"
        exit 1
      fi
      mkdir -p .tools/ical
      say "Fetching ical.js (npm ical.js@$ICAL_JS_VERSION)"
      if ! npm install --prefix .tools/ical --no-save --no-audit --no-fund \
        "ical.js@$ICAL_JS_VERSION" >.tools/ical.log 2>&1; then
        tail -n 5 .tools/ical.log >&2
        say "ical.js: npm could not fetch ical.js@$ICAL_JS_VERSION (see above and .tools/ical.log)"
        exit 1
      fi
      echo "$ICAL_JS_VERSION" >.tools/ical/version
    fi
    echo "$ROOT/$directory"
    ;;
  python)
    wanted=$(cksum <examples/python/requirements.txt)
    if [[ $(cat .tools/python/entente-requirements 2>/dev/null) != "$wanted" ]]; then
      mkdir -p .tools
      say "Making a Python with examples/python/requirements.txt"
      if ! { python3 -m venv --clear .tools/python &&
        .tools/python/bin/pip install --quiet --disable-pip-version-check \
          --requirement examples/python/requirements.txt; } >.tools/python.log 2>&1; then
        tail -n 5 .tools/python.log >&2
        say "python: the requirements cannot be had (see above and .tools/python.log)"
        exit 1
      fi
      echo "$wanted" >.tools/python/entente-requirements
    fi
    echo "$ROOT/.tools/python/bin/python"
    ;;
  *) die "which tool: grpcurl, buf, ical.js, kustomize or python?" ;;
esac
