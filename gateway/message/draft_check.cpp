#include "message/draft_check.hpp"

#include "core/utf8.hpp"
#include "message/address.hpp"
#include "message/ascii.hpp"
#include "message/compose.hpp"
#include "message/domain.hpp"
#include "message/errc.hpp"

#include <algorithm>
#include <array>

namespace postern::message {
namespace {

constexpr std::size_t header_name_bytes_max = 76;
constexpr std::size_t references_per_draft_max = 100;
constexpr std::size_t message_id_octets_max = 900;  // one line of References

constexpr std::array<std::string_view, 17> own_names{"from",
                                                     "sender",
                                                     "reply-to",
                                                     "to",
                                                     "cc",
                                                     "bcc",
                                                     "subject",
                                                     "date",
                                                     "message-id",
                                                     "in-reply-to",
                                                     "references",
                                                     "received",
                                                     "return-path",
                                                     "delivered-to",
                                                     "domainkey-signature",
                                                     "authentication-results",
                                                     "x-postern-loop"};
constexpr std::array<std::string_view, 6> own_prefixes{"content-", "mime-", "resent-",
                                                       "arc-",     "dkim-", "received-"};

/// Up to 60 bytes of untrusted text for a detail, without control characters.
std::string shown(std::string_view text) {
  std::string out = to_valid_utf8(cut_utf8(text, 60));
  for (char& c : out) {
    if (is_control(c)) c = '?';
  }
  return "\"" + out + "\"";
}

Result<void> check_address(const MailAddress& address) {
  const auto bad = [](char c) { return is_control(c); };
  const std::string& name = address.name;
  if (!is_addr_spec(address.address)) {
    return Error{errc::bad_address, shown(address.address) + " is not an e-mail address"};
  }
  if (!to_ascii_domain(address.address.substr(address.address.rfind('@') + 1))) {
    return Error{errc::bad_address, shown(address.address) + " has a domain that cannot be one"};
  }
  if (std::any_of(name.begin(), name.end(), bad) || name.size() > display_name_bytes_max ||
      !valid_utf8(name)) {
    return Error{errc::bad_address, "the name " + shown(name) + " cannot be used"};
  }
  return success();
}

Result<void> check_addresses(const Draft& draft) {
  if (draft.from.empty()) return Error{errc::bad_request, "there is no From"};
  if (draft.to.size() + draft.cc.size() > draft_recipients_max) {
    return Error{errc::bad_request,
                 "more than " + std::to_string(draft_recipients_max) + " addresses in To and Cc"};
  }
  for (const auto* list : {&draft.from, &draft.reply_to, &draft.to, &draft.cc}) {
    for (const MailAddress& address : *list) {
      POSTERN_TRY(check_address(address));
    }
  }
  return success();
}

Result<void> check_attachment(const DraftAttachment& attachment) {
  POSTERN_TRY(check_header_value("an attachment's file name", attachment.filename));
  POSTERN_TRY(check_header_value("an attachment's content type", attachment.content_type));
  if (attachment.content_id.empty()) return success();
  return check_message_id("an attachment's content_id", attachment.content_id);
}

Result<void> check_size(const Draft& draft) {
  std::size_t bytes = draft.text.value_or("").size() + draft.html.value_or("").size();
  for (const DraftAttachment& attachment : draft.attachments) {
    bytes += attachment.content.size() / 3 * 4;
    if (bytes > composed_bytes_max) break;
  }
  if (bytes > composed_bytes_max || draft.attachments.size() > draft_attachments_max) {
    return Error{errc::message_too_big, "at most " + std::to_string(composed_bytes_max) +
                                            " bytes and " + std::to_string(draft_attachments_max) +
                                            " attachments"};
  }
  return success();
}

}  // namespace

Result<void> check_header_name(std::string_view name) {
  if (name.empty() || name.size() > header_name_bytes_max ||
      !std::all_of(name.begin(), name.end(), is_ftext)) {
    return Error{errc::bad_header_name, shown(name) + " is not a header name"};
  }
  const std::string word = to_lower(name);
  const bool own = std::find(own_names.begin(), own_names.end(), word) != own_names.end() ||
                   std::any_of(own_prefixes.begin(), own_prefixes.end(),
                               [&](std::string_view prefix) { return word.starts_with(prefix); });
  if (own) {
    return Error{errc::bad_header_name, shown(name) + " cannot be set in headers; many have a " +
                                            "field of their own in the request"};
  }
  return success();
}

Result<void> check_header_value(std::string_view what, std::string_view value) {
  const bool controls =
      std::any_of(value.begin(), value.end(), [](char c) { return is_control(c) && c != '\t'; });
  if (controls) {
    return Error{errc::header_injection,
                 std::string(what) + " holds a control character: " + shown(value)};
  }
  if (value.size() > draft_header_bytes_max) {
    return Error{errc::bad_request, std::string(what) + " is longer than " +
                                        std::to_string(draft_header_bytes_max) + " bytes"};
  }
  if (!valid_utf8(value)) return Error{errc::bad_request, std::string(what) + " is not UTF-8"};
  return success();
}

Result<void> check_message_id(std::string_view what, std::string_view id) {
  POSTERN_TRY(check_header_value(what, id));
  if (id.starts_with('<') && id.ends_with('>') && id.size() > 2) id = id.substr(1, id.size() - 2);
  const bool plain = !id.empty() && id.size() <= message_id_octets_max &&
                     std::all_of(id.begin(), id.end(),
                                 [](char c) { return c > 32 && c < 127 && c != '<' && c != '>'; });
  if (!plain)
    return Error{errc::bad_request, std::string(what) + " is no message id: " + shown(id)};
  return success();
}

Result<void> check_draft(const Draft& draft) {
  POSTERN_TRY(check_addresses(draft));
  POSTERN_TRY(check_header_value("the subject", draft.subject));
  if (draft.in_reply_to) {
    POSTERN_TRY(check_message_id("in_reply_to", *draft.in_reply_to));
  }
  if (draft.references.size() > references_per_draft_max) {
    return Error{errc::bad_request, "more than 100 references"};
  }
  for (const std::string& id : draft.references) {
    POSTERN_TRY(check_message_id("references", id));
  }
  if (draft.headers.size() > draft_headers_max) {
    return Error{errc::bad_request, "more than " + std::to_string(draft_headers_max) + " headers"};
  }
  for (const auto& [name, value] : draft.headers) {
    POSTERN_TRY(check_header_name(name));
    POSTERN_TRY(check_header_value("header " + name, value));
  }
  POSTERN_TRY(check_size(draft));
  for (const DraftAttachment& attachment : draft.attachments) {
    POSTERN_TRY(check_attachment(attachment));
  }
  return success();
}

}  // namespace postern::message
