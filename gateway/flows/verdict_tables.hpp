// The tables behind judge(), one a module.
#pragma once

#include "flows/verdict.hpp"
#include "imap/errc.hpp"
#include "net/env.hpp"
#include "oauth/errc.hpp"
#include "pop3/errc.hpp"
#include "smtp/error.hpp"

namespace postern::flows {

/// A row of the tables of incoming mail; `event` is the kind behind "imap." or "pop3.".
Verdict incoming_verdict(std::string_view protocol, Outcome outcome, const char* event,
                         const char* hint, const char* field);

/// Hints that IMAP and POP3 share.
namespace hints {
inline constexpr const char* plain_password =
    "The password is not sent over an unprotected line; use security \"tls\", or set "
    "tls.allow_plain_password.";
inline constexpr const char* no_such_login =
    "The server offers no login of this kind here; check security and method.";
inline constexpr const char* nobody_now =
    "The server can't let anyone in right now; it is tried again.";
inline constexpr const char* other_server =
    "Another kind of server answers there: check host and port.";
inline constexpr const char* turned_away =
    "The server turned the connection away; it is tried again.";
inline constexpr const char* spoke_before_tls =
    "Something spoke in plain text where TLS was due; nothing was sent. Use security \"tls\".";
inline constexpr const char* command_refused = "The server refused a command; it is tried again.";
inline constexpr const char* ended = "The server ended the connection; it is opened again.";
}  // namespace hints

Verdict judge_imap(imap::errc code, std::string_view step);
Verdict judge_pop3(pop3::errc code, std::string_view step);
Verdict judge_smtp(smtp::errc code);
Verdict judge_oauth(oauth::errc code, Direction direction);
Verdict judge_net(net::errc code, Direction direction, std::string_view step);

}  // namespace postern::flows
