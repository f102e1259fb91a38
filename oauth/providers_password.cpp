// Providers whose mail servers take passwords alone: iCloud, Zoho, GMX, IONOS, OVH, Proton Bridge;
// and those that only send.
#include "oauth/provider_tables.hpp"

namespace postern::oauth {
namespace {

Provider named(std::string id, std::string name, std::string notes) {
  Provider provider;
  provider.id = std::move(id);
  provider.name = std::move(name);
  provider.notes = std::move(notes);
  return provider;
}

Provider icloud() {
  auto provider = named("icloud", "iCloud Mail",
                        "Make an app-specific password at account.apple.com. IMAP's user name is "
                        "the part before the @, SMTP's the whole address.");
  provider.imap = over_tls("imap.mail.me.com", imaps);
  provider.smtp = over_starttls("smtp.mail.me.com", submission);
  provider.domains = {"icloud.com", "me.com", "mac.com"};
  provider.logins.app_password = true;
  provider.quirks.login_is_local_part = true;
  provider.link = "https://support.apple.com/102525";
  return provider;
}

/// One data centre of Zoho's; its accounts live in one and can't be reached by another.
Provider zoho(const std::string& id, const std::string& where, const std::string& domain) {
  auto provider = named(id, "Zoho Mail (" + where + ")",
                        "Switch IMAP on in the mailbox's settings first. Domains of one's own "
                        "may need imappro." +
                            domain + " and smtppro." + domain +
                            "; with two-factor authentication an app password.");
  provider.imap = over_tls("imap." + domain, imaps);
  provider.pop = over_tls("pop." + domain, pop3s);
  provider.smtp = over_tls("smtp." + domain, submissions);
  provider.other_hosts = {"imappro." + domain, "poppro." + domain, "smtppro." + domain};
  provider.logins.password = true;
  provider.logins.app_password = true;
  provider.quirks.keeps_sent_copies = true;
  provider.link = "https://www.zoho.com/mail/help/imap-access.html";
  return provider;
}

Provider gmx(const std::string& id, const std::string& domain, std::vector<std::string> domains) {
  auto provider = named(id, domain == "gmx.net" ? "GMX" : "GMX (gmx.com)",
                        "Allow POP3 and IMAP in the mailbox's settings first.");
  provider.imap = over_tls("imap." + domain, imaps);
  provider.pop = over_tls("pop." + domain, pop3s);
  provider.smtp = over_tls("mail." + domain, submissions);
  provider.domains = std::move(domains);
  provider.logins.password = true;
  provider.logins.app_password = true;
  provider.link = "https://hilfe.gmx.net/pop-imap/imap/imap-serverdaten.html";
  return provider;
}

Provider ionos(const std::string& id, const std::string& top, std::vector<std::string> other) {
  const auto domain = "ionos." + top;
  auto provider = named(id, "IONOS (" + domain + ")",
                        "The password of the mailbox, not of the "
                        "contract.");
  provider.imap = over_tls("imap." + domain, imaps);
  provider.pop = over_tls("pop." + domain, pop3s);
  provider.smtp = over_tls("smtp." + domain, submissions);
  provider.other_hosts = std::move(other);
  provider.logins.password = true;
  return provider;
}

Provider ovh() {
  auto provider = named("ovh", "OVH (MX Plan)",
                        "For MX Plan. Email Pro and Exchange have servers of their own: see the "
                        "control panel (pro….mail.ovh.net, ex….mail.ovh.net).");
  provider.imap = over_tls("ssl0.ovh.net", imaps);
  provider.pop = over_tls("ssl0.ovh.net", pop3s);
  provider.smtp = over_tls("ssl0.ovh.net", submissions);
  provider.logins.password = true;
  return provider;
}

Provider proton() {
  auto provider = named("proton-bridge", "Proton Mail Bridge",
                        "The Bridge runs on this machine; its password is shown in its window. Pin "
                        "its certificate, which it made itself.");
  provider.imap = over_starttls("127.0.0.1", 1143);
  provider.smtp = over_starttls("127.0.0.1", 1025);
  provider.domains = {"proton.me", "protonmail.com", "pm.me"};
  provider.logins.app_password = true;
  provider.quirks.keeps_sent_copies = true;
  provider.link = "https://proton.me/support/bridge";
  return provider;
}

Provider relay(std::string id, std::string name, MailHost smtp, std::string notes) {
  auto provider = named(std::move(id), std::move(name), std::move(notes));
  provider.smtp = std::move(smtp);
  provider.logins.app_password = true;
  provider.quirks.identity_may_differ = true;
  return provider;
}

}  // namespace

std::vector<Provider> password_providers() {
  std::vector<Provider> all;
  all.push_back(icloud());
  all.push_back(zoho("zoho", "zoho.com", "zoho.com"));
  all.push_back(zoho("zoho-eu", "Europe", "zoho.eu"));
  all.push_back(zoho("zoho-in", "India", "zoho.in"));
  all.push_back(zoho("zoho-au", "Australia", "zoho.com.au"));
  all.push_back(zoho("zoho-jp", "Japan", "zoho.jp"));
  all.push_back(gmx("gmx", "gmx.net", {"gmx.net", "gmx.de", "gmx.at", "gmx.ch"}));
  all.push_back(gmx("gmx-com", "gmx.com", {"gmx.com", "gmx.us", "gmx.co.uk"}));
  all.push_back(ionos("ionos-de", "de", {"imap.1und1.de", "pop.1und1.de", "smtp.1und1.de"}));
  all.push_back(ionos("ionos-com", "com", {}));
  all.push_back(ionos("ionos-uk", "co.uk", {}));
  all.push_back(ionos("ionos-es", "es", {}));
  all.push_back(ionos("ionos-fr", "fr", {}));
  all.push_back(ovh());
  all.push_back(proton());
  return all;
}

std::vector<Provider> relay_providers() {
  auto ses = relay("amazon-ses", "Amazon SES",
                   over_starttls("email-smtp.{region}.amazonaws.com", submission),
                   "Put the region into the host's name, as in eu-central-1, and use its SMTP "
                   "credentials. SES gives each mail a Message-ID of its own.");
  ses.link = "https://docs.aws.amazon.com/ses/latest/dg/smtp-connect.html";
  return {std::move(ses),
          relay("sendgrid", "SendGrid", over_starttls("smtp.sendgrid.net", submission),
                "The user name is the word apikey, the password an API key."),
          relay("mailgun", "Mailgun", over_starttls("smtp.mailgun.org", submission),
                "The SMTP credentials of the sending domain."),
          relay("mailgun-eu", "Mailgun (Europe)", over_starttls("smtp.eu.mailgun.org", submission),
                "The SMTP credentials of the sending domain.")};
}

}  // namespace postern::oauth
