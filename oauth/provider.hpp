// Provider: what is known of a mail provider: where its people authorise, what is asked for, and
// where its mail servers are. A value: the table of those known is data, and admins may add theirs.
#pragma once

#include "core/integration.hpp"
#include "core/oauth.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::oauth {

/// Where an authorization server answers. "{tenant}" stands for the app's tenant. An empty one is
/// not offered, or is found by the issuer's discovery document.
struct Endpoints {
  std::string issuer;  // of id_tokens and of the parameter iss; empty: neither is checked
  std::string authorization;
  std::string token;
  std::string device_authorization;
  std::string revocation;  // RFC 7009
  std::string userinfo;    // asked for the identity when the id_token does not tell it
};

/// What is asked for, by use. Scopes are opaque words.
struct UseScopes {
  std::vector<std::string> always;  // in each request of a person: offline_access, openid, email
  std::vector<std::string> imap, pop, smtp;
  std::vector<std::string> application;  // of client credentials and service accounts
};

/// One mail server as the provider has it for everyone.
struct MailHost {
  std::string host;  // empty: the provider has none
  std::uint16_t port = 0;
  Security security = Security::tls;
};

/// How people and programs may log in at the mail servers.
struct LoginKinds {
  bool password = false;      // the account's own
  bool app_password = false;  // one made for programs
  bool oauth2 = false;
};

/// How fast it lets an account send, as it publishes it. Empty: it says nothing.
struct SendingLimits {
  std::optional<int> messages_per_minute, connections_max;
};

/// What a provider does unlike the RFCs.
struct Quirks {
  bool tenant_required = false;         // for client credentials: "common" does not do
  bool one_resource_a_token = false;    // a token for IMAP and SMTP is none for another API
  bool refresh_token_rotates = false;   // every answer brings a new one
  bool keeps_sent_copies = false;       // what is sent by SMTP is in Sent already
  bool closes_at_expiry = false;        // IMAP sessions end with their token
  bool login_is_local_part = false;     // IMAP's user name has no domain
  bool identity_may_differ = false;     // the login name need not be the mailbox's address
  bool client_secret_by_basic = false;  // in the Authorization header, not in the form
};

struct Provider {
  std::string id;                // "microsoft365"; "custom" knows nothing
  std::string name;              // for people
  std::vector<OAuthFlow> flows;  // empty: no OAuth
  Endpoints endpoints;
  UseScopes scopes;
  std::string tenant_default;  // in the place of {tenant} when the app names none
  /// Added to the authorization request: access_type=offline.
  std::vector<std::pair<std::string, std::string>> authorization_parameters;
  MailHost imap, pop, smtp;
  std::vector<std::string> other_hosts;  // that are this provider's too, by which it is known
  std::vector<std::string> domains;      // of its people's addresses, by which it is known
  LoginKinds logins;
  SendingLimits sending;
  Quirks quirks;
  std::string notes;  // for people: what they have to switch on first
  std::string link;   // where the provider explains it
};

/// `text` with "{tenant}" replaced.
std::string with_tenant(std::string_view text, std::string_view tenant);

/// What an app is authorised by: the provider's endpoints, the app's own in their place, the tenant
/// filled in.
Endpoints endpoints_of(const Provider& provider, const OAuthApp& app);

/// What to ask for: the app's scopes if it names any, else the provider's for the directions that
/// are `used`; each once, in order.
struct Uses {
  bool imap = false, pop = false, smtp = false;
};
std::vector<std::string> scopes_of(const Provider& provider, const OAuthApp& app, Uses used);

/// The provider that knows nothing: everything is the app's own.
const Provider& custom_provider();

}  // namespace postern::oauth
