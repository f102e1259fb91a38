#!/bin/sh
# cppcheck over all folders; what it says wrongly stands, with the reason, in cppcheck.txt.
#   tests/tidy/cppcheck.sh [FOLDER...]
# By hand, as clang_tidy.sh is: it takes a minute or more, and CI has the compilers' own checks.
set -eu
cd "$(dirname "$0")/../.."
command -v cppcheck >/dev/null || {
  echo "cppcheck.sh: cppcheck is not installed" >&2
  exit 69
}
[ $# -gt 0 ] || set -- storage oauth gateway web
list=$(mktemp)
trap 'rm -f "$list"' EXIT
grep -v '^#' tests/tidy/cppcheck.txt >"$list"
cppcheck --std=c++20 --language=c++ --enable=warning,performance,portability --inline-suppr \
  --suppressions-list="$list" --library=posix,boost,openssl,sqlite3 -I. -Igateway --quiet \
  --error-exitcode=1 -j 2 "$@"
