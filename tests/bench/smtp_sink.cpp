// An SMTP server that only counts: STARTTLS, AUTH, PIPELINING, 250 at once, a thread a connection.
// At SIGTERM it tells how many mails it took. On its second port it tells whoever connects how many
// there are so far, and when (of the monotonic clock) the last one came.
//
//   bench_smtp_sink PORT CERTIFICATE_FILE KEY_FILE [CONTROL_PORT]
#include "bench/tls_line.hpp"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <string>
#include <thread>

namespace {

using postern::bench::TlsLine;

std::atomic<std::size_t> mails = 0;
std::atomic<double> last = 0;

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
      last = postern::bench::wall_seconds();
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

void tell_all(int listening) {
  for (;;) {
    const int fd = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) postern::bench::give_up("accept");
    const auto count = mails.load();  // before the time: that may only be too late
    const auto text = std::to_string(count) + " " + std::to_string(last.load()) + "\n";
    ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    ::close(fd);
  }
}

}  // namespace

int main(int argc, char** argv) {
  using namespace postern::bench;
  if (argc < 4 || argc > 5) {
    give_up("usage: bench_smtp_sink PORT CERTIFICATE_FILE KEY_FILE [CONTROL_PORT]");
  }
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  const auto context = server_context(argv[2], argv[3]);
  const int listening = listen_loopback(port_of(argv[1]));
  std::thread(accept_all, listening, context.get()).detach();
  if (argc == 5) std::thread(tell_all, listen_loopback(port_of(argv[4]))).detach();
  int signal = 0;
  ::sigwait(&ends, &signal);
  std::printf("{\"mails\":%zu,\"cpu\":%.3f}\n", mails.load(), cpu_seconds());
  std::fflush(stdout);
  ::_exit(0);
}
