// What a mail asks of the servers behind ours: delivery status notifications (RFC 3461), and TLS on
// all of its way (RFC 8689). Its words in JSON, which are also those of its row.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern {

inline constexpr std::size_t envelope_id_bytes_max = 100;  // RFC 3461 §4.4, before xtext

/// When a notification is wanted. None of the four: the server's default. RFC 3461 §4.1.
struct DsnNotify {
  bool never = false;  // not together with the others
  bool success = false, failure = false, delay = false;
  bool operator==(const DsnNotify&) const = default;
};

/// "never", "success", "failure", "delay", in any letters' case and order; nothing when one is
/// none of them, when there is none, or when never stands beside another.
std::optional<DsnNotify> parse_notify(std::span<const std::string_view> words);
std::vector<std::string_view> words_of(const DsnNotify& notify);

/// A recipient with words of its own.
struct DsnRecipient {
  std::string address;
  DsnNotify notify;
  std::string original;  // ORCPT as it was given: "rfc822;a+2Bb@example.com"; empty: none
  bool operator==(const DsnRecipient&) const = default;
};

struct DsnRequest {
  enum class Return { not_said, headers, full };
  DsnNotify notify;  // of the recipients without own words
  Return returned = Return::not_said;
  std::string envelope_id;           // empty: none
  bool original_recipients = false;  // each recipient's address as ORCPT
  std::vector<DsnRecipient> own;     // in the order of their addresses
  bool operator==(const DsnRequest&) const = default;
  bool asks() const { return !(*this == DsnRequest()); }

  /// The own words of `address`, or nullptr.
  const DsnRecipient* find(std::string_view address) const;
};

/// Visible ASCII and blanks, at most envelope_id_bytes_max of them. Source: RFC 3461 §4.4.
bool valid_envelope_id(std::string_view id);

struct TransportWishes {
  DsnRequest dsn;
  bool require_tls = false;
  bool operator==(const TransportWishes&) const = default;
};

/// {"notify": ["failure"], "ret": "full", "envid": "x", "orcpt": true, "recipients": [{"address",
/// "notify", "orcpt"}]}; null when it asks for nothing.
boost::json::value to_json(const DsnRequest& dsn);
/// Of what to_json wrote. A field that is missing or not well is left empty.
DsnRequest dsn_from_json(const boost::json::value& json);

}  // namespace postern
