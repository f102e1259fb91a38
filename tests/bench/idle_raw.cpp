// The least an IMAP client can do that waits for mail: a thread an account, each in IDLE over TLS.
// Says "ready" when all wait, then a line whenever an account is told of mails: its number, how
// many mails there are, when (of the monotonic clock).
//
//   bench_idle_raw PORT CA_FILE ACCOUNTS_FILE     (a line an account: the login, a blank, the
//   password)
#include "bench/tls_line.hpp"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <thread>

namespace {

using namespace postern::bench;

std::atomic<std::size_t> waiting = 0;

void expect(TlsLine& line, std::string_view begin) {
  while (const auto* text = line.line()) {
    if (text->starts_with(begin)) return;
  }
  give_up("the server closed the line before " + std::string(begin));
}

/// Of "* 12 EXISTS"; negative for any other line.
long exists(std::string_view line) {
  if (!line.starts_with("* ") || !line.ends_with(" EXISTS")) return -1;
  long count = -1;
  std::from_chars(line.data() + 2, line.data() + line.size(), count);
  return count;
}

void wait_for_mail(std::size_t account, std::uint16_t port, SSL_CTX* context,
                   const std::string& login) {
  TlsLine line(connect_loopback(port));
  line.connect_tls(context);
  expect(line, "* OK");
  line.write("a LOGIN " + login + "\r\nb EXAMINE INBOX\r\n");
  expect(line, "b OK");
  line.write("c IDLE\r\n");
  expect(line, "+");
  ++waiting;
  while (const auto* text = line.line()) {
    const long mails = exists(*text);
    if (mails < 0) continue;
    std::printf("%zu %ld %.6f\n", account, mails, wall_seconds());
    std::fflush(stdout);
  }
  give_up("the server closed the line");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) give_up("usage: bench_idle_raw PORT CA_FILE ACCOUNTS_FILE");
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  const auto context = client_context(argv[2]);
  std::ifstream file(argv[3]);
  std::size_t accounts = 0;
  for (std::string login; std::getline(file, login); ++accounts) {
    std::thread(wait_for_mail, accounts, port_of(argv[1]), context.get(), login).detach();
    while (waiting < accounts + 1)
      ::usleep(1000);  // one after the other: the server is not hurried
  }
  std::printf("ready\n");
  std::fflush(stdout);
  int signal = 0;
  ::sigwait(&ends, &signal);
  ::_exit(0);
}
