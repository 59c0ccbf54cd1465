#!/usr/bin/env bash
# Makes .venv and installs what it stands on. Usage: packaging/setup.sh run|test. Does nothing when nothing changed.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-run}
lock=packaging/lock/$kind.txt
[ -f "$lock" ] || { echo "usage: packaging/setup.sh run|test" >&2; exit 1; }
need_mb=1500
beat_s=${SET_UP_BEAT:-10}

stamp_of() {
  { echo "$PWD"; cat packaging/apt/run.txt packaging/apt/demo.txt "packaging/apt/$1.txt" packaging/lock/build.txt "packaging/lock/$1.txt"
    [ "$1" = run ] || cat tests/receiptio/package-lock.json; } | sha256sum
}
done_already() { [ -x .venv/bin/python ] && [ "$(cat ".venv/.set-up-$kind" 2>/dev/null)" = "$(stamp_of "$kind")" ]; }
if done_already; then exit 0; fi

say() { printf '== %s\n' "$*" >&2; }
give_up() { say "$@"; exit 1; }

# Two set-ups of one checkout wait for each other.
exec 9<packaging/setup.sh
flock -n 9 || { say "another set-up of this checkout runs; waiting for it"; flock 9; }
if done_already; then exit 0; fi

log=$(mktemp -t campus-set-up.XXXXXX)
beat=''
trap 'kill "$beat" 2>/dev/null || true' EXIT

# watched TITLE COMMAND…: a line now, one every few seconds, and what went wrong in words.
watched() {
  local title=$1 began=$SECONDS code=0
  shift
  say "$title"
  {
    exec {never}<> <(:)
    while true; do
      read -rt "$beat_s" -u "$never" || true
      kill -0 $$ 2>/dev/null || exit 0
      say "   … $((SECONDS - began)) s: $(tail -n 1 "$log" | tr -d '\r' | cut -c 1-90)"
    done
  } 9<&- &
  beat=$!
  "$@" >>"$log" 2>&1 </dev/null 9<&- || code=$?
  { kill "$beat" && wait "$beat"; } 2>/dev/null || true
  beat=''
  [ "$code" = 0 ] || explain "$title" "$code"
}

explain() {
  tail -n 15 "$log" >&2
  if grep -qi 'no space left on device' "$log"; then
    say "The disk is full: $(free_mb .) MB free here, $(free_mb "${TMPDIR:-/tmp}") MB in ${TMPDIR:-/tmp}; about $need_mb MB are needed."
  elif grep -qiE 'name resolution|could not resolve|network is unreachable|connection (refused|timed out|failed)|failed to fetch|newconnectionerror|read timed out|no matching distribution' "$log"; then
    say "The network, or the package server behind it, cannot be reached. Try again when it is there; what was fetched is kept."
  elif grep -qi 'do not match the hashes' "$log"; then
    say "A package is not the one that $lock names: do not use it; ask where your package server has it from."
  fi
  give_up "Set-up stopped at: $1 (exit $2). All that was said: $log"
}

free_mb() { df -Pm "$1" | awk 'NR == 2 { print $4 }'; }

missing_from() {
  local name
  for name in $(grep -hv '^#' "$1" | sort -u); do
    dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed || printf '%s ' "$name"
  done
}

install_debian() {
  command -v dpkg-query >/dev/null || { say "Not a Debian system: the packages of packaging/apt are yours to install."; return; }
  local needed wanted='' as=()
  needed=$(missing_from packaging/apt/run.txt)
  wanted=$(missing_from packaging/apt/demo.txt)
  [ "$kind" = run ] || wanted+=$(missing_from "packaging/apt/$kind.txt")
  # npm may be there without Debian's package of it, and the two do not go together
  [ "$kind" = run ] || command -v npm >/dev/null || wanted+='npm '
  [ -n "$needed$wanted" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    if sudo -n true 2>/dev/null; then as=(sudo -n); else ask_for_root "$needed" "$wanted"; return; fi
  fi
  # A stale list is good enough, and another set-up may hold the lock: only the install must succeed.
  watched "1/3 Debian package lists" sh -c '"$@" || true' sh "${as[@]}" apt-get update -q
  # shellcheck disable=SC2046,SC2086
  watched "1/3 Debian packages: $(echo $needed $wanted)" "${as[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends $needed $wanted
}

ask_for_root() {
  say "Debian packages are missing and this is not root. Please run:"
  echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends $1$2" >&2
  [ -z "$1" ] || exit 1
  say "They only serve tests, and the A4 printer of the demonstration: going on, what needs them is left out."
}

python3_of_311() {
  local python
  for python in python3.11 python3; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$python"; return; fi
  done
  give_up "Python 3.11 or newer is needed; 'python3' here is $(python3 --version 2>&1 || true)."
}

make_venv() {
  if .venv/bin/python -m pip --version >/dev/null 2>&1 && [ "$(cat .venv/.made-for 2>/dev/null)" = "$PWD" ]; then return; fi
  local python
  python=$(python3_of_311)
  "$python" -c 'import ensurepip' 2>/dev/null || give_up "Python's venv is missing. Please run: sudo apt-get install -y python3-venv"
  rm -rf .venv
  watched "2/3 virtual environment" "$python" -m venv .venv
  echo "$PWD" > .venv/.made-for
}

# A foreign host for the simulated printer; without it its tests are skipped.
install_receiptio() {
  command -v npm >/dev/null || { say "There is no npm: the tests against receiptio are skipped."; return; }
  (watched "3/3 receiptio" npm ci --prefix tests/receiptio --ignore-scripts --no-audit --no-fund --no-update-notifier --fetch-retries 1) ||
    say "receiptio could not be fetched: its tests are skipped."
}

install_debian
make_venv
free=$(free_mb .)
[ "$free" -ge "$need_mb" ] || [ -e .venv/.set-up-run ] || give_up "The disk is nearly full: $free MB free here, about $need_mb MB are needed."
pip_install=(.venv/bin/python -m pip --disable-pip-version-check install
  --no-deps --require-hashes --only-binary :all: --no-input --progress-bar off)
watched "3/3 build tools" "${pip_install[@]}" -r packaging/lock/build.txt
# the face models come as a source package of plain files: nothing is compiled
watched "3/3 Python packages of $lock" "${pip_install[@]}" --no-binary face-recognition-models --no-build-isolation -r "$lock"
[ "$kind" = run ] || install_receiptio
stamp_of run > .venv/.set-up-run
[ "$kind" = run ] || stamp_of "$kind" > ".venv/.set-up-$kind"
rm -f "$log"
say "set-up done in $SECONDS s"
