// The header of a mail that another program wrote and we send as it is: what is missing is added,
// Bcc goes, a foreign From is rewritten or refused. Every other byte stays, since signatures (DKIM)
// cover them. RFC 5322 §3.6, RFC 6409 §8.
#pragma once

#include "core/mail.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

inline constexpr std::size_t raw_subject_bytes_max = 998;  // of what is told of the mail

struct RawHeaderPolicy {
  MailAddress own;                   // the From of a mail that has none, or none that may be
  std::vector<std::string> allowed;  // addr-specs that may be its From, in lower case
  bool refuse_foreign = false;       // instead of rewriting
  Instant now;
  std::string random_hex;  // for the Message-ID of a mail without one
};

struct RawHeader {
  std::string bytes;         // the header to be sent, with its empty line
  std::size_t consumed = 0;  // of the input: here the body begins
  std::string message_id, subject;
  std::vector<std::string> recipients;  // of To, Cc and Bcc, each once, as they stand there
  std::vector<std::string> notes;       // what was changed that its author may not expect
};

/// The header of a mail that begins with `begin`: all of it, or at least as far as its first empty
/// line, or header_block_bytes_max. Lines end with CRLF. A first line "From " (mbox) is passed
/// over; a mail whose first line is no field has no header, and is all body, as sendmail has it.
///
/// A From of a name without a domain (cron's root) becomes policy.own under that name. A foreign
/// one becomes policy.own under its own name, and goes into Reply-To unless there is one.
/// Errors: header_too_big, from_not_allowed.
Result<RawHeader> prepare_header(std::string_view begin, const RawHeaderPolicy& policy);

}  // namespace postern::message
