#include "smtp/command.hpp"

#include "core/utf8.hpp"
#include "smtp/words.hpp"

#include <algorithm>

namespace postern::smtp {
namespace {

constexpr std::size_t shown_address_bytes_max = 80;

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}
bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<signed char>(c) >= 0; });
}

Error bad_address(std::string_view address, const char* why) {
  return {errc::bad_address, shown(address, shown_address_bytes_max) + ": " + why};
}

/// What may stand between < and >. The grammar of addresses is the affair of message/; this keeps
/// commands apart, and the lengths.
Result<void> check_path(std::string_view address, const Extensions& extensions) {
  if (address.size() + 2 > path_bytes_max) return bad_address(address, "too long");
  if (std::any_of(address.begin(), address.end(), is_control)) {
    return bad_address(address, "a control character");
  }
  if (address.find_first_of("<>") != std::string_view::npos) return bad_address(address, "< or >");
  if (address.find(' ') != std::string_view::npos && address.front() != '"') {
    return bad_address(address, "a blank");
  }
  if (is_ascii(address)) return success();
  if (!valid_utf8(address)) return bad_address(address, "not UTF-8");
  if (!extensions.smtputf8) return Error{errc::smtputf8_not_offered, shown(address)};
  return success();
}

/// An address beyond ASCII, in a dialogue with SMTPUTF8. ABNF: utf-8-addr-unitext, RFC 6533 §3.
std::string unitext(std::string_view address) {
  std::string out;
  for (const char c : address) {
    if (c == ' ') {
      out += "\\x{20}";
    } else if (c == '+') {
      out += "\\x{2B}";
    } else if (c == '=') {
      out += "\\x{3D}";
    } else if (c == '\\') {
      out += "\\x{5C}";
    } else {
      out += c;
    }
  }
  return out;
}

bool needs_smtputf8(const Transaction& transaction) {
  const auto& recipients = transaction.envelope.recipients;
  return transaction.headers_are_utf8 || !is_ascii(transaction.envelope.sender) ||
         !std::all_of(recipients.begin(), recipients.end(), is_ascii);
}

}  // namespace

Result<void> check_sender(std::string_view sender, const Extensions& extensions) {
  return check_path(sender, extensions);
}

Result<void> check(const Transaction& transaction, const Extensions& extensions) {
  const auto& recipients = transaction.envelope.recipients;
  POSTERN_TRY(check_sender(transaction.envelope.sender, extensions));
  if (recipients.empty()) return Error{errc::bad_address, "no recipient"};
  if (recipients.size() > recipients_max) {
    return Error{errc::bad_address, "over " + std::to_string(recipients_max) + " recipients"};
  }
  for (const auto& recipient : recipients) {
    if (recipient.empty()) return Error{errc::bad_address, "an empty recipient"};
    POSTERN_TRY(check_path(recipient, extensions));
  }
  const auto& id = transaction.dsn.envelope_id;
  if (!valid_envelope_id(id)) {
    return bad_address(id, "no envelope id: visible ASCII and blanks, at most 100");
  }
  if (transaction.require_tls && !extensions.require_tls) {
    return Error{errc::require_tls_not_offered, {}};
  }
  if (transaction.headers_are_utf8 && !extensions.smtputf8) {
    return Error{errc::smtputf8_not_offered, "the header fields need it"};
  }
  if (extensions.size_bytes_max && transaction.size_bytes > *extensions.size_bytes_max) {
    return Error{errc::too_large, std::to_string(transaction.size_bytes) +
                                      " octets, the server takes " +
                                      std::to_string(*extensions.size_bytes_max)};
  }
  return success();
}

Result<void> check_ehlo_name(std::string_view name) {
  const bool visible =
      std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (!name.empty() && visible && name.size() <= ehlo_name_bytes_max) return success();
  return bad_address(name, "no name for EHLO");
}

std::string mail_command(const Transaction& transaction, const Extensions& extensions) {
  std::string line = "MAIL FROM:<" + transaction.envelope.sender + ">";
  if (extensions.size && transaction.size_bytes > 0) {
    line += " SIZE=" + std::to_string(transaction.size_bytes);
  }
  if (extensions.eight_bit_mime && transaction.body_is_8bit) line += " BODY=8BITMIME";
  if (extensions.smtputf8 && needs_smtputf8(transaction)) line += " SMTPUTF8";
  if (extensions.require_tls && transaction.require_tls) line += " REQUIRETLS";
  if (extensions.dsn) {
    const DsnRequest& dsn = transaction.dsn;
    if (dsn.returned == DsnRequest::Return::headers) line += " RET=HDRS";
    if (dsn.returned == DsnRequest::Return::full) line += " RET=FULL";
    if (!dsn.envelope_id.empty()) line += " ENVID=" + xtext(dsn.envelope_id);
  }
  return line + "\r\n";
}

std::string rcpt_command(std::string_view recipient, const DsnRequest& dsn,
                         const Extensions& extensions) {
  std::string line = "RCPT TO:<" + std::string(recipient) + ">";
  if (extensions.dsn) {
    const DsnRecipient* own = dsn.find(recipient);
    const DsnNotify& wanted = own != nullptr ? own->notify : dsn.notify;
    std::string notify;
    if (wanted.never) notify = ",NEVER";
    if (wanted.success) notify += ",SUCCESS";
    if (wanted.failure) notify += ",FAILURE";
    if (wanted.delay) notify += ",DELAY";
    if (!notify.empty()) line += " NOTIFY=" + notify.substr(1);
    if (own != nullptr && !own->original.empty()) {
      line += " ORCPT=" + own->original;  // checked when it came: xtext
    } else if (dsn.original_recipients) {
      line += is_ascii(recipient) ? " ORCPT=rfc822;" + xtext(recipient)
                                  : " ORCPT=utf-8;" + unitext(recipient);
    }
  }
  return line + "\r\n";
}

std::string last_chunk_command(std::uint64_t size_bytes) {
  return "BDAT " + std::to_string(size_bytes) + " LAST\r\n";
}

std::string xtext(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet > ' ' && octet < 0x7f && c != '+' && c != '=') {
      out += c;
      continue;
    }
    out += '+';
    out += digits[octet >> 4];
    out += digits[octet & 15];
  }
  return out;
}

std::optional<std::string> from_xtext(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c <= ' ' || c > '~' || c == '=') return std::nullopt;
    if (c != '+') {
      out += c;
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const auto high = digits.find(text[i + 1]), low = digits.find(text[i + 2]);
    if (high == digits.npos || low == digits.npos) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

}  // namespace postern::smtp
