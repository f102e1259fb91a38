// The least an IMAP client can do: one connection, one UID FETCH, the mails' bytes passed over.
//
//   bench_fetch_raw PORT CA_FILE USER PASSWORD
#include "bench/tls_line.hpp"

#include <charconv>
#include <cstdio>

namespace {

using postern::bench::give_up;
using postern::bench::TlsLine;

/// The size in a line that ends with "{123}"; 0 otherwise.
std::size_t literal_size(std::string_view line) {
  if (!line.ends_with('}')) return 0;
  const auto open = line.rfind('{');
  std::size_t size = 0;
  std::from_chars(line.data() + open + 1, line.data() + line.size(), size);
  return size;
}

/// Says `command` and reads its answer to the tagged end. Gives how many literals it held.
std::size_t ask(TlsLine& line, const std::string& tag, const std::string& command) {
  line.write(tag + " " + command + "\r\n");
  std::size_t literals = 0;
  while (const auto* answer = line.line()) {
    if (answer->starts_with(tag + " OK")) return literals;
    if (answer->starts_with(tag + " ")) give_up(std::string(*answer));
    if (const auto size = literal_size(*answer); size > 0) {
      line.skip(size);
      ++literals;
    }
  }
  give_up("the server closed the line");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) give_up("usage: bench_fetch_raw PORT CA_FILE USER PASSWORD");
  using namespace postern::bench;
  const auto context = client_context(argv[2]);
  const double begun = wall_seconds();
  TlsLine line(connect_loopback(port_of(argv[1])));
  line.connect_tls(context.get());
  line.line();
  ask(line, "a", std::string("LOGIN ") + argv[3] + " " + argv[4]);
  ask(line, "b", "EXAMINE INBOX");
  const auto mails =
      ask(line, "c", "UID FETCH 1:* (UID INTERNALDATE RFC822.SIZE FLAGS BODY.PEEK[])");
  std::printf("{\"mails\":%zu,\"seconds\":%.4f,\"cpu\":%.3f}\n", mails, wall_seconds() - begun,
              cpu_seconds());
}
