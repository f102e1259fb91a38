// Replies: the same whatever the split, and parse ∘ print = id.
#include "smtp/reply.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using postern::smtp::Reply;

constexpr std::size_t limit_bytes = 256;  // small, so that the limit is met often

struct Taken {
  std::vector<Reply> replies;
  int error = 0;
};

bool same(const Reply& a, const Reply& b) {
  return a.code == b.code && a.enhanced_code == b.enhanced_code && a.lines == b.lines;
}

Taken take_all(std::string_view bytes, std::size_t piece) {
  Taken taken;
  std::string input;
  while (!bytes.empty() && taken.error == 0) {
    input += bytes.substr(0, piece);
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (;;) {
      std::string_view rest = input;
      auto reply = postern::smtp::take_reply(rest, limit_bytes);
      if (!reply) taken.error = reply.error().code.value();
      if (!reply || !reply.value()) break;
      input.erase(0, input.size() - rest.size());
      taken.replies.push_back(*reply.value());
    }
  }
  return taken;
}

std::string print(const Reply& reply) {
  std::string text;
  for (std::size_t i = 0; i < reply.lines.size(); ++i) {
    text += std::to_string(reply.code) + (i + 1 < reply.lines.size() ? '-' : ' ');
    if (!reply.enhanced_code.empty()) text += reply.enhanced_code + ' ';
    text += reply.lines[i] + "\r\n";
  }
  return text;
}

void require(bool held) {
  if (!held) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Taken whole = take_all(bytes, size + 1);
  for (const std::size_t piece : {1, 3, 17}) {
    const Taken pieces = take_all(bytes, piece);
    require(pieces.error == whole.error && pieces.replies.size() == whole.replies.size());
    for (std::size_t i = 0; i < whole.replies.size(); ++i) {
      require(same(pieces.replies[i], whole.replies[i]));
    }
  }
  for (const Reply& reply : whole.replies) {
    const std::string text = print(reply);
    std::string_view rest = text;
    auto again = postern::smtp::take_reply(rest);
    require(again && again.value() && rest.empty() && same(*again.value(), reply));
    for (const char c : reply.words()) require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  }
  return 0;
}
