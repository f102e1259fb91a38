#include "flows/pop3_link.hpp"

#include "core/sasl.hpp"
#include "flows/limits.hpp"
#include "flows/masking.hpp"

#include <algorithm>

namespace postern::flows {
namespace {

pop3::Options options_of(const Incoming& incoming, const IntegrationSecrets& secrets) {
  pop3::Options options;
  switch (incoming.server.security) {
    case Security::tls:
      options.tls = pop3::Tls::established;
      break;
    case Security::starttls:
      options.tls = pop3::Tls::must_stls;
      break;
    case Security::none:
      options.tls = pop3::Tls::none;
      break;
  }
  options.credentials.username = incoming.auth.username;
  options.credentials.password = secrets.incoming_password;
  if (incoming.auth.method == AuthMethod::none) {
    options.credentials.mechanism = pop3::Mechanism::none;
  }
  // Loopback counts as protected: parse_integration let nothing else pass without the option.
  options.allow_plain_password = incoming.server.security == Security::none;
  options.body_bytes_max = incoming.message_bytes_max;
  return options;
}

/// The connection test's name for what a command is there for; nothing for the others.
std::string_view step_of(std::string_view command) {
  if (command.starts_with("CAPA")) return "capabilities";
  if (command.starts_with("STLS")) return "starttls";
  if (command.starts_with("AUTH") || command.starts_with("USER")) return "login";
  if (command.starts_with("STAT")) return "stat";
  if (command.starts_with("UIDL") || command.starts_with("LIST")) return "list";
  if (command.starts_with("TOP")) return "newest";
  if (command.starts_with("RETR")) return "fetch";
  if (command.starts_with("DELE")) return "delete";
  if (command.starts_with("QUIT")) return "quit";
  return {};
}

}  // namespace

Pop3Link::Pop3Link(Context& context, const Incoming& incoming, const IntegrationSecrets& secrets)
    : context_(context),
      incoming_(incoming),
      secrets_(secrets),
      line_(context, incoming.server, incoming.tls),
      token_(context, incoming.auth),
      session_(options_of(incoming, secrets)) {
  line_.hide(secrets.incoming_password);
}

net::Task<Result<void>> Pop3Link::connect() {
  if (token_.used()) {
    POSTERN_CO_TRY(const auto token, co_await token_.obtain(line_));
    auto options = options_of(incoming_, secrets_);
    options.credentials.mechanism = pop3::Mechanism::xoauth2;
    POSTERN_CO_TRY(options.credentials.sasl, sasl::xoauth2(incoming_.auth.username, token));
    session_ = pop3::Session(std::move(options));
  }
  POSTERN_CO_TRY(co_await line_.connect());
  patience_.begin(limits::pop3_command);
  co_return success();
}

net::Task<Result<void>> Pop3Link::read() {
  if (patience_.left() <= Duration(0)) co_return Error{net::errc::timeout, "the answer drips"};
  const Duration began = context_.env.steady();
  POSTERN_CO_TRY(const auto bytes, co_await line_.read(patience_.left()));
  patience_.waited(context_.env.steady() - began, bytes ? bytes->size() : 0);
  if (bytes) {
    session_.receive(*bytes);
  } else {
    session_.end_of_input();
  }
  co_return success();
}

net::Task<Result<void>> Pop3Link::send(const pop3::Send& send) {
  // Behind the login comes another CAPA, which belongs to it.
  const auto name = step_of(send.bytes);
  const bool again = name == "capabilities" && line_.step() == "login";
  if (!name.empty() && !again) line_.enter(name);
  POSTERN_CO_TRY(
      co_await line_.write(send.bytes, limits::write, send.secret ? Wire::secret : Wire::text));
  patience_.begin(limits::pop3_command);
  co_return success();
}

net::Task<Result<std::optional<pop3::Step>>> Pop3Link::pump() {
  auto next = session_.next();
  if (!next) co_return line_.masked(std::move(next).error());
  auto step = std::move(next).value();
  mask_error_of(step, [this](Error error) { return line_.masked(std::move(error)); });
  if (std::holds_alternative<pop3::NeedInput>(step)) {
    POSTERN_CO_TRY(co_await read());
    co_return std::optional<pop3::Step>();
  }
  if (const auto* sending = std::get_if<pop3::Send>(&step)) {
    POSTERN_CO_TRY(co_await send(*sending));
    co_return std::optional<pop3::Step>();
  }
  if (std::holds_alternative<pop3::StartTls>(step)) {
    POSTERN_CO_TRY(co_await line_.start_tls());
    patience_.begin(limits::pop3_command);
    co_return std::optional<pop3::Step>();
  }
  if (std::holds_alternative<pop3::Ready>(step)) token_.accepted();
  co_return std::optional<pop3::Step>(std::move(step));
}

net::Task<Result<pop3::Step>> Pop3Link::next() {
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await pump());
    if (step) co_return std::move(*step);
  }
}

}  // namespace postern::flows
