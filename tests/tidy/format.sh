#!/bin/sh
# Fails when a C++ file is not as .clang-format wants it. With --fix: makes it so.
#   tests/tidy/format.sh [CLANG_FORMAT] [--fix]
set -eu
format=clang-format-16
act="--dry-run -Werror"
for argument in "$@"; do
  case "$argument" in
    --fix) act=-i ;;
    *) format=$argument ;;
  esac
done
cd "$(dirname "$0")/../.."
# $act is two words or one
# shellcheck disable=SC2086
python3 -B tests/tidy/tidy.py . --list | xargs "$format" $act
