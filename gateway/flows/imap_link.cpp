#include "flows/imap_link.hpp"

#include "flows/limits.hpp"
#include "flows/masking.hpp"

namespace postern::flows {
namespace {

imap::Mechanism mechanism_of(AuthMethod method) {
  switch (method) {
    case AuthMethod::password:
      return imap::Mechanism::password;
    case AuthMethod::oauth2:
      return imap::Mechanism::oauth2;
    case AuthMethod::none:
      return imap::Mechanism::none;
  }
  return imap::Mechanism::none;
}

imap::Options options_of(const Incoming& incoming, const IntegrationSecrets& secrets,
                         bool opens_folder) {
  imap::Options options;
  switch (incoming.server.security) {
    case Security::tls:
      options.tls = imap::Tls::established;
      break;
    case Security::starttls:
      options.tls = imap::Tls::must_starttls;
      break;
    case Security::none:
      options.tls = imap::Tls::none;
      break;
  }
  options.credentials.username = incoming.auth.username;
  options.credentials.password = secrets.incoming_password;
  options.credentials.mechanism = mechanism_of(incoming.auth.method);
  options.credentials.host = incoming.server.host;
  options.credentials.port = incoming.server.port;
  // Loopback counts as protected: parse_integration let nothing else pass without the option.
  options.allow_plain_password = incoming.server.security == Security::none;
  if (opens_folder) options.folder = incoming.folder;
  options.read_only = true;
  options.body_bytes_max = incoming.message_bytes_max;
  options.client = {"Postern", POSTERN_VERSION};
  options.compress = incoming.compress;
  options.mod_sequences = true;
  return options;
}

/// The connection test's name for what a command is there for; nothing for the others.
std::string_view step_of(std::string_view command) {
  const auto space = command.find(' ');
  if (space == std::string_view::npos) return {};
  command.remove_prefix(space + 1);
  if (command.starts_with("CAPABILITY")) return "capabilities";
  if (command.starts_with("STARTTLS")) return "starttls";
  if (command.starts_with("AUTHENTICATE") || command.starts_with("LOGIN")) return "login";
  if (command.starts_with("EXAMINE") || command.starts_with("SELECT")) return "select";
  if (command.starts_with("UID FETCH")) return "fetch";
  if (command.starts_with("UID SEARCH")) return "search";
  if (command.starts_with("UID STORE") || command.starts_with("UID MOVE") ||
      command.starts_with("UID COPY") || command.starts_with("UID EXPUNGE") ||
      command.starts_with("EXPUNGE")) {
    return "store";
  }
  if (command.starts_with("IDLE")) return "idle";
  return {};
}

Wire wire_of(const imap::Send& send) {
  return send.secret ? Wire::secret : Wire::text;
}

}  // namespace

ImapLink::ImapLink(Context& context, const Incoming& incoming, const IntegrationSecrets& secrets,
                   bool opens_folder)
    : context_(context),
      incoming_(incoming),
      secrets_(secrets),
      opens_folder_(opens_folder),
      line_(context, incoming.server, incoming.tls),
      token_(context, incoming.auth),
      session_(options_of(incoming, secrets, opens_folder)) {
  line_.hide(secrets.incoming_password);
}

net::Task<Result<void>> ImapLink::connect() {
  if (token_.used()) {
    POSTERN_CO_TRY(auto token, co_await token_.obtain(line_));
    auto options = options_of(incoming_, secrets_, opens_folder_);
    options.credentials.access_token = std::move(token);
    session_ = imap::Session(std::move(options));
  }
  co_return co_await line_.connect();
}

/// The engine's next step; whether it is news, or asks us for something.
Result<bool> ImapLink::advance() {
  auto step = session_.next();
  if (!step) return line_.masked(std::move(step).error());
  step_ = std::move(step).value();
  mask_error_of(step_, [this](Error error) { return line_.masked(std::move(error)); });
  if (std::holds_alternative<imap::Ready>(step_)) token_.accepted();
  return !std::holds_alternative<imap::NeedInput>(step_) &&
         !std::holds_alternative<imap::Send>(step_) &&
         !std::holds_alternative<imap::StartTls>(step_) &&
         !std::holds_alternative<imap::StartCompression>(step_);
}

/// Does what the latest step asks for.
net::Task<Result<void>> ImapLink::move_bytes(Duration read_limit, bool watched) {
  if (const auto* send = std::get_if<imap::Send>(&step_)) {
    asked_ = true;
    if (const auto name = step_of(send->bytes); !name.empty()) line_.enter(name);
    co_return co_await line_.write(send->bytes, limits::write, wire_of(*send));
  }
  if (std::holds_alternative<imap::StartTls>(step_)) {
    asked_ = true;
    co_return co_await line_.start_tls();
  }
  if (auto* start = std::get_if<imap::StartCompression>(&step_)) {
    line_.compress(std::move(start->received));
    co_return success();
  }
  if (!watched) co_return co_await read(read_limit);
  if (std::exchange(asked_, false)) patience_.begin(read_limit);
  if (patience_.left() <= Duration(0)) co_return Error{net::errc::timeout, "the answer drips"};
  co_return co_await read(patience_.left());
}

net::Task<Result<void>> ImapLink::read(Duration limit) {
  const Duration began = context_.env.steady();
  const auto bytes = co_await line_.read(limit);
  if (!bytes) co_return bytes.error();
  patience_.waited(context_.env.steady() - began, bytes.value() ? bytes.value()->size() : 0);
  co_return received(bytes);
}

Result<void> ImapLink::received(const Result<std::optional<std::string_view>>& bytes) {
  if (!bytes) return bytes.error();
  if (bytes.value()) {
    session_.receive(*bytes.value());
  } else {
    session_.end_of_input();
  }
  return success();
}

Result<std::optional<imap::Step>> ImapLink::look() {
  POSTERN_TRY(const bool news, advance());
  if (!news) return std::optional<imap::Step>();
  return std::optional<imap::Step>(std::move(step_));
}

net::Task<Result<std::optional<imap::Step>>> ImapLink::pump(Duration read_limit) {
  POSTERN_CO_TRY(auto step, look());
  if (!step) {
    POSTERN_CO_TRY(co_await move_bytes(read_limit));
  }
  co_return step;
}

net::Task<Result<imap::Step>> ImapLink::next(Duration read_limit) {
  for (;;) {
    {
      POSTERN_CO_TRY(const bool news, advance());
      if (news) co_return std::move(step_);
    }
    POSTERN_CO_TRY(co_await move_bytes(read_limit, true));
  }
}

}  // namespace postern::flows
