#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# docs_test.py with the Python that is here: $ENTENTE_PYTHON, else python3.
python=${ENTENTE_PYTHON:-python3}
if ! command -v "$python" >/dev/null; then
  echo "NOT RUN: the check \"$1\" of the documents; there is no $python"
  exit 77
fi
exec "$python" "$(dirname "$0")/docs_test.py" "$@"
