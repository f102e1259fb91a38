// The SMTP login: which mechanism, and what to say at each prompt.
//
// A dialogue without I/O, driven by session.cpp. The only file of smtp/ that reveals a Secret.
// RFC 4954 (AUTH), RFC 4616 (PLAIN), RFC 7628 (OAUTHBEARER); LOGIN and XOAUTH2 have no RFC.
#pragma once

#include "core/result.hpp"
#include "core/secret.hpp"
#include "smtp/ehlo.hpp"
#include "smtp/error.hpp"
#include "smtp/reply.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace postern::smtp {

/// The longest command line without an extension, CRLF included. RFC 5321 §4.5.3.1.4.
inline constexpr std::size_t command_bytes_max = 512;
/// The longest line of an AUTH exchange, CRLF included. RFC 4954 §4.
inline constexpr std::size_t auth_line_bytes_max = 12288;

/// Log in with PLAIN or LOGIN, whichever the server offers; PLAIN if both.
struct PasswordLogin {
  std::string username;
  Secret password;
};

/// One SASL message made beforehand (core/sasl), as XOAUTH2 and OAUTHBEARER take it. Before
/// base 64.
struct PreparedSasl {
  std::string mechanism;  // "XOAUTH2", upper case
  Secret initial_response;
  std::string failure_answer;  // to the error challenge: sasl::xoauth2_error_answer, or the other
};

/// Log in with the first of these that the server offers.
struct TokenLogin {
  std::vector<PreparedSasl> choices;
};

using Login = std::variant<std::monostate, PasswordLogin, TokenLogin>;

/// One AUTH exchange. start(), then take() for each reply until it says nothing more.
class AuthDialogue {
 public:
  explicit AuthDialogue(Login login) : login_(std::move(login)) {}

  /// The first line to send, CRLF included; it may hold the credential.
  ///
  /// Errors: no_mechanism (the detail lists what is offered; also where none can carry the
  /// credential: empty, a NUL in name or password, or a line over auth_line_bytes_max).
  Result<std::string> start(const Extensions& extensions);

  /// The next line to send, or nothing: we are logged in.
  ///
  /// Errors: auth_refused, auth_deferred, service_closing (421), unexpected_reply.
  Result<std::optional<std::string>> take(const Reply& reply);

  /// Why the server refuses a token: what its 334 said (JSON, decoded), bounded and escaped; or
  /// empty. Source: RFC 7628 §3.2.2.
  const std::string& challenge() const { return challenge_; }

 private:
  struct Choice {
    std::string mechanism;
    std::vector<Secret> responses;  // base64, sent in this order
    std::optional<std::string> failure_answer;
  };
  Result<std::vector<Choice>> choices(const Extensions& extensions) const;
  std::string open(const Choice& choice);
  Result<std::optional<std::string>> prompted(const Reply& reply);

  Login login_;
  std::vector<Choice> choices_;  // those the server offers, best first
  std::size_t chosen_ = 0;
  std::size_t responses_sent_ = 0;
  bool failure_answered_ = false;
  std::string challenge_;
};

}  // namespace postern::smtp
