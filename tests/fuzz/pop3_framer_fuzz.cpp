// Lines and mails: the same whatever the split; stuff ∘ unstuff = id.
#include "pop3/framer.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using postern::pop3::Framer;

void require(bool held) {
  if (!held) std::abort();
}

struct Taken {
  std::vector<std::string> parts;  // lines and mails in turn
  int error = 0;
};

/// A line, then a mail, then a line, …
Taken take_all(std::string_view bytes, std::size_t piece) {
  Taken taken;
  Framer framer;
  bool mail = false;
  std::string body;
  while (!bytes.empty() && taken.error == 0) {
    framer.receive(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      if (mail) {
        const auto next = framer.mail();
        if (!next) break;
        require(next->last != !next->bytes.empty());
        body += next->bytes;
        if (!next->last) continue;
        taken.parts.push_back(std::move(body));
        body.clear();
        mail = false;
        continue;
      }
      const auto line = framer.line();
      if (!line) taken.error = line.error().code.value();
      if (!line || !line.value()) break;
      require(line.value()->size() <= Framer::line_bytes_max);
      taken.parts.emplace_back(*line.value());
      framer.begin_mail();
      mail = true;
    }
  }
  if (mail) taken.parts.push_back(body);
  return taken;
}

/// As a server sends it: CRLF lines, dots stuffed.
std::string stuffed(std::string_view mail) {
  std::string wire;
  bool line_start = true;
  for (std::size_t i = 0; i < mail.size(); ++i) {
    if (line_start && mail[i] == '.') wire += '.';
    wire += mail[i];
    line_start = mail[i] == '\n' && i > 0 && mail[i - 1] == '\r';
  }
  return wire + ".\r\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Taken whole = take_all(bytes, size + 1);
  for (const std::size_t piece : {1, 3, 17}) {
    const Taken pieces = take_all(bytes, piece);
    require(pieces.error == whole.error && pieces.parts == whole.parts);
  }
  const std::string mail = std::string(bytes) + "\r\n";
  const Taken again = take_all("+OK\r\n" + stuffed(mail), 5);
  require(again.parts.size() == 2 && again.parts[1] == mail);
  return 0;
}
