#!/usr/bin/env bash
# Holds every source file against .clang-format, and against .clang-tidy where build/release has its
# compile commands (or the files named on the command line only). Needs clang-format and clang-tidy 14.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

git ls-files '*.h' '*.cc' | xargs clang-format --dry-run -Werror
files=("$@")
if [ ${#files[@]} -eq 0 ]; then mapfile -t files < <(git ls-files '*.cc' ':!tests' ':!bench'); fi
printf '%s\n' "${files[@]}" | xargs -P "$(nproc)" -n 1 clang-tidy -p build/release --quiet --extra-arg=-Wno-unknown-warning-option 2>/dev/null
