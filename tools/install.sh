#!/usr/bin/env bash
# Installs what slotmill needs from Debian's packages, and only what is missing. As root, or through
# sudo. Sourced or run by quickstart.sh and test.sh.
set -euo pipefail

packages=(
  # build
  g++ cmake ninja-build ccache pkg-config
  # libraries
  libtbb-dev libcurl4-openssl-dev libsimdjson-dev libre2-dev libyaml-cpp-dev libfmt-dev libcli11-dev
  libicu-dev libopencc-dev libxxhash-dev libkainjow-mustache-dev libexpected-dev
)
if [ "${1:-}" = tests ]; then packages+=(libgtest-dev libgmock-dev jq); fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ]; then
  as_root=()
elif command -v sudo >/dev/null; then
  as_root=(sudo)
else
  echo "slotmill needs these packages; install them as root and run this again:" >&2
  echo "  apt-get install ${missing[*]}" >&2
  exit 1
fi
echo "Installing from Debian's packages: ${missing[*]}"
log=$(mktemp)
if ! { "${as_root[@]}" apt-get update &&
       "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
         apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -n 20 "$log" >&2
  echo "The installation failed; the whole log is $log" >&2
  exit 1
fi
rm -f "$log"
