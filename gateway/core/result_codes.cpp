// See result_codes.hpp. A test holds that every code has a sentence.
#include "core/result_codes.hpp"

namespace postern {

namespace {

struct Sentence {
  ResultCode code;
  std::string_view text;
};

constexpr Sentence sentences[] = {
    {ResultCode::sent, "The mail was sent"},
    {ResultCode::queued, "The mail is queued"},
    {ResultCode::bad_request, "The request is not valid"},
    {ResultCode::bad_address, "An address is not valid"},
    {ResultCode::attachment, "An attachment is missing or too big"},
    {ResultCode::charset, "The text does not fit the character set"},
    {ResultCode::injection, "A header value or the subject holds a line break"},
    {ResultCode::no_integration, "There is no such integration, or no default one"},
    {ResultCode::integration_disabled, "The integration is disabled"},
    {ResultCode::outgoing_off, "The integration does not send"},
    {ResultCode::from_not_allowed, "The integration may not send from this address"},
    {ResultCode::dns, "The mail server's name could not be resolved"},
    {ResultCode::unreachable, "The mail server refused the connection or could not be reached"},
    {ResultCode::connect_timeout, "The mail server did not answer in time"},
    {ResultCode::tls_handshake, "The TLS handshake failed"},
    {ResultCode::certificate, "The mail server's certificate is not trusted"},
    {ResultCode::starttls_not_offered, "The mail server does not offer STARTTLS"},
    {ResultCode::not_smtp, "The server does not speak SMTP"},
    {ResultCode::login_refused, "The mail server refused the login"},
    {ResultCode::token_refresh, "The access token could not be renewed"},
    {ResultCode::no_mechanism, "The mail server offers no login mechanism that we know"},
    {ResultCode::login_deferred, "The mail server refused the login for now"},
    {ResultCode::sender_refused, "The mail server refused the sender"},
    {ResultCode::all_recipients_refused, "The mail server refused all recipients"},
    {ResultCode::some_recipients_refused, "The mail was sent, but some recipients were refused"},
    {ResultCode::content_refused, "The mail server refused the mail's content or size"},
    {ResultCode::retries_ended,
     "The mail server refused the mail for now, until the retries ended"},
    {ResultCode::rate_limited, "The provider's rate limit is reached"},
    {ResultCode::time_budget,
     "The time given was over before the mail could be handed to the server"},
    {ResultCode::outcome_unknown,
     "The connection was lost after the mail was handed over; it may have arrived"},
    {ResultCode::cancelled, "The mail was cancelled"},
    {ResultCode::suppressed, "Nothing was sent: nobody is to be told"},
    {ResultCode::frequency_limit, "Nothing was sent: the frequency limit is reached"},
    {ResultCode::internal, "Something went wrong in Postern itself"},
};

}  // namespace

std::string_view describe(ResultCode code) {
  for (const auto& sentence : sentences) {
    if (sentence.code == code) return sentence.text;
  }
  return "An unknown result";
}

bool retryable(ResultCode code) {
  const int value = static_cast<int>(code);
  return (value >= 30 && value <= 36) || (value >= 40 && value <= 43) || value == 54 || value == 55;
}

}  // namespace postern
