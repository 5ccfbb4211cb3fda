#!/usr/bin/env bash
# Installs what is missing, builds everything, and passes all tests.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

./tools/install.sh tests
cmake --preset release -DBUILD_TESTING=ON >/dev/null
cmake --build --preset release
exec ctest --preset release
