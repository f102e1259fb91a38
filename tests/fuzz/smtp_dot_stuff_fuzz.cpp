// Dot stuffing: the same whatever the split; a receiver gets the normalised message; no bare CR,
// LF.
#include "smtp/dot_stuff.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>

namespace {

std::optional<std::string> stuffed(std::string_view message, std::size_t piece) {
  postern::smtp::DotStuffer stuffer;
  std::string out;
  while (!message.empty()) {
    if (!stuffer.push(message.substr(0, piece), out)) return std::nullopt;
    message.remove_prefix(std::min(piece, message.size()));
  }
  stuffer.finish(out);
  return out;
}

std::string normalised(std::string_view message) {
  std::string out;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const bool line_end = message[i] == '\r' || message[i] == '\n';
    if (message.substr(i, 2) == "\r\n") ++i;
    if (line_end) {
      out += "\r\n";
    } else {
      out += message[i];
    }
  }
  if (!out.empty() && !out.ends_with("\r\n")) out += "\r\n";
  return out;
}

void require(bool held) {
  if (!held) std::abort();
}

std::string unstuffed(std::string_view wire) {
  std::string out;
  for (;;) {
    const auto end = wire.find("\r\n");
    require(end != wire.npos);
    std::string_view line = wire.substr(0, end);
    require(line.find_first_of("\r\n") == line.npos);
    wire.remove_prefix(end + 2);
    if (line == ".") break;
    if (line.starts_with('.')) line.remove_prefix(1);
    out.append(line).append("\r\n");
  }
  require(wire.empty());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(data), size);
  const auto whole = stuffed(message, size + 1);
  require(whole.has_value() == (message.find('\0') == message.npos));
  for (const std::size_t piece : {1, 2, 7}) require(stuffed(message, piece) == whole);
  if (whole) require(unstuffed(*whole) == normalised(message));
  return 0;
}
