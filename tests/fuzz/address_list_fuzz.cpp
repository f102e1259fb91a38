// Any bytes as an address list: what is accepted is clean, and says the same when composed and read
// back from a mail.
#include "core/result.hpp"
#include "message/address.hpp"
#include "message/address_field.hpp"
#include "message/compose.hpp"
#include "message/digest.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace postern::message;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  CharsetDecoder charsets;
  parse_address_field(text, 100, charsets);

  const auto list = parse_address_list(text);
  if (!list) return 0;
  for (const postern::MailAddress& entry : list.value()) {
    POSTERN_ASSERT(is_addr_spec(entry.address));
    POSTERN_ASSERT(entry.address.find_first_of(std::string_view("\r\n\0<>", 5)) ==
                   std::string::npos);
  }
  postern::Draft draft;
  draft.from = {{"", "a@example.com"}};
  draft.to = list.value();
  ComposeContext context;
  context.random_hex = "00112233445566778899aabbccddeeff";
  const auto mail = compose(draft, context);
  if (!mail) return 0;  // too many, a tab in a name, a domain that is none
  const postern::MessageSummary summary = digest(mail.value().bytes);
  POSTERN_ASSERT(summary.to.size() == draft.to.size());
  POSTERN_ASSERT(summary.headers.size() >= 5 && summary.headers.size() <= 8);  // none was injected
  return 0;
}
