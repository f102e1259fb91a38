#include "imap/login.hpp"

#include <cstdint>

namespace postern::imap {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// message = [authzid] UTF8NUL authcid UTF8NUL passwd. RFC 4616 §2.
Result<std::string> plain_message(const Credentials& credentials) {
  std::string message;
  message += '\0';
  message += credentials.username;
  message += '\0';
  message += credentials.password.reveal();
  if (message.find('\0', credentials.username.size() + 2) != std::string::npos ||
      credentials.username.find('\0') != std::string::npos) {
    return failure(errc::bad_argument, "a NUL in the user name or password");
  }
  return message;
}

// "AUTHENTICATE" SP auth-type [SP initial-resp]; an empty initial response is "=".
LoginPlan authenticate(std::string_view mechanism, std::string_view message,
                       std::string error_answer, bool initial_response) {
  auto base64 = to_base64(message);
  std::string words = "AUTHENTICATE ";
  words += mechanism;
  if (!initial_response) return {Command(words), std::move(base64), std::move(error_answer)};
  words += ' ';
  words += base64.empty() ? "=" : base64;
  return {Command(words), "", std::move(error_answer)};
}

Result<LoginPlan> plain_login(const Credentials& credentials) {
  LoginPlan plan{Command("LOGIN"), "", ""};
  POSTERN_TRY(plan.command.add_string(credentials.username));
  POSTERN_TRY(plan.command.add_string(credentials.password.reveal()));
  return plan;
}

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group <<= 8U;
      if (i + k < bytes.size()) group |= static_cast<unsigned char>(bytes[i + k]);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += i + k > bytes.size() ? '=' : alphabet[(group >> (18 - 6 * k)) & 0x3fU];
    }
  }
  return text;
}

std::string from_base64(std::string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  std::string bytes;
  std::uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos) return {};
    buffer = (buffer << 6U) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>((buffer >> bits) & 0xffU);
    buffer &= (1U << bits) - 1;
  }
  return bytes;
}

Result<LoginWay> choose_login(Mechanism mechanism, const Capabilities& capabilities) {
  switch (mechanism) {
    case Mechanism::none:
      return failure(errc::no_mechanism, "the server wants a login and none is configured");
    case Mechanism::password:
      if (capabilities.has("AUTH=PLAIN")) return LoginWay::plain;
      if (!capabilities.has("LOGINDISABLED")) return LoginWay::login_command;
      return failure(errc::login_disabled, "LOGINDISABLED, and AUTH=PLAIN is not offered");
    case Mechanism::xoauth2:
      if (capabilities.has("AUTH=XOAUTH2")) return LoginWay::xoauth2;
      return failure(errc::no_mechanism, "AUTH=XOAUTH2 is not offered");
    case Mechanism::oauthbearer:
      if (capabilities.has("AUTH=OAUTHBEARER")) return LoginWay::oauthbearer;
      return failure(errc::no_mechanism, "AUTH=OAUTHBEARER is not offered");
  }
  return failure(errc::no_mechanism, "");
}

// The error answers: XOAUTH2 wants an empty line, OAUTHBEARER a lone ^A (RFC 7628 §3.2.3), PLAIN
// has no second challenge, so it is cancelled.
Result<LoginPlan> plan_login(LoginWay way, const Credentials& credentials,
                             const Capabilities& capabilities) {
  const bool initial_response = capabilities.has("SASL-IR");
  switch (way) {
    case LoginWay::plain: {
      POSTERN_TRY(const auto message, plain_message(credentials));
      return authenticate("PLAIN", message, "*", initial_response);
    }
    case LoginWay::login_command:
      return plain_login(credentials);
    case LoginWay::xoauth2:
      return authenticate("XOAUTH2", credentials.sasl.reveal(), "", initial_response);
    case LoginWay::oauthbearer:
      return authenticate("OAUTHBEARER", credentials.sasl.reveal(), "AQ==", initial_response);
  }
  return failure(errc::no_mechanism, "");
}

}  // namespace postern::imap
