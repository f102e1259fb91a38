// The least a pipelining SMTP client can do: some connections, the next mail's MAIL, RCPT and DATA
// right behind the final dot of the last, so that each mail costs one round trip.
//
//   bench_smtp_raw PORT CA_FILE CONNECTIONS MAILS SIZE_BYTES
#include "bench/tls_line.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace {

using namespace postern::bench;

std::string body_of(std::size_t size) {
  std::string body =
      "From: a@bench.test\r\nTo: b@bench.test\r\nSubject: a mail of the benchmark\r\n\r\n";
  while (body.size() < size) body += std::string(74, 'x') + "\r\n";
  return body;
}

void expect(TlsLine& line, std::string_view code) {
  for (;;) {
    const auto* reply = line.line();
    if (reply == nullptr) give_up("the server closed the line");
    if (!reply->starts_with(code)) give_up(std::string(*reply));
    if (reply->size() == 3 || (*reply)[3] == ' ') return;
  }
}

void say(TlsLine& line, const std::string& command, std::string_view code) {
  line.write(command + "\r\n");
  expect(line, code);
}

void send_some(std::uint16_t port, SSL_CTX* context, std::atomic<long>& left,
               const std::string& body) {
  TlsLine line(connect_loopback(port));
  expect(line, "220");
  say(line, "EHLO client.test", "250");
  say(line, "STARTTLS", "220");
  line.connect_tls(context);
  say(line, "EHLO client.test", "250");
  say(line, "AUTH PLAIN AGEAYg==", "235");
  const std::string begin = "MAIL FROM:<a@bench.test>\r\nRCPT TO:<b@bench.test>\r\nDATA\r\n";
  if (--left < 0) return;
  line.write(begin);
  for (bool more = true; more;) {
    expect(line, "250");
    expect(line, "250");
    expect(line, "354");
    more = --left >= 0;
    line.write(body + ".\r\n" + (more ? begin : "QUIT\r\n"));
    expect(line, "250");
  }
  expect(line, "221");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) give_up("usage: bench_smtp_raw PORT CA_FILE CONNECTIONS MAILS SIZE_BYTES");
  const auto context = client_context(argv[2]);
  const long mails = std::atol(argv[4]);
  const auto body = body_of(static_cast<std::size_t>(std::atol(argv[5])));
  std::atomic<long> left = mails;
  const double begun = wall_seconds();
  std::vector<std::thread> threads;
  for (int i = 0; i < std::atoi(argv[3]); ++i) {
    threads.emplace_back(send_some, port_of(argv[1]), context.get(), std::ref(left),
                         std::cref(body));
  }
  for (auto& thread : threads) thread.join();
  std::printf("{\"mails\":%ld,\"seconds\":%.4f,\"cpu\":%.3f}\n", mails, wall_seconds() - begun,
              cpu_seconds());
}
