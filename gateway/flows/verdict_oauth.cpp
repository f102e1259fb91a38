// What it means that there is no token to log in with.
#include "flows/limits.hpp"
#include "flows/verdict_tables.hpp"

namespace postern::flows {
namespace {

Verdict make(Outcome outcome, const char* kind, const char* hint) {
  Verdict verdict;
  verdict.outcome = outcome;
  verdict.result_code = ResultCode::token_refresh;
  verdict.kind = kind;
  verdict.hint = hint;
  verdict.third_party = true;
  return verdict;
}

}  // namespace

Verdict judge_oauth(oauth::errc code, Direction direction) {
  using oauth::errc;
  switch (code) {
    case errc::consent_needed:
    case errc::no_grant: {
      auto verdict = make(Outcome::needs_consent, "oauth.consent_needed",
                          "Authorise the integration at its provider.");
      verdict.field = std::string("/") + std::string(to_string(direction)) + "/auth/grant";
      return verdict;
    }
    case errc::app_fault:
    case errc::bad_key: {
      auto verdict = make(Outcome::throttled, "oauth.refresh_failed",
                          "The provider refuses the OAuth app: see its fault, and mend it there or "
                          "here.");
      verdict.wait_at_least = limits::oauth_fault_pause;
      verdict.told_elsewhere = true;
      return verdict;
    }
    case errc::throttled:
      return make(Outcome::throttled, "oauth.refresh_failed",
                  "The authorization server asks for patience; it is tried again.");
    case errc::unavailable:
    case errc::bad_identity_token:
    case errc::wrong_person:
    case errc::refused:
      break;
  }
  return make(Outcome::transient, "oauth.refresh_failed",
              "The authorization server does not answer as it should; it is tried again. The login "
              "itself is not in doubt.");
}

}  // namespace postern::flows
