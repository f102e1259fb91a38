#!/bin/sh
# clang-tidy over the files that differ from a commit, or over all (clang_tidy_all.py).
#   tests/tidy/clang_tidy.sh BUILD_DIR [--all | COMMIT]      (COMMIT: HEAD)
# BUILD_DIR has a compile_commands.json (every preset makes one; --all needs it configured alone).
set -eu
build=${1:?usage: clang_tidy.sh BUILD_DIR [--all | COMMIT]}
build=$(cd "$build" && pwd)
since=${2:-HEAD}
cd "$(dirname "$0")/../.."
test -f "$build/compile_commands.json" || {
  echo "clang_tidy.sh: $build has no compile_commands.json" >&2
  exit 66
}
[ "$since" != --all ] || exec python3 -B tests/tidy/clang_tidy_all.py "$build"
files=$(git diff --name-only --diff-filter=d "$since" -- '*.cpp' ':!tests')
test -n "$files" || exit 0
printf '%s\n' "$files" | xargs -P 2 -n 4 clang-tidy-16 -p "$build" --quiet --warnings-as-errors='*'
