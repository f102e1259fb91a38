// What the IMAP engine's errors mean.
#include "flows/verdict_tables.hpp"
#include "imap/errc.hpp"

#include <optional>

namespace postern::flows {

namespace {

Verdict make(Outcome outcome, const char* event, const char* hint, const char* field) {
  return incoming_verdict("imap", outcome, event, hint, field);
}

/// Those of the login; nothing for the others.
std::optional<Verdict> judge_login(imap::errc code) {
  using imap::errc;
  if (code == errc::plain_login_forbidden) {
    return make(Outcome::auth_rejected, "login_failed", hints::plain_password,
                "/incoming/security");
  }
  if (code == errc::login_refused) {
    return make(Outcome::auth_rejected, "login_failed",
                "The server refused name or password. Some providers want an app password or "
                "OAuth 2.0.",
                "/incoming/auth/password");
  }
  if (code == errc::login_disabled || code == errc::no_mechanism) {
    return make(Outcome::auth_rejected, "login_failed", hints::no_such_login,
                "/incoming/auth/method");
  }
  if (code == errc::login_needs_person) {
    return make(
        Outcome::auth_rejected, "login_failed",
        "The provider wants a person to act first (see its words): sign in on its web page, "
        "renew the password, or ask the administrator.",
        "/incoming/auth");
  }
  if (code == errc::login_unavailable || code == errc::not_connected) {
    return make(Outcome::throttled, "login_failed", hints::nobody_now, "");
  }
  return std::nullopt;
}

/// Refused commands whose code says more than that; nothing for the others.
std::optional<Verdict> judge_refusal(imap::errc code) {
  using imap::errc;
  if (code == errc::throttled) {
    return make(Outcome::throttled, "connection_failed",
                "The server asks for patience; it is tried again later.", "");
  }
  if (code == errc::folder_missing) {
    return make(Outcome::transient, "download_failed",
                "There is no such folder, or it may not be opened; check its name.",
                "/incoming/folder");
  }
  if (code == errc::no_permission) {
    return make(Outcome::transient, "download_failed",
                "The account has no right to do this in the folder; ask its administrator.",
                "/incoming/folder");
  }
  if (code == errc::over_quota || code == errc::limit_reached) {
    return make(Outcome::throttled, "download_failed",
                "The account is at a limit of its provider; it is tried again later.", "");
  }
  if (code == errc::in_use || code == errc::unavailable || code == errc::server_fault) {
    return make(Outcome::transient, "download_failed",
                "The server has a trouble of its own that passes; it is tried again.", "");
  }
  return std::nullopt;
}

}  // namespace

Verdict judge_imap(imap::errc code, std::string_view step) {
  using imap::errc;
  if (auto login = judge_login(code)) return std::move(*login);
  if (auto refusal = judge_refusal(code)) return std::move(*refusal);
  switch (code) {
    case errc::not_imap:
      return make(Outcome::transient, "connection_failed", hints::other_server, "/incoming/port");
    case errc::greeting_bye:
      return make(Outcome::transient, "connection_failed", hints::turned_away, "");
    case errc::starttls_not_offered:
    case errc::starttls_refused:
      return make(Outcome::transient, "connection_failed",
                  "The server does not offer STARTTLS on this port; use security \"tls\", usually "
                  "with port 993.",
                  "/incoming/security");
    case errc::bytes_before_tls:
    case errc::preauth_before_tls:
      return make(Outcome::transient, "connection_failed", hints::spoke_before_tls,
                  "/incoming/security");
    case errc::plain_login_forbidden:
    case errc::login_refused:
    case errc::login_disabled:
    case errc::no_mechanism:
    case errc::login_needs_person:
    case errc::login_unavailable:
    case errc::not_connected:
      break;  // judge_login
    case errc::session_expired:
      return make(Outcome::transient, "connection_failed", "The login ran out; a new one follows.",
                  "");
    case errc::throttled:
    case errc::folder_missing:
    case errc::no_permission:
    case errc::over_quota:
    case errc::limit_reached:
    case errc::in_use:
    case errc::unavailable:
    case errc::server_fault:
      break;  // judge_refusal
    case errc::command_refused:
    case errc::folder_exists:
    case errc::folder_to_create:
    case errc::not_found:
    case errc::expunged:
    case errc::not_possible:
    case errc::too_large:
    case errc::not_supported:
    case errc::bad_argument:
      return make(Outcome::transient, "download_failed", hints::command_refused, "");
    case errc::malformed:
    case errc::line_too_long:
    case errc::literal_too_large:
    case errc::nesting_too_deep:
    case errc::set_too_large:
    case errc::flooded:
      return make(Outcome::transient, step == "fetch" ? "download_failed" : "connection_failed",
                  "The server said something that is not IMAP; the line was dropped.",
                  "/incoming/port");
    case errc::bye:
    case errc::connection_closed:
      return make(Outcome::transient, "connection_failed", hints::ended, "");
  }
  return {};
}

}  // namespace postern::flows
