#!/usr/bin/env bash
# From a bare Debian 12 machine to a data set: installs what is missing, builds, and runs the example
# job examples/meeting-room into out/meeting-room. Run it again at any time; nothing is done twice.
# Arguments go to tools/install.sh: --cuda for models on Nvidia GPUs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

./tools/install.sh "$@"
if [ ! -f build/release/build.ninja ]; then
  echo "Configuring build/release"
  cmake --preset release -DBUILD_TESTING=OFF >/dev/null
fi
echo "Building build/release/cli/slotmill (a few minutes the first time)"
cmake --build --preset release --target slotmill

echo "Running examples/meeting-room/job.yaml"
./build/release/cli/slotmill run examples/meeting-room/job.yaml

cat <<'END'

The data set is in out/meeting-room/releases/latest; look at it:
  head -n 3 out/meeting-room/releases/latest/train.swift.jsonl
Next: make a job of your own with ./build/release/cli/slotmill init my-assistant
END
