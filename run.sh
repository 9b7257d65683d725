#!/bin/sh
# Set up what is missing, then run the demo, or `crypto-analyzer ARGS…`: needs no root, no server and no key.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
uv=$("$root/tools/uv.sh")
export UV_PROJECT_ENVIRONMENT="$root/.venv-run" # apart from the tests', so that neither removes the other's packages
unset VIRTUAL_ENV

[ -x "$UV_PROJECT_ENVIRONMENT/bin/crypto-analyzer" ] || echo "installing crypto-analyzer into .venv-run" >&2
"$uv" sync --quiet --project "$root" --no-default-groups

[ $# -gt 0 ] || set -- demo
exec "$UV_PROJECT_ENVIRONMENT/bin/crypto-analyzer" "$@"
