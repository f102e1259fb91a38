// Any bytes: what is read of a bounce keeps to its limits and has the form that the flows count on;
// the words of servers are found where they stand.
#include "core/result.hpp"
#include "core/utf8.hpp"
#include "message/bounce.hpp"
#include "message/bounce_text.hpp"
#include "message/digest.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

namespace {

using namespace postern;

bool is_id(const std::optional<std::string>& id) {
  return !id || (id->starts_with('<') && id->ends_with('>') &&
                 id->find_first_of("\r\n") == std::string::npos);
}

void check(const std::optional<BounceSummary>& bounce) {
  if (!bounce) return;
  POSTERN_ASSERT(is_id(bounce->original_message_id));
  POSTERN_ASSERT(bounce->recipients.size() <= message::bounce_recipients_max);
  for (const auto& recipient : bounce->recipients) {
    POSTERN_ASSERT(recipient.action == "failed" || recipient.action == "delayed");
    POSTERN_ASSERT(recipient.diagnostic.size() <= message::bounce_diagnostic_bytes_max);
    POSTERN_ASSERT(valid_utf8(recipient.diagnostic) && valid_utf8(recipient.address));
    POSTERN_ASSERT(recipient.status.empty() ||
                   message::status_in(recipient.status) == recipient.status);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view raw(reinterpret_cast<const char*>(bytes), size);

  const auto status = message::status_in(raw);
  POSTERN_ASSERT(raw.find(status) != raw.npos);
  const int code = message::reply_code_in(raw);
  POSTERN_ASSERT(code == 0 || (code >= 400 && code <= 599));
  POSTERN_ASSERT(is_id(message::message_id_in_text(raw)));

  const auto summary = message::digest(raw);
  check(message::find_bounce(raw, message::scan(raw), summary));
  // The same bytes as what a server has written for people.
  MessageSummary told;
  told.text = to_valid_utf8(raw);
  told.from = {{"Mail Delivery System", "MAILER-DAEMON@example.com"}};
  told.subject = "Undelivered Mail Returned to Sender";
  told.headers = {{"Return-Path", "<>"}};
  check(message::bounce_in_text(told));
  return 0;
}
