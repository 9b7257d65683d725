#!/bin/sh
# Set up what is missing, then judge the code and run the whole suite.
#   ./test.sh            everything but the campaigns
#   ./test.sh --long     the campaigns too: kills, storms, soak
#   ./test.sh -k NAME    only pytest, with these arguments
set -eu

cd -- "$(dirname -- "$0")"
unset VIRTUAL_ENV UV_PROJECT_ENVIRONMENT

step() { # NAME COMMAND…: run quietly, say how long it took; on failure show what it said
  name=$1 started=$(date +%s)
  shift
  printf '%-14s' "$name"
  if said=$("$@" 2>&1); then
    printf 'ok    %3d s\n' "$(($(date +%s) - started))"
  else
    printf 'FAILED %2d s\n%s\n' "$(($(date +%s) - started))" "$said"
    exit 1
  fi
}

has_chromium() {
  command -v chromium || command -v chromium-browser || command -v google-chrome
}

install_chromium() {
  if [ "$(id -u)" = 0 ] && command -v apt-get; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium
  else
    echo "The dashboard's tests need Chromium: install your system's chromium package, or run once as root."
    false
  fi
}

uv=$(tools/uv.sh)
step install "$uv" sync --quiet
has_chromium >/dev/null || step chromium install_chromium

bin=.venv/bin
case "$*" in
  "" | --long)
    step lint "$bin/ruff" check
    step format "$bin/ruff" format --check
    step types "$bin/mypy"
    step rooms "$bin/lint-imports"
    ;;
esac

started=$(date +%s) status=0
"$bin/pytest" -q -n 2 --dist loadgroup "$@" || status=$?
printf '%-14s%s %3d s\n' tests "$([ $status = 0 ] && echo "ok   " || echo FAILED)" "$(($(date +%s) - started))"
exit $status
