#include "imap/login.hpp"

#include "core/base64.hpp"
#include "core/sasl.hpp"

namespace postern::imap {
namespace {

// "AUTHENTICATE" SP auth-type [SP initial-resp]; an empty initial response is "=".
LoginPlan authenticate(std::string_view mechanism, const Secret& message, std::string error_answer,
                       bool initial_response) {
  auto base64 = to_base64(message.reveal());
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

Result<LoginWay> choose_login(Mechanism mechanism, const Capabilities& capabilities) {
  switch (mechanism) {
    case Mechanism::none:
      return failure(errc::no_mechanism, "the server wants a login and none is configured");
    case Mechanism::password:
      if (capabilities.has("AUTH=PLAIN")) return LoginWay::plain;
      if (!capabilities.has("LOGINDISABLED")) return LoginWay::login_command;
      return failure(errc::login_disabled, "LOGINDISABLED, and AUTH=PLAIN is not offered");
    case Mechanism::oauth2:
      if (capabilities.has("AUTH=XOAUTH2")) return LoginWay::xoauth2;
      if (capabilities.has("AUTH=OAUTHBEARER")) return LoginWay::oauthbearer;
      return failure(errc::no_mechanism, "neither AUTH=XOAUTH2 nor AUTH=OAUTHBEARER is offered");
  }
  return failure(errc::no_mechanism, "");
}

std::optional<LoginWay> other_login(LoginWay way, const Capabilities& capabilities) {
  if (way == LoginWay::plain && !capabilities.has("LOGINDISABLED")) return LoginWay::login_command;
  if (way == LoginWay::xoauth2 && capabilities.has("AUTH=OAUTHBEARER")) {
    return LoginWay::oauthbearer;
  }
  return std::nullopt;
}

// PLAIN has no second challenge, so that is cancelled.
Result<LoginPlan> plan_login(LoginWay way, const Credentials& credentials,
                             const Capabilities& capabilities) {
  const bool initial_response = capabilities.has("SASL-IR");
  if (credentials.mechanism == Mechanism::oauth2 && credentials.access_token.empty()) {
    return failure(errc::bad_argument, "no access token");
  }
  switch (way) {
    case LoginWay::plain: {
      const auto message = sasl::plain(credentials.username, credentials.password);
      if (!message) return failure(errc::bad_argument, message.error().detail);
      return authenticate("PLAIN", message.value(), "*", initial_response);
    }
    case LoginWay::login_command:
      return plain_login(credentials);
    case LoginWay::xoauth2: {
      const auto message = sasl::xoauth2(credentials.username, credentials.access_token);
      if (!message) return failure(errc::bad_argument, message.error().detail);
      return authenticate("XOAUTH2", message.value(), std::string(sasl::xoauth2_error_answer),
                          initial_response);
    }
    case LoginWay::oauthbearer: {
      const auto message = sasl::oauthbearer(credentials.username, credentials.host,
                                             credentials.port, credentials.access_token);
      if (!message) return failure(errc::bad_argument, message.error().detail);
      return authenticate("OAUTHBEARER", message.value(), to_base64(sasl::oauthbearer_error_answer),
                          initial_response);
    }
  }
  return failure(errc::no_mechanism, "");
}

}  // namespace postern::imap
