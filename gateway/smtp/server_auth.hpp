// The server's side of a login: PLAIN and LOGIN, from base 64 to a name and a password.
//
// Whether they are right is not known here. RFC 4954 (AUTH), RFC 4616 (PLAIN); LOGIN has no RFC,
// and is what many programs know alone. One of the files that make a Secret.
#pragma once

#include "core/secret.hpp"
#include "smtp/server_command.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace postern::smtp {

inline constexpr std::size_t login_bytes_max = 320;
inline constexpr std::size_t password_bytes_max = 1024;

struct Challenge {
  std::string text;  // base 64, may be empty: "334 " and this
};
struct Credentials {
  std::string login;
  Secret password;
};
using AuthStep = std::variant<Challenge, Credentials, ServerReply>;

class ServerAuth {
 public:
  /// Begins with what stands behind AUTH. Refusals: 501 (syntax, base 64), 504 (a mechanism that is
  /// not offered).
  AuthStep begin(std::string_view argument);

  /// Takes the client's answer to the last Challenge. Refusals: 501 (base 64; "*", by which the
  /// client gives up), 535 (another identity is asked for, or too long).
  AuthStep take(std::string_view line);

 private:
  enum class Awaiting { plain, login_name, login_password };
  AuthStep take_decoded(std::string bytes);

  Awaiting awaiting_ = Awaiting::plain;
  std::string login_;
};

}  // namespace postern::smtp
