// Microsoft 365 in each of its clouds, and Outlook.com. All are one protocol with other host names.
//
// Issuers are left out: for "common", "organizations" and a tenant's domain the token names the
// tenant's own id, which nobody told us. Source: Microsoft's "Authenticate an IMAP, POP or SMTP
// connection using OAuth", "National clouds".
#include "oauth/provider_tables.hpp"

namespace postern::oauth {
namespace {

struct Cloud {
  std::string id, name;
  std::string login_host;    // of the authorization server
  std::string scope_host;    // of what a person grants
  std::string app_host;      // of what an app is granted
  std::string mailbox_host;  // IMAP and POP3
  std::string smtp_host;
};

Endpoints endpoints_at(const std::string& login_host) {
  const auto base = "https://" + login_host + "/{tenant}/oauth2/v2.0/";
  Endpoints endpoints;
  endpoints.authorization = base + "authorize";
  endpoints.token = base + "token";
  endpoints.device_authorization = base + "devicecode";
  return endpoints;
}

Provider in_cloud(const Cloud& cloud) {
  const auto resource = "https://" + cloud.scope_host + "/";
  Provider provider;
  provider.id = cloud.id;
  provider.name = cloud.name;
  provider.flows = {OAuthFlow::code, OAuthFlow::device, OAuthFlow::client_credentials};
  provider.endpoints = endpoints_at(cloud.login_host);
  // The resource is named in full: a bare IMAP.AccessAsUser.All is Graph's, and no good for IMAP.
  provider.scopes.always = {"offline_access", "openid", "email", "profile"};
  provider.scopes.imap = {resource + "IMAP.AccessAsUser.All"};
  provider.scopes.pop = {resource + "POP.AccessAsUser.All"};
  provider.scopes.smtp = {resource + "SMTP.Send"};
  provider.scopes.application = {"https://" + cloud.app_host + "/.default"};
  provider.tenant_default = "organizations";
  provider.imap = over_tls(cloud.mailbox_host, imaps);
  provider.pop = over_tls(cloud.mailbox_host, pop3s);
  provider.smtp = over_starttls(cloud.smtp_host, submission);
  provider.logins.oauth2 = true;
  // Source: "Exchange Online limits", SMTP AUTH client submission.
  provider.sending = {30, 3};
  provider.quirks.tenant_required = true;
  provider.quirks.one_resource_a_token = true;
  provider.quirks.refresh_token_rotates = true;
  provider.quirks.keeps_sent_copies = true;
  provider.quirks.closes_at_expiry = true;
  provider.quirks.identity_may_differ = true;
  provider.notes =
      "Register an app in Microsoft Entra and give its tenant (an app of one tenant does not work "
      "without). IMAP and \"Authenticated SMTP\" must be on for the mailbox; an app that acts for "
      "itself also needs a service principal in Exchange Online with rights to each mailbox.";
  provider.link =
      "https://learn.microsoft.com/exchange/client-developer/legacy-protocols/"
      "how-to-authenticate-an-imap-pop-smtp-application-by-using-oauth";
  return provider;
}

Provider outlook() {
  auto provider = in_cloud({"outlook", "Outlook.com, Hotmail, Live", "login.microsoftonline.com",
                            "outlook.office.com", "outlook.office365.com", "outlook.office365.com",
                            "smtp-mail.outlook.com"});
  provider.flows = {OAuthFlow::code, OAuthFlow::device};
  provider.scopes.application.clear();
  provider.tenant_default = "consumers";
  provider.sending = {};  // nothing is published for people's own
  provider.quirks.tenant_required = false;
  provider.quirks.identity_may_differ = false;
  provider.other_hosts = {"imap-mail.outlook.com", "pop-mail.outlook.com"};
  provider.domains = {"outlook.com", "hotmail.com", "live.com", "msn.com"};
  provider.notes =
      "For people's own accounts. POP and IMAP have to be switched on in the settings of "
      "Outlook.com first. Passwords are no longer accepted.";
  provider.link =
      "https://support.microsoft.com/office/pop-imap-and-smtp-settings-for-outlook-com-"
      "d088b986-291d-42b8-9564-9c414e2aa040";
  return provider;
}

}  // namespace

std::vector<Provider> microsoft_providers() {
  auto global =
      in_cloud({"microsoft365", "Microsoft 365", "login.microsoftonline.com", "outlook.office.com",
                "outlook.office365.com", "outlook.office365.com", "smtp.office365.com"});
  global.other_hosts = {"outlook.office.com"};
  auto government = in_cloud({"microsoft365-us", "Microsoft 365 for US government (GCC High, DoD)",
                              "login.microsoftonline.us", "outlook.office365.us",
                              "outlook.office365.us", "outlook.office365.us", "smtp.office365.us"});
  auto china = in_cloud({"microsoft365-china", "Microsoft 365 in China (21Vianet)",
                         "login.partner.microsoftonline.cn", "partner.outlook.cn",
                         "partner.outlook.cn", "partner.outlook.cn", "smtp.partner.outlook.cn"});
  return {std::move(global), std::move(government), std::move(china), outlook()};
}

}  // namespace postern::oauth
