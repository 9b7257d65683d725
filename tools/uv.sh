#!/bin/sh
# Print the path of a fitting uv: the one on the path, else our own in .tools, installed on the first call.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
tools=$root/.tools

fits() {
  case $("$1" --version 2>/dev/null) in "uv 0.13."*) true ;; *) false ;; esac
}

fail() {
  rm -rf "$tools"
  printf '%s\n' "$@" >&2
  exit 1
}

if fits uv; then
  command -v uv
  exit
fi
if ! fits "$tools/bin/uv"; then
  python=${PYTHON:-python3}
  echo "installing uv into .tools" >&2
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "Python 3.11 or newer is needed; name one: PYTHON=python3.12 $0"
  "$python" -m venv --clear "$tools" >&2 ||
    fail "Python's venv module is needed (Debian: apt install python3-venv), or uv 0.13 on the path"
  "$tools/bin/python" -m pip install --quiet --disable-pip-version-check "uv>=0.13,<0.14" >&2 ||
    fail "uv could not be installed: is the package registry reachable?"
fi
echo "$tools/bin/uv"
