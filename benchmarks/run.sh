#!/bin/sh
# Every benchmark, or the ones named: decode, socket, symbols … (see README.md). Ratios of one run.
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
all="decode socket symbols hostile indicators store outbox backtest rules conditions alerts loading webhooks flapping page audit neighbour fanout"
for name in "${@:-all}"; do
  case "$name" in
    socket) .venv/bin/python benchmarks/socket_path.py ;;
    decode) .venv/bin/python benchmarks/decoding.py ;;
    symbols) .venv/bin/python benchmarks/many_symbols.py ;;
    hostile) .venv/bin/python benchmarks/hostile.py ;;
    alerts) .venv/bin/python benchmarks/alerts_path.py 9 1000 100000 ;;
    loading) .venv/bin/python benchmarks/alert_loading.py ;;
    indicators) .venv/bin/python benchmarks/indicators.py ;;
    store) .venv/bin/python benchmarks/alert_store.py ;;
    outbox) .venv/bin/python benchmarks/outbox.py ;;
    audit) .venv/bin/python benchmarks/audit.py ;;
    backtest) .venv/bin/python benchmarks/backtest.py ;;
    rules) .venv/bin/python benchmarks/rules.py ;;
    conditions) .venv/bin/python benchmarks/reading_conditions.py ;;
    webhooks) .venv/bin/python benchmarks/webhooks.py ;;
    flapping) .venv/bin/python benchmarks/flapping.py ;;
    fanout) .venv/bin/python benchmarks/fanout.py ;;
    neighbour) .venv/bin/python benchmarks/neighbour.py ;;
    page) .venv/bin/python benchmarks/page.py ;;
    all) "$0" $all ;;
    *) echo "unknown benchmark '$name'; known: $all all" >&2; exit 2 ;;
  esac
done
