#!/usr/bin/env bash
# Makes .venv and what it stands on. Usage: packaging/setup.sh run|test. Quick when nothing changed.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-run}
lock=packaging/lock/$kind.txt
stamp=.venv/.set-up-$kind
want=$(cat packaging/apt/run.txt packaging/apt/"$kind".txt "$lock" | sha256sum | cut -d' ' -f1)
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ]; then exit 0; fi

say() { printf '\033[1m== %s\033[0m\n' "$*" >&2; }

apt_missing() {
  local name
  for name in $(cat packaging/apt/run.txt packaging/apt/"$kind".txt | grep -v '^#' | sort -u); do
    dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed || printf '%s ' "$name"
  done
}

missing=$(apt_missing)
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ]; then as=
  elif sudo -n true 2>/dev/null; then as="sudo -n"
  else
    say "These Debian packages are missing and there is no way to become root. Please run, then try again:"
    echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends $missing" >&2
    exit 1
  fi
  say "1/3 Debian packages: $missing"
  $as apt-get update -q >&2
  $as env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >&2
fi

if ! [ -x .venv/bin/python ]; then
  say "2/3 virtual environment"
  python3 -m venv .venv
fi
say "3/3 Python packages ($lock), about 200 MB the first time"
.venv/bin/python -m pip --disable-pip-version-check install --no-deps --require-hashes --no-input --progress-bar off --quiet -r "$lock"
echo "$want" > "$stamp"
if [ "$kind" = test ]; then cat packaging/apt/run.txt packaging/apt/run.txt packaging/lock/run.txt | sha256sum | cut -d' ' -f1 > .venv/.set-up-run; fi
say "set-up done"
