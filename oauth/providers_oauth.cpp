// Google, Yahoo, AOL, Fastmail, Yandex and Mail.ru.
#include "oauth/provider_tables.hpp"

namespace postern::oauth {
namespace {

void ask_for(Provider& provider, std::vector<std::string> incoming, std::vector<std::string> smtp) {
  provider.scopes.imap = incoming;
  provider.scopes.pop = std::move(incoming);
  provider.scopes.smtp = std::move(smtp);
}

/// Source: Google's "IMAP, POP and SMTP" and "Using OAuth 2.0 to access Google APIs".
Provider google() {
  const std::string mail = "https://mail.google.com/";
  Provider provider;
  provider.id = "google";
  provider.name = "Gmail, Google Workspace";
  // Its device flow does not give access to mail.
  provider.flows = {OAuthFlow::code, OAuthFlow::service_account};
  provider.endpoints.issuer = "https://accounts.google.com";
  provider.endpoints.authorization = "https://accounts.google.com/o/oauth2/v2/auth";
  provider.endpoints.token = "https://oauth2.googleapis.com/token";
  provider.endpoints.revocation = "https://oauth2.googleapis.com/revoke";
  provider.endpoints.userinfo = "https://openidconnect.googleapis.com/v1/userinfo";
  provider.scopes.always = {"openid", "email"};
  ask_for(provider, {mail}, {mail});
  provider.scopes.application = {mail};
  // Without both a refresh token comes with the very first consent alone.
  provider.authorization_parameters = {{"access_type", "offline"}, {"prompt", "consent"}};
  provider.imap = over_tls("imap.gmail.com", imaps);
  provider.pop = over_tls("pop.gmail.com", pop3s);
  provider.smtp = over_tls("smtp.gmail.com", submissions);
  provider.other_hosts = {"imap.googlemail.com", "smtp.googlemail.com", "smtp-relay.gmail.com"};
  provider.domains = {"gmail.com", "googlemail.com"};
  provider.logins.oauth2 = true;
  provider.logins.app_password = true;
  provider.quirks.keeps_sent_copies = true;
  provider.notes =
      "An app in \"Testing\" loses its grants after 7 days: publish it, or make it internal. App "
      "passwords need 2-step verification. A service account needs domain-wide delegation for "
      "https://mail.google.com/; add gmail.imap_admin to see all labels.";
  provider.link = "https://developers.google.com/workspace/gmail/imap/imap-smtp";
  return provider;
}

Provider yahoo(const std::string& id, const std::string& name, const std::string& authority,
               const std::string& mail_domain) {
  Provider provider;
  provider.id = id;
  provider.name = name;
  provider.flows = {OAuthFlow::code};
  provider.endpoints.authorization = "https://" + authority + "/oauth2/request_auth";
  provider.endpoints.token = "https://" + authority + "/oauth2/get_token";
  ask_for(provider, {"mail-w"}, {"mail-w"});
  provider.imap = over_tls("imap." + mail_domain, imaps);
  provider.pop = over_tls("pop." + mail_domain, pop3s);
  provider.smtp = over_tls("smtp." + mail_domain, submissions);
  provider.logins.app_password = true;
  provider.logins.oauth2 = true;
  provider.quirks.keeps_sent_copies = true;
  provider.notes =
      "Make an app password in the account's security settings. OAuth 2.0 works only for apps that "
      "were given the scope mail-w; new ones are not.";
  return provider;
}

Provider fastmail() {
  Provider provider;
  provider.id = "fastmail";
  provider.name = "Fastmail";
  provider.flows = {OAuthFlow::code};
  provider.endpoints.authorization = "https://api.fastmail.com/oauth/authorize";
  provider.endpoints.token = "https://api.fastmail.com/oauth/refresh";
  provider.scopes.imap = {"https://www.fastmail.com/dev/protocol-imap"};
  provider.scopes.pop = {"https://www.fastmail.com/dev/protocol-pop"};
  provider.scopes.smtp = {"https://www.fastmail.com/dev/protocol-smtp"};
  provider.scopes.always = {"offline_access"};
  provider.imap = over_tls("imap.fastmail.com", imaps);
  provider.pop = over_tls("pop.fastmail.com", pop3s);
  provider.smtp = over_tls("smtp.fastmail.com", submissions);
  provider.other_hosts = {"mail.messagingengine.com"};
  provider.domains = {"fastmail.com", "fastmail.fm"};
  provider.logins.app_password = true;
  provider.logins.oauth2 = true;
  provider.notes = "Make an app password with access to mail (IMAP, POP, SMTP).";
  provider.link = "https://www.fastmail.help/hc/en-us/articles/360058752854";
  return provider;
}

Provider yandex() {
  Provider provider;
  provider.id = "yandex";
  provider.name = "Yandex";
  provider.flows = {OAuthFlow::code};
  provider.endpoints.authorization = "https://oauth.yandex.com/authorize";
  provider.endpoints.token = "https://oauth.yandex.com/token";
  ask_for(provider, {"mail:imap_full"}, {"mail:smtp"});
  provider.imap = over_tls("imap.yandex.com", imaps);
  provider.pop = over_tls("pop.yandex.com", pop3s);
  provider.smtp = over_tls("smtp.yandex.com", submissions);
  provider.other_hosts = {"imap.yandex.ru", "pop.yandex.ru", "smtp.yandex.ru"};
  provider.domains = {"yandex.com", "yandex.ru", "ya.ru"};
  provider.logins.app_password = true;
  provider.logins.oauth2 = true;
  provider.notes =
      "Allow IMAP in the mailbox's settings (Email clients) first, then make an app password.";
  provider.link = "https://yandex.com/support/mail/mail-clients/others.html";
  return provider;
}

Provider mail_ru() {
  Provider provider;
  provider.id = "mailru";
  provider.name = "Mail.ru";
  provider.flows = {OAuthFlow::code};
  provider.endpoints.authorization = "https://o2.mail.ru/login";
  provider.endpoints.token = "https://o2.mail.ru/token";
  ask_for(provider, {"mail.imap"}, {"mail.imap"});
  provider.imap = over_tls("imap.mail.ru", imaps);
  provider.pop = over_tls("pop.mail.ru", pop3s);
  provider.smtp = over_tls("smtp.mail.ru", submissions);
  provider.domains = {"mail.ru", "inbox.ru", "list.ru", "bk.ru", "internet.ru"};
  provider.logins.app_password = true;
  provider.logins.oauth2 = true;
  provider.notes = "Make a password for external applications in the account's security settings.";
  provider.link = "https://help.mail.ru/mail/mailer/popsmtp/";
  return provider;
}

}  // namespace

std::vector<Provider> oauth_providers() {
  auto of_yahoo = yahoo("yahoo", "Yahoo Mail", "api.login.yahoo.com", "mail.yahoo.com");
  of_yahoo.other_hosts = {"export.imap.mail.yahoo.com"};
  of_yahoo.domains = {"yahoo.com",   "ymail.com", "rocketmail.com",
                      "yahoo.co.uk", "yahoo.de",  "yahoo.fr"};
  of_yahoo.link = "https://help.yahoo.com/kb/SLN4075.html";
  auto of_aol = yahoo("aol", "AOL Mail", "api.login.aol.com", "aol.com");
  of_aol.other_hosts = {"export.imap.aol.com"};
  of_aol.domains = {"aol.com", "aim.com"};
  of_aol.link =
      "https://help.aol.com/articles/how-do-i-use-other-email-applications-to-send-and-"
      "receive-my-aol-mail";
  return {google(), std::move(of_yahoo), std::move(of_aol), fastmail(), yandex(), mail_ru()};
}

}  // namespace postern::oauth
