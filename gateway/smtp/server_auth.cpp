#include "smtp/server_auth.hpp"

#include "core/base64.hpp"

#include <algorithm>
#include <utility>

namespace postern::smtp {
namespace {

ServerReply not_base64() {
  return {501, "5.5.2", "Not base 64"};
}
ServerReply refused() {
  return {535, "5.7.8", "Authentication credentials invalid"};
}

bool same_word(std::string_view text, std::string_view upper_word) {
  return std::equal(text.begin(), text.end(), upper_word.begin(), upper_word.end(),
                    [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 32 : a) == b; });
}

AuthStep credentials(std::string login, std::string password) {
  Credentials given{std::move(login), Secret(std::move(password))};
  const bool sane = !given.login.empty() && given.login.size() <= login_bytes_max &&
                    given.login.find('\0') == std::string::npos;
  if (!sane) return refused();
  return given;
}

/// [authzid] NUL authcid NUL passwd. Source: RFC 4616 §2.
AuthStep plain(const std::string& message) {
  const auto first = message.find('\0');
  const auto second = first == std::string::npos ? first : message.find('\0', first + 1);
  if (second == std::string::npos) return ServerReply{501, "5.5.2", "Not a PLAIN message"};
  const auto identity = message.substr(0, first);
  auto login = message.substr(first + 1, second - first - 1);
  auto password = message.substr(second + 1);
  if (!identity.empty() && identity != login) return refused();
  if (password.size() > password_bytes_max || password.find('\0') != std::string::npos) {
    return refused();
  }
  return credentials(std::move(login), std::move(password));
}

}  // namespace

AuthStep ServerAuth::begin(std::string_view argument) {
  const auto end = std::min(argument.find(' '), argument.size());
  const auto mechanism = argument.substr(0, end);
  auto initial = argument.substr(end);
  while (initial.starts_with(' ')) initial.remove_prefix(1);
  if (mechanism.empty()) return ServerReply{501, "5.5.4", "AUTH wants a mechanism"};
  const bool is_plain = same_word(mechanism, "PLAIN");
  if (!is_plain && !same_word(mechanism, "LOGIN")) {
    return ServerReply{504, "5.5.4", "PLAIN and LOGIN are the mechanisms here"};
  }
  awaiting_ = is_plain ? Awaiting::plain : Awaiting::login_name;
  if (initial == "=") return take_decoded("");  // RFC 4954 §4: an empty initial response
  if (!initial.empty()) return take(initial);
  if (is_plain) return Challenge{};
  return Challenge{to_base64("Username:")};
}

AuthStep ServerAuth::take(std::string_view line) {
  if (line == "*") return ServerReply{501, "5.7.0", "The login was given up"};
  auto bytes = from_base64(line);
  if (!bytes) return not_base64();
  return take_decoded(std::move(*bytes));
}

AuthStep ServerAuth::take_decoded(std::string bytes) {
  switch (awaiting_) {
    case Awaiting::plain:
      return plain(bytes);
    case Awaiting::login_name:
      login_ = std::move(bytes);
      awaiting_ = Awaiting::login_password;
      return Challenge{to_base64("Password:")};
    case Awaiting::login_password:
      break;
  }
  if (bytes.size() > password_bytes_max || bytes.find('\0') != std::string::npos) return refused();
  return credentials(std::move(login_), std::move(bytes));
}

}  // namespace postern::smtp
