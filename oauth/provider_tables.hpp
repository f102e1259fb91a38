// The parts of the table of providers, and the words they are written in.
#pragma once

#include "oauth/provider.hpp"

#include <string>
#include <vector>

namespace postern::oauth {

inline MailHost over_tls(std::string host, std::uint16_t port) {
  return {std::move(host), port, Security::tls};
}
inline MailHost over_starttls(std::string host, std::uint16_t port) {
  return {std::move(host), port, Security::starttls};
}

constexpr std::uint16_t imaps = 993, pop3s = 995, submissions = 465, submission = 587;

/// Microsoft's clouds and Outlook.com.
std::vector<Provider> microsoft_providers();
/// Google, Yahoo, AOL, Fastmail, Yandex, Mail.ru: OAuth of their own.
std::vector<Provider> oauth_providers();
/// Those with passwords alone.
std::vector<Provider> password_providers();
/// Those that only send.
std::vector<Provider> relay_providers();

}  // namespace postern::oauth
