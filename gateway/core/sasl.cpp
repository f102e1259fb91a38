// See sasl.hpp.
#include "core/sasl.hpp"

#include "core/utf8.hpp"

#include <fmt/format.h>

namespace postern::sasl {
namespace {

const char* sentence(int value) {
  switch (static_cast<errc>(value)) {
    case errc::forbidden_character:
      return "The login name, password or token holds a character that cannot be sent";
  }
  return "Unknown";
}

constexpr SentenceCategory category("sasl", sentence);

Error forbidden(std::string_view what) {
  return Error{errc::forbidden_character, std::string(what)};
}

/// saslname of RFC 5801 §4.
std::string sasl_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ',') {
      out += "=2C";
    } else if (c == '=') {
      out += "=3D";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

boost::system::error_code make_error_code(errc code) {
  return {static_cast<int>(code), category};
}

Result<Secret> plain(std::string_view username, const Secret& password) {
  if (username.find('\0') != std::string_view::npos) return forbidden("the user name");
  if (password.reveal().find('\0') != std::string_view::npos) return forbidden("the password");
  std::string message;
  message.reserve(username.size() + password.reveal().size() + 2);
  message += '\0';
  message += username;
  message += '\0';
  message += password.reveal();
  return Secret(std::move(message));
}

Result<Secret> xoauth2(std::string_view username, const Secret& access_token) {
  if (has_control(username)) return forbidden("the user name");
  if (has_control(access_token.reveal())) return forbidden("the access token");
  return Secret(
      fmt::format("user={}\x01"
                  "auth=Bearer {}\x01\x01",
                  username, access_token.reveal()));
}

Result<Secret> oauthbearer(std::string_view username, std::string_view host, int port,
                           const Secret& access_token) {
  if (has_control(username)) return forbidden("the user name");
  if (has_control(host)) return forbidden("the host");
  if (has_control(access_token.reveal())) return forbidden("the access token");
  return Secret(
      fmt::format("n,a={},\x01"
                  "host={}\x01"
                  "port={}\x01"
                  "auth=Bearer {}\x01\x01",
                  sasl_name(username), host, port, access_token.reveal()));
}

}  // namespace postern::sasl
