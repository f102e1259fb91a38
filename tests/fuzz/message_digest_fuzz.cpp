// Any bytes: a digest comes out whose JSON is valid, goes back to the same summary, and whose
// attachments can be fetched with the sizes it told.
#include "message/digest.hpp"
#include "message/mime_protocol.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace postern::message;
  const std::string_view raw(reinterpret_cast<const char*>(bytes), size);

  const postern::MessageSummary summary = digest(raw);

  const auto json = to_json(summary);
  POSTERN_ASSERT(boost::json::parse(boost::json::serialize(json)) == json);
  POSTERN_ASSERT(to_json(postern::message_summary_from_json(json)) == json);
  POSTERN_ASSERT(summary.text.value_or("").size() <= DigestLimits().text_bytes_max);
  for (std::size_t i = 0; i < summary.attachments.size(); ++i) {
    const auto content = decode_attachment(raw, i);
    POSTERN_ASSERT(content && content.value().size() == summary.attachments[i].size_bytes);
  }
  // The same bytes as a request: whatever it is, an answer comes.
  if (size > 0) answer(bytes[0] % 3, raw.substr(1));
  return 0;
}
