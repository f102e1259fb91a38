// The table of providers: complete, and as the providers publish it.
#include "oauth/providers.hpp"

#include "core/syntax.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>

namespace postern::oauth {
namespace {

bool is_slug(const std::string& id) {
  return !id.empty() && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void expect_whole(const Provider& provider, const MailHost& server) {
  if (server.host.empty()) return;
  const auto host = with_tenant(server.host, "x");
  EXPECT_TRUE(valid_host(host) || contains(host, "{region}")) << provider.id << " " << host;
  EXPECT_NE(server.port, 0) << provider.id;
  // Passwords and tokens pass there: there is no preset without TLS.
  EXPECT_NE(server.security, Security::none) << provider.id;
}

TEST(Providers, Have_names_of_their_own) {
  std::set<std::string> ids, names;
  for (const auto& provider : known_providers()) {
    EXPECT_TRUE(is_slug(provider.id)) << provider.id;
    EXPECT_FALSE(provider.name.empty()) << provider.id;
    EXPECT_TRUE(ids.insert(provider.id).second) << provider.id;
    EXPECT_TRUE(names.insert(provider.name).second) << provider.name;
  }
  EXPECT_EQ(known_providers().back().id, "custom");
}

TEST(Providers, Are_known_by_no_domain_twice) {
  std::set<std::string> domains;
  for (const auto& provider : known_providers()) {
    for (const auto& domain : provider.domains) {
      EXPECT_TRUE(valid_host(domain)) << domain;
      EXPECT_TRUE(domains.insert(domain).second) << domain;
    }
  }
}

TEST(Providers, Are_complete) {
  for (const auto& provider : known_providers()) {
    if (provider.id == "custom") continue;
    EXPECT_FALSE(provider.smtp.host.empty()) << provider.id;
    for (const auto& server : {provider.imap, provider.pop, provider.smtp}) {
      expect_whole(provider, server);
    }
    const auto& logins = provider.logins;
    EXPECT_TRUE(logins.password || logins.app_password || logins.oauth2) << provider.id;
    EXPECT_EQ(logins.oauth2, !provider.flows.empty()) << provider.id;
    EXPECT_FALSE(provider.notes.empty()) << provider.id;
    if (!provider.link.empty()) EXPECT_EQ(http_url_problem(provider.link), std::nullopt);
    for (const auto& host : provider.other_hosts) EXPECT_TRUE(valid_host(host)) << host;
  }
}

TEST(Providers, With_oauth_say_where_and_what_for_each_flow) {
  for (const auto& provider : known_providers()) {
    if (provider.flows.empty() || provider.id == "custom") continue;
    const auto& at = provider.endpoints;
    for (const auto& url : {at.authorization, at.token}) {
      EXPECT_EQ(http_url_problem(with_tenant(url, "common")), std::nullopt) << url;
      EXPECT_TRUE(url.starts_with("https://")) << url;
    }
    for (const auto flow : provider.flows) {
      const bool person = flow == OAuthFlow::code || flow == OAuthFlow::device;
      if (flow == OAuthFlow::device) EXPECT_FALSE(at.device_authorization.empty()) << provider.id;
      if (!person) EXPECT_FALSE(provider.scopes.application.empty()) << provider.id;
      if (person) EXPECT_FALSE(provider.scopes.imap.empty()) << provider.id;
      if (person) EXPECT_FALSE(provider.scopes.smtp.empty()) << provider.id;
    }
    const bool tenants = contains(at.token, "{tenant}");
    EXPECT_EQ(tenants, !provider.tenant_default.empty()) << provider.id;
  }
}

struct Published {
  const char* id;
  const char* imap;
  const char* smtp;
  int smtp_port;
  Security smtp_security;
};

// What the providers publish, one by one; IMAP is on port 993 with TLS for all but the last.
constexpr auto tls = Security::tls;
constexpr auto starttls = Security::starttls;
constexpr Published published[] = {
    {"microsoft365", "outlook.office365.com", "smtp.office365.com", 587, starttls},
    {"microsoft365-us", "outlook.office365.us", "smtp.office365.us", 587, starttls},
    {"microsoft365-china", "partner.outlook.cn", "smtp.partner.outlook.cn", 587, starttls},
    {"outlook", "outlook.office365.com", "smtp-mail.outlook.com", 587, starttls},
    {"google", "imap.gmail.com", "smtp.gmail.com", 465, tls},
    {"yahoo", "imap.mail.yahoo.com", "smtp.mail.yahoo.com", 465, tls},
    {"aol", "imap.aol.com", "smtp.aol.com", 465, tls},
    {"icloud", "imap.mail.me.com", "smtp.mail.me.com", 587, starttls},
    {"fastmail", "imap.fastmail.com", "smtp.fastmail.com", 465, tls},
    {"zoho", "imap.zoho.com", "smtp.zoho.com", 465, tls},
    {"zoho-eu", "imap.zoho.eu", "smtp.zoho.eu", 465, tls},
    {"zoho-in", "imap.zoho.in", "smtp.zoho.in", 465, tls},
    {"zoho-au", "imap.zoho.com.au", "smtp.zoho.com.au", 465, tls},
    {"zoho-jp", "imap.zoho.jp", "smtp.zoho.jp", 465, tls},
    {"yandex", "imap.yandex.com", "smtp.yandex.com", 465, tls},
    {"mailru", "imap.mail.ru", "smtp.mail.ru", 465, tls},
    {"gmx", "imap.gmx.net", "mail.gmx.net", 465, tls},
    {"gmx-com", "imap.gmx.com", "mail.gmx.com", 465, tls},
    {"ionos-de", "imap.ionos.de", "smtp.ionos.de", 465, tls},
    {"ionos-com", "imap.ionos.com", "smtp.ionos.com", 465, tls},
    {"ionos-uk", "imap.ionos.co.uk", "smtp.ionos.co.uk", 465, tls},
    {"ionos-es", "imap.ionos.es", "smtp.ionos.es", 465, tls},
    {"ionos-fr", "imap.ionos.fr", "smtp.ionos.fr", 465, tls},
    {"ovh", "ssl0.ovh.net", "ssl0.ovh.net", 465, tls},
    {"amazon-ses", "", "email-smtp.{region}.amazonaws.com", 587, starttls},
    {"sendgrid", "", "smtp.sendgrid.net", 587, starttls},
    {"mailgun", "", "smtp.mailgun.org", 587, starttls},
    {"mailgun-eu", "", "smtp.eu.mailgun.org", 587, starttls},
    {"proton-bridge", "127.0.0.1", "127.0.0.1", 1025, starttls},
};

TEST(Providers, Have_the_servers_that_they_publish) {
  for (const auto& expected : published) {
    const auto* provider = known_provider(expected.id);
    ASSERT_NE(provider, nullptr) << expected.id;
    EXPECT_EQ(provider->imap.host, expected.imap) << expected.id;
    EXPECT_EQ(provider->smtp.host, expected.smtp) << expected.id;
    EXPECT_EQ(provider->smtp.port, expected.smtp_port) << expected.id;
    EXPECT_EQ(provider->smtp.security, expected.smtp_security) << expected.id;
    const bool bridge = provider->id == "proton-bridge";
    if (provider->imap.host.empty()) continue;
    EXPECT_EQ(provider->imap.port, bridge ? 1143 : 993) << expected.id;
    EXPECT_EQ(provider->imap.security, bridge ? starttls : tls) << expected.id;
  }
  EXPECT_EQ(std::size(published) + 1, known_providers().size()) << "one is not looked at";
}

TEST(Providers, Microsofts_clouds_differ_in_their_hosts_alone) {
  const auto& global = *known_provider("microsoft365");
  const auto& government = *known_provider("microsoft365-us");
  const auto& china = *known_provider("microsoft365-china");

  EXPECT_EQ(with_tenant(global.endpoints.token, "contoso.com"),
            "https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token");
  EXPECT_EQ(global.scopes.smtp.front(), "https://outlook.office.com/SMTP.Send");
  EXPECT_EQ(global.scopes.application.front(), "https://outlook.office365.com/.default");
  EXPECT_TRUE(government.endpoints.token.starts_with("https://login.microsoftonline.us/{tenant}/"));
  EXPECT_EQ(government.scopes.imap.front(), "https://outlook.office365.us/IMAP.AccessAsUser.All");
  EXPECT_TRUE(china.endpoints.device_authorization.starts_with(
      "https://login.partner.microsoftonline.cn/"));
  EXPECT_EQ(china.scopes.pop.front(), "https://partner.outlook.cn/POP.AccessAsUser.All");
  for (const auto* cloud : {&global, &government, &china}) {
    EXPECT_TRUE(cloud->quirks.tenant_required);
    EXPECT_TRUE(cloud->quirks.closes_at_expiry);
    EXPECT_TRUE(std::ranges::count(cloud->scopes.always, "offline_access") == 1);
    EXPECT_FALSE(cloud->logins.password) << "basic authentication is gone";
  }
}

TEST(Providers, Google_gives_a_refresh_token_each_time) {
  const auto& google = *known_provider("google");

  EXPECT_EQ(google.scopes.imap, google.scopes.smtp);
  EXPECT_EQ(google.scopes.imap.front(), "https://mail.google.com/");
  EXPECT_EQ(std::ranges::count(google.authorization_parameters,
                               std::pair<std::string, std::string>("access_type", "offline")),
            1);
  EXPECT_EQ(std::ranges::count(google.flows, OAuthFlow::device), 0);
  EXPECT_EQ(std::ranges::count(google.flows, OAuthFlow::service_account), 1);
}

TEST(Providers, None_is_known_by_another_name) {
  EXPECT_EQ(known_provider("nowhere"), nullptr);
  EXPECT_EQ(known_provider(""), nullptr);
}

}  // namespace
}  // namespace postern::oauth
