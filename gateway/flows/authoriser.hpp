// Authoriser: from the wish to authorise an integration to its grant: by a person's browser, by a
// code on another device, or by the app itself. One for the program; it lives on its home executor
// and may be asked from any other.
//
// Who authorised must be whose mailbox it is, where the provider tells, unless the wish says that
// the mailbox is shared. Tokens that may not be used are given back.
#pragma once

#include "core/oauth.hpp"
#include "flows/context.hpp"
#include "flows/oauth_server.hpp"
#include "net/scope.hpp"
#include "oauth/authorization.hpp"
#include "oauth/device.hpp"
#include "oauth/identity.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::flows {

struct AuthorisationWish {
  std::string app, integration;  // ids or names
  bool shared_mailbox = false;   // another person's mailbox, on purpose
  std::string by;
  // Of a person's session; the answer must come from it, or from the browser that has the second.
  std::string session_sha256, browser_sha256;
};

/// Where to send the browser, or, where no person is needed, the grant at once.
struct AuthorisationBegun {
  std::optional<std::string> url;
  std::optional<OAuthGrant> grant;
};

struct Authorised {
  OAuthGrant grant;
  IntegrationId integration;
  std::string name;                // the integration's
  std::vector<std::string> notes;  // what a person should know of it
};

/// RFC 8628's answer but for the device code, and what became of it.
struct DeviceAuthorisation {
  std::string id, user_code, verification_uri, verification_uri_complete;
  std::chrono::seconds expires_in{0}, interval{0};
  enum class State { pending, authorised, failed } state = State::pending;
  std::string message;  // why it failed
  std::optional<OAuthGrant> grant;
};

class Authoriser {
 public:
  Authoriser(Context& context, boost::asio::any_io_executor home);

  /// Ends the polling of devices. On `home`.
  net::Task<void> stop();

  /// Errors: not_found (app, integration), wrong_state (not a login by OAuth; no public_url; a
  /// device's flow), oauth::errc.
  net::Task<Result<AuthorisationBegun>> begin(AuthorisationWish wish);

  /// The browser came back. `session_sha256` and `browser_sha256` are what it showed, or empty.
  /// Errors: oauth::errc refused (unknown, used, foreign or old state; the person said no),
  /// wrong_person, the token endpoint's; storage's.
  net::Task<Result<Authorised>> finish(oauth::AuthorizationAnswer answer,
                                       std::string session_sha256, std::string browser_sha256);

  /// The codes for a person; the token is asked for until they run out. Errors: as begin().
  net::Task<Result<DeviceAuthorisation>> begin_device(AuthorisationWish wish);
  /// Errors: not_found.
  net::Task<Result<DeviceAuthorisation>> device(std::string id);

  /// Gives the grant back where the provider takes it (RFC 7009), and forgets it in any case.
  /// Errors: not_found.
  net::Task<Result<void>> revoke(OAuthGrantId grant, std::string by);

  /// The page that the provider sends browsers back to; empty without a public_url.
  std::string redirect_uri() const;

  /// Set by the hub: called on `home` when these integrations have another grant, or none.
  void set_on_change(std::function<void(std::vector<IntegrationId>)> on_change);

 private:
  /// What a wish comes to.
  struct Case {
    AppAtServer at;
    storage::StoredIntegration integration;
    std::vector<std::string> scopes;
    bool shared_mailbox = false;
    std::string by, nonce;
  };
  struct Device {
    DeviceAuthorisation shown;
    Secret code;
    Duration ends;  // of Env::steady()
  };

  net::Task<Result<AuthorisationBegun>> begin_here(AuthorisationWish wish);
  net::Task<Result<Authorised>> finish_here(oauth::AuthorizationAnswer answer,
                                            std::string session_sha256, std::string browser_sha256);
  net::Task<Result<DeviceAuthorisation>> begin_device_here(AuthorisationWish wish);
  net::Task<Result<DeviceAuthorisation>> device_here(std::string id);
  net::Task<Result<void>> revoke_here(OAuthGrantId grant, std::string by);

  net::Task<Result<Case>> open(AuthorisationWish wish);
  net::Task<Result<AuthorisationBegun>> send_person(Case wish, std::string session_sha256,
                                                    std::string browser_sha256);
  net::Task<Result<Authorised>> ask(const Case& wish, oauth::Form form);
  net::Task<Result<Authorised>> settle(const Case& wish, oauth::Tokens tokens);
  net::Task<Result<oauth::Identity>> identify(const Case& wish, const oauth::Tokens& tokens);
  net::Task<Result<Authorised>> keep(const Case& wish, const oauth::Tokens& tokens,
                                     const oauth::Identity& identity);
  net::Task<void> give_back(const AppAtServer& at, Secret token);
  net::Task<void> poll(Case wish, std::string id);
  net::Task<bool> poll_once(const Case& wish, std::string id, oauth::DevicePace& pace);
  void forget_old_devices();

  Context& context_;
  boost::asio::any_io_executor home_;
  OAuthServer server_;
  net::Scope scope_;
  std::map<std::string, Device> devices_;
  std::function<void(std::vector<IntegrationId>)> on_change_;
};

}  // namespace postern::flows
