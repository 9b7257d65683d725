#!/bin/sh
# Every benchmark, or the ones named: socket decode symbols hostile indicators store … Ratios of one run; see README.md.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
uv=$("$root/tools/uv.sh")
cd "$root"
UV_PROJECT_ENVIRONMENT="$root/.venv" "$uv" sync -q
if [ -z "${PEER_PYTHON:-}" ]; then
  peers="$root/.venv-peers"
  if [ ! -x "$peers/bin/python" ]; then
    echo "setting up the peers: cryptofeed, ccxt (once)" >&2
    "$uv" venv -q --seed "$peers" --python 3.11
    "$peers/bin/pip" install -q cryptofeed ccxt uvloop
  fi
  PEER_PYTHON="$peers/bin/python"
fi
export PEER_PYTHON PYTHONPATH="$here"
for name in "${@:-all}"; do
  case "$name" in
    socket) .venv/bin/python benchmarks/socket_path.py ;;
    decode) .venv/bin/python benchmarks/decoding.py ;;
    symbols) .venv/bin/python benchmarks/many_symbols.py ;;
    hostile) .venv/bin/python benchmarks/hostile.py ;;
    indicators) .venv/bin/python benchmarks/indicators.py ;;
    store) .venv/bin/python benchmarks/alert_store.py ;;
    all) "$0" decode && "$0" socket && "$0" symbols && "$0" hostile ;;
    *) echo "unknown benchmark '$name'; known: socket decode symbols hostile all" >&2; exit 2 ;;
  esac
done
