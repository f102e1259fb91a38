#!/bin/sh
# clang-tidy over the files that differ from a commit, or over all.
#   tests/tidy/clang_tidy.sh BUILD_DIR [--all | COMMIT]      (COMMIT: HEAD)
# BUILD_DIR has a compile_commands.json (every preset makes one).
set -eu
build=${1:?usage: clang_tidy.sh BUILD_DIR [--all | COMMIT]}
build=$(cd "$build" && pwd)
since=${2:-HEAD}
cd "$(dirname "$0")/../.."
test -f "$build/compile_commands.json" || {
  echo "clang_tidy.sh: $build has no compile_commands.json" >&2
  exit 66
}
if [ "$since" = --all ]; then
  files=$(git ls-files 'gateway/*.cpp' 'storage/*.cpp' 'oauth/*.cpp' 'web/*.cpp')
else
  files=$(git diff --name-only --diff-filter=d "$since" -- '*.cpp' ':!tests')
fi
test -n "$files" || exit 0
printf '%s\n' "$files" | xargs -P 2 -n 4 clang-tidy-16 -p "$build" --quiet --warnings-as-errors='*'
