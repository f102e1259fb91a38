// An SMTP server that only counts: STARTTLS, AUTH, PIPELINING, 250 at once, a thread a connection.
// At SIGTERM it tells how many mails it took.
//
//   bench_smtp_sink PORT CERTIFICATE_FILE KEY_FILE
#include "bench/tls_line.hpp"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <thread>

namespace {

using postern::bench::TlsLine;

std::atomic<std::size_t> mails = 0;

bool take_body(TlsLine& line) {
  while (const auto* text = line.line()) {
    if (*text == ".") return true;
  }
  return false;
}

std::string ehlo_reply(bool tls) {
  std::string reply = "250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE 100000000\r\n";
  return reply + (tls ? "250 AUTH PLAIN LOGIN\r\n" : "250 STARTTLS\r\n");
}

/// Answers are kept while more commands wait, and leave together (RFC 2920).
void serve(int fd, SSL_CTX* context) {
  TlsLine line(fd);
  bool tls = false;
  std::string replies = "220 sink ESMTP\r\n";
  for (;;) {
    if (!replies.empty() && !line.line_waits()) {
      line.write(replies);
      replies.clear();
    }
    const auto* command = line.line();
    if (command == nullptr) return;
    if (command->starts_with("MAIL") || command->starts_with("RCPT")) {
      replies += "250 2.1.0 OK\r\n";
    } else if (command->starts_with("DATA")) {
      line.write(replies + "354 go on\r\n");
      replies.clear();
      if (!take_body(line)) return;
      ++mails;
      replies += "250 2.0.0 taken\r\n";
    } else if (command->starts_with("EHLO")) {
      replies += ehlo_reply(tls);
    } else if (command->starts_with("STARTTLS")) {
      line.write("220 2.0.0 go on\r\n");
      line.accept_tls(context);
      tls = true;
    } else if (command->starts_with("AUTH")) {
      replies += "235 2.7.0 welcome\r\n";
    } else if (command->starts_with("QUIT")) {
      line.write(replies + "221 2.0.0 bye\r\n");
      return;
    } else {
      replies += "250 2.0.0 OK\r\n";
    }
  }
}

void accept_all(int listening, SSL_CTX* context) {
  for (;;) {
    const int fd = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) postern::bench::give_up("accept");
    std::thread(serve, fd, context).detach();
  }
}

}  // namespace

int main(int argc, char** argv) {
  using namespace postern::bench;
  if (argc != 4) give_up("usage: bench_smtp_sink PORT CERTIFICATE_FILE KEY_FILE");
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  const auto context = server_context(argv[2], argv[3]);
  const int listening = listen_loopback(port_of(argv[1]));
  std::thread(accept_all, listening, context.get()).detach();
  int signal = 0;
  ::sigwait(&ends, &signal);
  std::printf("{\"mails\":%zu,\"cpu\":%.3f}\n", mails.load(), cpu_seconds());
  std::fflush(stdout);
  ::_exit(0);
}
