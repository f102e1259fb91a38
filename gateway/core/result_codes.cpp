// See result_codes.hpp.
#include "core/result_codes.hpp"

namespace postern {

std::string_view describe(ResultCode code) {
  switch (code) {
    case ResultCode::sent:
      return "The mail was sent";
    case ResultCode::queued:
      return "The mail is queued";
    case ResultCode::bad_request:
      return "The request is not valid";
    case ResultCode::bad_address:
      return "An address is not valid";
    case ResultCode::attachment:
      return "An attachment is missing or too big";
    case ResultCode::charset:
      return "The text does not fit the character set";
    case ResultCode::injection:
      return "A header value or the subject holds a line break";
    case ResultCode::no_integration:
      return "There is no such integration, or no default one";
    case ResultCode::integration_disabled:
      return "The integration is disabled";
    case ResultCode::outgoing_off:
      return "The integration does not send";
    case ResultCode::from_not_allowed:
      return "The integration may not send from this address";
    case ResultCode::dns:
      return "The mail server's name could not be resolved";
    case ResultCode::unreachable:
      return "The mail server refused the connection or could not be reached";
    case ResultCode::connect_timeout:
      return "The mail server did not answer in time";
    case ResultCode::tls_handshake:
      return "The TLS handshake failed";
    case ResultCode::certificate:
      return "The mail server's certificate is not trusted";
    case ResultCode::starttls_not_offered:
      return "The mail server does not offer STARTTLS";
    case ResultCode::not_smtp:
      return "The server does not speak SMTP";
    case ResultCode::login_refused:
      return "The mail server refused the login";
    case ResultCode::token_refresh:
      return "The access token could not be renewed";
    case ResultCode::no_mechanism:
      return "The mail server offers no login mechanism that we know";
    case ResultCode::login_deferred:
      return "The mail server refused the login for now";
    case ResultCode::sender_refused:
      return "The mail server refused the sender";
    case ResultCode::all_recipients_refused:
      return "The mail server refused all recipients";
    case ResultCode::some_recipients_refused:
      return "The mail was sent, but some recipients were refused";
    case ResultCode::content_refused:
      return "The mail server refused the mail's content or size";
    case ResultCode::retries_ended:
      return "The mail server refused the mail for now, until the retries ended";
    case ResultCode::rate_limited:
      return "The provider's rate limit is reached";
    case ResultCode::time_budget:
      return "The time given was over before the mail could be handed to the server";
    case ResultCode::outcome_unknown:
      return "The connection was lost after the mail was handed over; it may have arrived";
    case ResultCode::cancelled:
      return "The mail was cancelled";
    case ResultCode::suppressed:
      return "Nothing was sent: nobody is to be told";
    case ResultCode::frequency_limit:
      return "Nothing was sent: the frequency limit is reached";
    case ResultCode::internal:
      return "Something went wrong in Postern itself";
  }
  return "An unknown result";
}

bool retryable(ResultCode code) {
  const int value = static_cast<int>(code);
  return (value >= 30 && value <= 36) || (value >= 40 && value <= 43) || value == 54 || value == 55;
}

}  // namespace postern
