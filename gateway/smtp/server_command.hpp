// The lines a client says to our listener, taken apart: verb, path, parameters.
//
// What is wrong with one is the reply it gets. RFC 5321 §4.1, RFC 1870 (SIZE), RFC 6152 (BODY),
// RFC 6531 (SMTPUTF8), RFC 4954 §5 (AUTH=), RFC 3461 (DSN), RFC 8689 (REQUIRETLS).
#pragma once

#include "core/dsn.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace postern::smtp {

/// A reply of ours: "250 2.1.0 Ok". The text is ours too, never the client's words.
struct ServerReply {
  int code = 0;
  std::string enhanced;  // "2.1.0", or empty (RFC 2034 §4: not for 220, 334, 354 and EHLO)
  std::string text;
};

/// The reply as a line, CRLF included.
std::string line_of(const ServerReply& reply);

enum class Verb {
  helo,
  ehlo,
  mail,
  rcpt,
  data,
  rset,
  noop,
  vrfy,
  help,
  quit,
  starttls,
  auth,
  not_ours,  // a command of SMTP that this listener has not: EXPN, BDAT, ETRN, TURN …
  http,      // a web browser, or a page that makes it speak to us
  unknown,
};

struct ServerCommand {
  Verb verb = Verb::unknown;
  std::string_view argument;  // of the line given; without blanks around it
};

/// Takes a command line apart, its CRLF already gone. Verbs in any letters' case.
ServerCommand parse_command(std::string_view line);

struct MailArgument {
  std::string sender;  // empty: the null path
  std::uint64_t size_bytes = 0;
  bool eight_bit = false;
  bool smtputf8 = false;
  bool require_tls = false;
  DsnRequest::Return returned = DsnRequest::Return::not_said;
  std::string envelope_id;  // decoded; empty: none
};

struct RcptArgument {
  std::string address;
  DsnNotify notify;
  std::string original;  // ORCPT as it stands; empty: none
  bool has_own_words() const { return !(notify == DsnNotify()) || !original.empty(); }
};

/// "FROM:<" path ">" *( SP parameter ). A blank behind the colon is let pass: many programs say it.
/// Refusals: 501 (syntax, a parameter's value), 553 (no address; UTF-8 without SMTPUTF8), 555 (a
/// parameter not offered). Source: RFC 5321 §4.1.1.2.
std::variant<MailArgument, ServerReply> parse_mail(std::string_view argument);

/// "TO:<" path ">" [ SP "NOTIFY=" … ] [ SP "ORCPT=" addr-type ";" xtext ]. Source routes are passed
/// over (RFC 5321 §3.3). Refusals: as parse_mail. Source: RFC 3461 §4.1, §4.2.
std::variant<RcptArgument, ServerReply> parse_rcpt(std::string_view argument, bool smtputf8);

}  // namespace postern::smtp
