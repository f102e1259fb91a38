// Any bytes as the answer of an HTTP server that we called: webhooks, helpdesks, authorization
// servers. How they are split changes neither the answer nor the end; nothing is over its limit,
// and no header has an octet that ends a line.
#include "core/result.hpp"
#include "net/http_message.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using namespace postern;
using namespace postern::net;

constexpr std::size_t body_bytes_max = 1000;

struct End {
  bool well = true, done = false, reusable = false;
  HttpResponse answer;
};

End read(std::string_view bytes, bool head, std::size_t piece) {
  End end;
  AnswerParser parser(head, body_bytes_max);
  while (!bytes.empty() && end.well && !parser.done()) {
    end.well = parser.receive(bytes.substr(0, piece)).has_value();
    bytes.remove_prefix(std::min(piece, bytes.size()));
    POSTERN_ASSERT(parser.body().size() <= body_bytes_max);
  }
  if (end.well && !parser.done() && parser.started()) end.well = parser.receive_end().has_value();
  end.done = end.well && parser.done();
  if (!end.done) return end;
  end.answer = parser.take();
  return end;
}

bool breaks_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view said(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  const bool head = (bytes[0] & 1) != 0;

  const auto whole = read(said, head, std::max<std::size_t>(said.size(), 1));
  const auto pieces = read(said, head, 1 + bytes[0] / 4);

  POSTERN_ASSERT(whole.well == pieces.well && whole.done == pieces.done);
  if (!whole.done) return 0;
  POSTERN_ASSERT(whole.answer.status == pieces.answer.status);
  POSTERN_ASSERT(whole.answer.headers == pieces.answer.headers);
  POSTERN_ASSERT(whole.answer.body == pieces.answer.body);
  POSTERN_ASSERT(!head || whole.answer.body.empty());
  for (const auto& [name, value] : whole.answer.headers) {
    POSTERN_ASSERT(!name.empty() && !breaks_line(name) && !breaks_line(value));
  }
  return 0;
}
