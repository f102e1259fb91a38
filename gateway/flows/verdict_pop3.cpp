// What the POP3 engine's errors mean.
#include "flows/verdict_tables.hpp"
#include "pop3/errc.hpp"

#include <optional>

namespace postern::flows {
namespace {

Verdict make(Outcome outcome, const char* event, const char* hint, const char* field) {
  return incoming_verdict("pop3", outcome, event, hint, field);
}

/// Those of the login; nothing for the others.
std::optional<Verdict> judge_login(pop3::errc code) {
  using pop3::errc;
  if (code == errc::plain_login_forbidden) {
    return make(Outcome::auth_rejected, "login_failed", hints::plain_password,
                "/incoming/security");
  }
  if (code == errc::login_refused) {
    return make(Outcome::auth_rejected, "login_failed",
                "The server refused name or password. Some providers want POP3 switched on for the "
                "account, an app password or OAuth 2.0.",
                "/incoming/auth/password");
  }
  if (code == errc::login_disabled || code == errc::no_mechanism) {
    return make(Outcome::auth_rejected, "login_failed", hints::no_such_login,
                "/incoming/auth/method");
  }
  if (code == errc::login_unavailable) {
    return make(Outcome::throttled, "login_failed", hints::nobody_now, "");
  }
  if (code == errc::mailbox_in_use) {
    return make(Outcome::throttled, "login_failed",
                "Another program has the mailbox open, and POP3 lets in one at a time; it is tried "
                "again.",
                "");
  }
  if (code == errc::login_too_soon) {
    return make(Outcome::throttled, "login_failed",
                "The server wants more time between two logins; raise poll_interval_s.",
                "/incoming/poll_interval_s");
  }
  return std::nullopt;
}

}  // namespace

Verdict judge_pop3(pop3::errc code, std::string_view step) {
  using pop3::errc;
  if (auto login = judge_login(code)) return std::move(*login);
  switch (code) {
    case errc::not_pop3:
      return make(Outcome::transient, "connection_failed", hints::other_server, "/incoming/port");
    case errc::greeting_refused:
      return make(Outcome::transient, "connection_failed", hints::turned_away, "");
    case errc::stls_not_offered:
    case errc::stls_refused:
      return make(Outcome::transient, "connection_failed",
                  "The server does not offer STLS on this port; use security \"tls\", usually with "
                  "port 995.",
                  "/incoming/security");
    case errc::bytes_before_tls:
      return make(Outcome::transient, "connection_failed", hints::spoke_before_tls,
                  "/incoming/security");
    case errc::plain_login_forbidden:
    case errc::login_refused:
    case errc::login_disabled:
    case errc::no_mechanism:
    case errc::login_unavailable:
    case errc::mailbox_in_use:
    case errc::login_too_soon:
      break;  // judge_login
    case errc::bad_argument:
      return make(Outcome::auth_rejected, "login_failed",
                  "The name or the password holds what cannot be said in POP3.",
                  "/incoming/auth/username");
    case errc::command_refused:
    case errc::server_trouble:
      return make(Outcome::transient, "download_failed", hints::command_refused, "");
    case errc::mail_too_large:
      return make(Outcome::transient, "download_failed",
                  "Raise message_bytes_max to take such mails.", "/incoming/message_bytes_max");
    case errc::malformed:
    case errc::line_too_long:
      return make(Outcome::transient, step == "fetch" ? "download_failed" : "connection_failed",
                  "The server said something that is not POP3; the line was dropped.",
                  "/incoming/port");
    case errc::flooded:
      return make(Outcome::transient, "download_failed",
                  "The mailbox holds more than can be looked at; remove or move mails there.", "");
    case errc::farewell:
    case errc::connection_closed:
      return make(Outcome::transient, step == "fetch" ? "download_failed" : "connection_failed",
                  hints::ended, "");
  }
  return {};
}

}  // namespace postern::flows
