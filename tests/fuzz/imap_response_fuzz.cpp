// Any bytes → frames → responses. Property: how the bytes are split changes nothing; adjacent
// pieces of a literal joined, the same frames come, and the same end.
#include "imap/framer.hpp"
#include "imap/response.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace postern::imap;

namespace {

// What came of `input`, read in chunks whose sizes `chunk` gives in turn.
std::string outcome(std::string_view input, std::size_t chunk) {
  Framer framer;
  std::string log;
  for (;;) {
    const auto frame = framer.next();
    if (!frame) return log + "error " + std::to_string(frame.error().code.value());
    if (std::holds_alternative<NeedBytes>(frame.value())) {
      if (input.empty()) return log;
      framer.receive(input.substr(0, chunk));
      input.remove_prefix(std::min(chunk, input.size()));
    } else if (const auto* whole = std::get_if<WholeResponse>(&frame.value())) {
      const auto response = parse_response(whole->text);
      log += std::string(whole->text) + "\ngives ";
      log += response ? std::to_string(response.value().index()) : response.error().detail;
      log += '\n';
    } else if (const auto* begin = std::get_if<LiteralBegin>(&frame.value())) {
      const auto fetch = parse_fetch_begin(begin->text);
      log += std::string(begin->text) + (fetch ? " begins\n" : fetch.error().detail);
    } else if (const auto* piece = std::get_if<LiteralPiece>(&frame.value())) {
      log += piece->bytes;
      if (piece->last) log += "\nends\n";
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = outcome(input, input.size());
  if (outcome(input, 1) != whole || outcome(input, 1 + data[0]) != whole) std::abort();
  return 0;
}
