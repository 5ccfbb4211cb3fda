#!/usr/bin/env bash
# Installs what slotmill needs, and only what is missing: Debian's packages, as root or through sudo, and
# llama.cpp, which Debian 12 doesn't have, by pip into build/python (three minutes on two cores, for this
# machine's processor).
#
#   tools/install.sh [tests] [--cuda | --no-llama]
#
#   tests        what the tests need, too
#   --cuda       llama.cpp for Nvidia GPUs; needs the CUDA toolkit, and the better part of an hour
#   --no-llama   without llama.cpp: models are servers, or patterns
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

llama_version=0.3.36
tests='' llama=cpu
for argument in "$@"; do
  case "$argument" in
    tests) tests=yes ;;
    --cuda) llama=cuda ;;
    --no-llama) llama='' ;;
    *) echo "tools/install.sh: what is $argument?" >&2; exit 2 ;;
  esac
done
# A llama.cpp that CMake finds by itself will do.
installed=$(compgen -G "/usr/lib/*/cmake/llama/llama-config.cmake" || compgen -G "/usr/local/lib/cmake/llama/llama-config.cmake" || true)
if [ "$llama" = cpu ] && [ -n "$installed" ]; then llama=''; fi

packages=(
  # build
  g++ cmake ninja-build ccache pkg-config
  # libraries
  libtbb-dev libcurl4-openssl-dev libsimdjson-dev libre2-dev libyaml-cpp-dev libfmt-dev libcli11-dev
  libicu-dev libopencc-dev libxxhash-dev libkainjow-mustache-dev libexpected-dev liblinear-dev
)
if [ -n "$tests" ]; then
  packages+=(libgtest-dev libgmock-dev libcpp-httplib-dev libssl-dev libnghttp2-dev jq)
fi
if [ -n "$llama" ]; then packages+=(python3-venv); fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done

run_quietly() {
  local log
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "The installation failed; the whole log is $log" >&2
    exit 1
  fi
  rm -f "$log"
}

install_packages() {
  local as_root=()
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "slotmill needs these packages; install them as root and run this again:" >&2
      echo "  apt-get install $*" >&2
      exit 1
    fi
    as_root=(sudo)
  fi
  echo "Installing from Debian's packages: $*"
  run_quietly "${as_root[@]}" apt-get update
  run_quietly "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends "$@"
}

# The Python package carries the sources and builds them; its own code isn't used.
install_llama() {
  local marker="build/python/$1-$llama_version"
  [ ! -e "$marker" ] || return 0
  echo "Building llama.cpp into build/python (a few minutes; with --cuda much longer)"
  rm -rf build/python
  run_quietly python3 -m venv build/python
  local flags=(--no-deps)
  # pip's cache doesn't tell one build from the other.
  [ "$1" = cpu ] || flags+=(--no-cache-dir --no-binary llama-cpp-python)
  local arguments="-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache"
  [ "$1" = cpu ] || arguments+=" -DGGML_CUDA=on"
  CMAKE_ARGS="$arguments" run_quietly build/python/bin/pip install --disable-pip-version-check \
    "${flags[@]}" "llama-cpp-python==$llama_version"
  touch "$marker"
}

[ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
[ -z "$llama" ] || install_llama "$llama"
