# shellcheck shell=bash disable=SC2034
# What deploy/start and deploy/test share: telling what happens, installing what is missing,
# running long steps with their progress. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

heartbeat_s=15   # how often a long step tells how far it is
log_tail_lines=40

# Keep in step with what CMakeLists.txt looks for.
build_packages=(
  ca-certificates ccache clang-16 cmake libarchive-dev libboost-json1.81-dev
  libboost-system1.81-dev libboost-url1.81-dev libboost1.81-dev libc-ares-dev libcli11-dev libfmt-dev
  libhowardhinnant-date-dev libidn2-dev libre2-dev libspdlog-dev libsqlite3-dev libsqlitecpp-dev
  libssl-dev libtomlplusplus-dev libvmime-dev libxml2-dev lld-16 ninja-build openssl pkg-config
  prometheus-cpp-dev tzdata zlib1g-dev
)
mail_packages=(curl dovecot-core dovecot-imapd dovecot-lmtpd dovecot-pop3d openssl postfix)
test_packages=(
  chromium clang-format-16 clang-tidy-16 libbenchmark-dev libclang-rt-16-dev libgmock-dev
  libgtest-dev
  iproute2 libfaketime libnet-ssleay-perl msmtp prometheus python3 sqlite3 strace swaks systemd
)

say() { printf '%s\n' "$*"; }

fail() {
  printf '\n%s: %s\n' "$(basename "$0")" "$1" >&2
  shift
  [ $# -eq 0 ] || printf '  %s\n' "$@" >&2
  exit 1
}

seconds_as_text() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); }

# step TEXT COMMAND...: runs it with its output in a file; tells every few seconds how far it is
# (the output's last line), and shows the end of the output when it fails.
step() {
  local text=$1 started=$SECONDS log code=0 told=$SECONDS
  shift
  log=$(mktemp "${TMPDIR:-/tmp}/postern-step-XXXXXX")
  say "==> $text"
  # A process group of its own, so that end_step reaches what the command has started.
  set -m
  "$@" >"$log" 2>&1 </dev/null &
  step_pid=$!
  set +m
  while kill -0 "$step_pid" 2>/dev/null; do
    sleep 0.2
    if [ $((SECONDS - told)) -ge $heartbeat_s ]; then
      told=$SECONDS
      say "    $(seconds_as_text $((SECONDS - started))) $(tail -n 1 "$log" | cut -c1-110)"
    fi
  done
  wait "$step_pid" || code=$?
  step_pid=
  if [ "$code" -ne 0 ]; then
    printf '\n--- the last lines of: %s\n' "$*" >&2
    tail -n $log_tail_lines "$log" >&2
    say "    failed after $(seconds_as_text $((SECONDS - started))); all of its output: $log" >&2
    failed_log=$log
    return "$code"
  fi
  rm -f "$log"
  say "    done in $(seconds_as_text $((SECONDS - started)))"
}

# Ends the step that is under way, with all it has started, when the script itself is ended.
end_step() { [ -z "${step_pid:-}" ] || kill -- "-$step_pid" 2>/dev/null || true; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

is_installed() {
  [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Runs apt-get install while nothing that is installed may start a service of its own.
apt_install() (
  set -eu
  guard=/usr/sbin/policy-rc.d
  if [ ! -e $guard ]; then
    trap 'as_root rm -f $guard' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee $guard >/dev/null
    as_root chmod 755 $guard
  fi
  # Asked for by Postfix alone: leave the system's own mail configuration empty.
  echo 'postfix postfix/main_mailer_type select No configuration' | as_root debconf-set-selections
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q -y \
    install --no-install-recommends "$@"
)

check_removals() {
  local removals
  removals=$(apt-get -q --simulate install --no-install-recommends "$@" 2>&1 |
    sed -n 's/^Remv \([^ ]*\).*/\1/p' | tr '\n' ' ')
  [ -z "$removals" ] || [ "${CI:-}" = true ] || [ "${POSTERN_ALLOW_REMOVALS:-}" = 1 ] ||
    fail "to install what is missing, apt would remove: $removals" \
      "If that is all right, run it again with POSTERN_ALLOW_REMOVALS=1."
}

# install_missing PACKAGE...: installs those that are not there; asks for nothing when all are.
install_missing() {
  local missing=() package
  command -v dpkg-query >/dev/null || fail "this is no Debian or Ubuntu: dpkg is missing" \
    "Install these by hand (their Debian names), then set POSTERN_SKIP_PACKAGES=1: $*"
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "packages are missing, and there is no sudo to install them" \
      "As root: apt-get install --no-install-recommends ${missing[*]}"
    say "Packages are missing; sudo may ask for your password to install them."
    sudo -v || fail "sudo did not let you install packages" \
      "As root: apt-get install --no-install-recommends ${missing[*]}"
  fi
  step "Reading the list of packages (apt-get update)" as_root apt-get -q update ||
    fail "apt-get update failed: is there a network, and are the sources in /etc/apt right?"
  check_removals "${missing[@]}"
  step "Installing: ${missing[*]}" apt_install "${missing[@]}" ||
    fail "the packages could not be installed (see above)"
}

# What is missing to run JavaScript: Node may be there without being Debian's package.
node_packages() {
  command -v node >/dev/null || echo nodejs
  command -v npm >/dev/null || echo npm
}

# Postfix and Dovecot want to be started by root; tests/interop/as-root gives an ordinary user that
# in a user namespace, for which newuidmap is needed.
namespace_packages() {
  [ "$(id -u)" = 0 ] || command -v newuidmap >/dev/null || echo uidmap
}

# What the page is made with; nothing is asked of the network when it is there already.
fetch_page_modules() {
  [ ! "$root/web/node_modules/.package-lock.json" -nt "$root/web/package-lock.json" ] || return 0
  command -v npm >/dev/null || fail "npm is missing, and the page's modules are not in web/node_modules"
  step "Fetching the page's modules (npm ci)" \
    npm ci --prefix "$root/web" --no-audit --no-fund --ignore-scripts ||
    fail "npm ci failed: is there a network?"
}

# build PRESET [TARGET]: with a target, the program alone, and nothing that tests need.
build() {
  fetch_page_modules
  step "Configuring ($1)" cmake --preset "$1" "-DPOSTERN_TESTS=$([ $# -gt 1 ] && echo OFF || echo ON)" ||
    fail "cmake found something missing (see above)"
  local building="Building ($1${2:+, $2})"
  if ! step "$building; the first time takes minutes" \
    cmake --build --preset "$1" ${2:+--target "$2"}; then
    # A package that was upgraded keeps its files' old times: nothing but the compiler sees that a
    # precompiled header no longer fits them.
    grep -q 'modified since the precompiled header' "$failed_log" || fail "the build failed (see above)"
    find "$root/build/$1" -name '*.pch' -delete
    step "$building anew: headers of the system have changed" \
      cmake --build --preset "$1" ${2:+--target "$2"} || fail "the build failed (see above)"
  fi
}

# Whether someone listens on HOST PORT.
is_taken() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

# Whether the program at HOST PORT answers 200 at /readyz.
is_ready() (
  exec 2>/dev/null 3<>"/dev/tcp/$1/$2" || exit 1
  printf 'GET /readyz HTTP/1.0\r\nHost: %s\r\n\r\n' "$1" >&3
  read -r -t 2 status <&3
  [[ $status == *" 200"* ]]
)
