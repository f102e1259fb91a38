#include "pop3/login.hpp"

#include "core/base64.hpp"
#include "core/sasl.hpp"

namespace postern::pop3 {
namespace {

constexpr std::string_view cancel = "*";  // RFC 5034 §4

// AUTH mechanism [initial-response]
LoginPlan authenticate(std::string_view mechanism, const Secret& message, bool initial_response,
                       std::string_view error_answer) {
  LoginPlan plan;
  plan.command = "AUTH " + std::string(mechanism);
  plan.response = to_base64(message.reveal());
  plan.error_answer = error_answer;
  const auto whole = plan.command.size() + 1 + plan.response.size() + 2;
  if (initial_response && !plan.response.empty() && whole <= auth_command_bytes_max) {
    plan.command += " " + plan.response;
    plan.response_given = true;
  }
  return plan;
}

bool fits_a_line(std::string_view word) {
  using namespace std::string_view_literals;
  return word.find_first_of("\0\r\n"sv) == std::string_view::npos;
}

Result<LoginPlan> user_and_pass(const Credentials& credentials) {
  const auto password = credentials.password.reveal();
  if (!fits_a_line(credentials.username) || !fits_a_line(password)) {
    return failure(errc::bad_argument, "a line break in the name or the password");
  }
  LoginPlan plan;
  plan.command = "USER " + credentials.username;
  plan.response = "PASS " + std::string(password);
  plan.user_pass = true;
  return plan;
}

}  // namespace

Result<LoginWay> choose_login(Mechanism mechanism, const Capabilities& capabilities) {
  const auto offers = [&](std::string_view name) { return capabilities.has("SASL", name); };
  switch (mechanism) {
    case Mechanism::none:
      return failure(errc::no_mechanism, "POP3 wants a login and none is configured");
    case Mechanism::password:
      if (offers("PLAIN")) return LoginWay::plain;
      if (capabilities.has("USER") || !capabilities.known()) return LoginWay::user_pass;
      return failure(errc::login_disabled, "offered: " + capabilities.words());
    case Mechanism::xoauth2:
      if (offers("XOAUTH2")) return LoginWay::xoauth2;
      return failure(errc::no_mechanism, "SASL XOAUTH2 is not offered: " + capabilities.words());
    case Mechanism::oauthbearer:
      if (offers("OAUTHBEARER")) return LoginWay::oauthbearer;
      return failure(errc::no_mechanism,
                     "SASL OAUTHBEARER is not offered: " + capabilities.words());
  }
  return failure(errc::no_mechanism, "");
}

// PLAIN has no second challenge, so that is cancelled.
Result<LoginPlan> plan_login(LoginWay way, const Credentials& credentials) {
  switch (way) {
    case LoginWay::plain: {
      const auto message = sasl::plain(credentials.username, credentials.password);
      if (!message) return failure(errc::bad_argument, message.error().detail);
      return authenticate("PLAIN", message.value(), true, cancel);
    }
    case LoginWay::user_pass:
      return user_and_pass(credentials);
    case LoginWay::xoauth2:
      return authenticate("XOAUTH2", credentials.sasl, false, sasl::xoauth2_error_answer);
    case LoginWay::oauthbearer:
      return authenticate("OAUTHBEARER", credentials.sasl, true,
                          to_base64(sasl::oauthbearer_error_answer));
  }
  return failure(errc::no_mechanism, "");
}

}  // namespace postern::pop3
