// Status responses: OK, NO, BAD, PREAUTH, BYE with their response codes and words.
// RFC 9051 §7.1, RFC 5530, RFC 7162, RFC 3501.
#pragma once

#include "imap/scanner.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::imap {

enum class Condition { ok, no, bad, preauth, bye };

/// The response codes the engine knows; `other` is any further one, named in Status::code_text.
enum class Code {
  none,
  other,
  alert,
  already_exists,
  append_uid,
  authentication_failed,
  authorization_failed,
  badcharset,
  cannot,
  capability,
  client_bug,
  closed,
  contact_admin,
  copy_uid,
  corruption,
  expired,
  expunge_issued,
  highest_mod_seq,
  in_use,
  limit,
  nonexistent,
  no_mod_seq,
  no_perm,
  overquota,
  parse,
  permanent_flags,
  privacy_required,
  read_only,
  read_write,
  referral,
  server_bug,
  throttled,
  too_big,
  try_create,
  uid_next,
  uid_not_sticky,
  uid_validity,
  unavailable,
  unseen,
  web_alert,
};

struct Status {
  Condition condition = Condition::ok;
  Code code = Code::none;
  std::string code_text;           // between the brackets, raw: "UIDVALIDITY 5"
  std::uint64_t number = 0;        // UIDVALIDITY (also of APPENDUID, COPYUID), UIDNEXT, …
  NumberSet source, destination;   // COPYUID; APPENDUID has its UIDs in `destination`
  std::vector<std::string> words;  // CAPABILITY: the names; PERMANENTFLAGS: the flags
  std::string text;                // for people, raw

  /// Code and text as the server wrote them, for an Error's detail.
  std::string quoted() const;
};

/// resp-cond-state = ("OK" / "NO" / "BAD") SP resp-text; also PREAUTH and BYE. The condition is
/// taken already; this takes the rest of the text.
/// resp-text = ["[" resp-text-code "]" SP] [text]. A code whose argument is not as it must be is
/// given as `other`: a status is worth more than its code. Source: RFC 9051 §7.1.
Status parse_status(Condition condition, std::string_view text);

/// The condition a word stands for, if any.
bool to_condition(std::string_view word, Condition& condition);

}  // namespace postern::imap
