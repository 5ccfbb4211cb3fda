#!/usr/bin/env bash
# Builds llama-server, the peer in bench/llama.py, from the sources that the Python package of
# tools/install.sh carries: the same llama.cpp as slotmill's, for the same processor. A download of 76 MB and
# some eight minutes on one core; ninja goes on where it was stopped.
#
#   bench/llama_server.sh [DIRECTORY]      # build/llama-server; the program is DIRECTORY/bin/llama-server
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=$(sed -n 's/^llama_version=//p' tools/install.sh)
directory=${1:-build/llama-server}
source=$directory/llama_cpp_python-$version
mkdir -p "$directory"

if [ ! -d "$source" ]; then
  [ -x build/python/bin/pip ] || python3 -m venv build/python
  build/python/bin/pip download --disable-pip-version-check --quiet --no-deps --no-binary llama-cpp-python \
    --dest "$directory" "llama-cpp-python==$version"
  tar -xzf "$source.tar.gz" -C "$directory"
fi

# Without the web page: its parts would be downloaded.
cmake -S "$source/vendor/llama.cpp" -B "$directory" -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DLLAMA_BUILD_TOOLS=ON -DLLAMA_BUILD_SERVER=ON -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF \
  -DLLAMA_BUILD_APP=OFF -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF -DLLAMA_OPENSSL=OFF
nice -n 10 ninja -C "$directory" -j1 llama-server
echo "$directory/bin/llama-server"
