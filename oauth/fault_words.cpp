// See fault_words.hpp.
#include "oauth/fault_words.hpp"

#include <algorithm>
#include <array>

namespace postern::oauth {
namespace {

struct Word {
  std::string_view word;
  FaultKind kind;
};

constexpr Word errors[] = {
    {"invalid_grant", FaultKind::consent},
    {"interaction_required", FaultKind::consent},
    {"consent_required", FaultKind::consent},
    {"login_required", FaultKind::consent},
    {"bad_token", FaultKind::consent},
    {"invalid_client", FaultKind::app},
    {"unauthorized_client", FaultKind::app},
    {"invalid_scope", FaultKind::app},
    {"invalid_resource", FaultKind::app},
    {"invalid_target", FaultKind::app},
    {"unsupported_grant_type", FaultKind::app},
    {"invalid_request", FaultKind::app},
    {"temporarily_unavailable", FaultKind::transient},
    {"server_error", FaultKind::transient},
    {"authorization_pending", FaultKind::pending},
    {"slow_down", FaultKind::slow_down},
    {"access_denied", FaultKind::ended},
    {"authorization_declined", FaultKind::ended},  // Microsoft
    {"expired_token", FaultKind::ended},
    {"bad_verification_code", FaultKind::ended},  // Microsoft
    {"code_expired", FaultKind::ended},
};

// MSAL's list (InteractionRequiredAuthError): a person must act.
constexpr std::array<std::string_view, 6> person_suberrors = {
    "message_only",          "additional_action", "basic_action",
    "user_password_expired", "consent_required",  "bad_token"};

constexpr std::array<std::int64_t, 11> passing = {50033, 50087, 50088, 50166, 50196, 70012,
                                                  80001, 80002, 80005, 80014, 90033};

struct Number {
  std::int64_t number;
  std::string_view hint;
};

constexpr Number hints[] = {
    {7000215, "The client secret is wrong: give the secret's value, not its id."},
    {7000222, "The client secret has run out: make a new one at the provider and give it here."},
    {70002, "The app's credentials are wrong: check client id and secret."},
    {700016, "The app is not known in this tenant: check client id and tenant."},
    {700011, "The app is not known in this tenant: check client id and tenant."},
    {700027, "The certificate is not the one registered for the app: upload this one there."},
    {700024, "The clock of this machine is wrong: a client assertion was outside its time."},
    {700025, "The app is a public client: leave client secret and certificate away."},
    {50194, "The app is for one tenant only: name that tenant, not \"common\"."},
    {50011, "Register redirect_uri at the provider exactly as it is shown here."},
    {500011, "The resource is not known in the tenant: check the scopes and the cloud."},
    {70011, "A scope is wrong: give the full address of each."},
    {650052, "The organisation has not subscribed to this service, or its admin must consent."},
    {65001, "Nobody has consented to what the app asks for: authorise again, or have an admin do."},
    {65004, "The person declined: authorise again."},
    {50076, "Two-factor authentication is asked for: authorise again."},
    {50078, "Two-factor authentication has run out: authorise again."},
    {50079, "Two-factor authentication must be set up: sign in on the web, then authorise again."},
    {50158, "Another proof of the person is asked for: authorise again."},
    {53003, "Conditional Access forbids this sign-in: ask the tenant's administrator."},
    {53000, "Conditional Access wants a compliant device: ask the tenant's administrator."},
    {53001, "Conditional Access wants a joined device: ask the tenant's administrator."},
    {70043, "The sign-in frequency of Conditional Access ended it: authorise again."},
    {70008, "It was not used for too long: authorise again."},
    {700082, "It was not used for 90 days: authorise again."},
    {700084, "The app is registered as a single-page application: register it as \"Web\"."},
    {50173, "The password was changed or the sessions were revoked: authorise again."},
    {50132, "The sessions were revoked: authorise again."},
    {50133, "The password was changed: authorise again."},
    {50055, "The password has run out: renew it, then authorise again."},
    {50144, "The password has run out: renew it, then authorise again."},
    {50057, "The user is disabled: ask the tenant's administrator."},
    {50105, "The user is not assigned to the app: ask the tenant's administrator."},
    {50196, "Microsoft saw too many requests; it is tried again later."},
};

}  // namespace

FaultKind kind_of(std::string_view error, std::string_view suberror) {
  for (const auto& each : errors) {
    const bool person = each.kind == FaultKind::app &&
                        std::ranges::find(person_suberrors, suberror) != person_suberrors.end();
    if (each.word == error) return person ? FaultKind::consent : each.kind;
  }
  return FaultKind::app;
}

bool passes_by_itself(std::int64_t aadsts) {
  return std::ranges::find(passing, aadsts) != passing.end();
}

std::string_view hint_for(FaultKind kind, std::string_view error, std::int64_t aadsts) {
  for (const auto& each : hints) {
    if (each.number == aadsts) return each.hint;
  }
  switch (kind) {
    case FaultKind::consent:
      return "Authorise the integration again at its provider.";
    case FaultKind::app:
      break;
    case FaultKind::transient:
      return "The authorization server has a trouble of its own; it is tried again.";
    case FaultKind::pending:
    case FaultKind::slow_down:
      return "Nobody has entered the code yet.";
    case FaultKind::ended:
      return "The authorization was declined, or came too late: begin it again.";
  }
  if (error == "invalid_client") return "Check client id, client secret or certificate of the app.";
  if (error == "invalid_scope") return "Check the scopes of the app.";
  if (error == "unauthorized_client") {
    return "The app may not do this: check its rights at the provider (for a service account, the "
           "domain-wide delegation of its scopes).";
  }
  return "Check the app's registration at the provider.";
}

}  // namespace postern::oauth
