#include "flows/smtp_link.hpp"

#include "core/sasl.hpp"
#include "flows/limits.hpp"
#include "smtp/dot_stuff.hpp"

#include <algorithm>

namespace postern::flows {
namespace {

smtp::Options options_of(const Context& context, const Outgoing& outgoing,
                         const IntegrationSecrets& secrets, bool chunking) {
  smtp::Options options;
  options.allow_chunking = chunking;
  options.ehlo_name = context.options.hostname;
  switch (outgoing.server.security) {
    case Security::tls:
      options.tls = smtp::TlsMode::established;
      break;
    case Security::starttls:
      options.tls = smtp::TlsMode::starttls;
      break;
    case Security::none:
      options.tls = smtp::TlsMode::none;
      break;
  }
  if (outgoing.auth.method == AuthMethod::password) {
    options.login = smtp::PasswordLogin{outgoing.auth.username, secrets.outgoing_password};
  }
  // Loopback counts as protected: parse_integration let nothing else pass without the option.
  options.allow_plain_login = outgoing.server.security == Security::none;
  return options;
}

/// XOAUTH2 first: it is what Microsoft and Google write of; then RFC 7628.
Result<smtp::TokenLogin> token_login(const Outgoing& outgoing, const Secret& token) {
  const auto& username = outgoing.auth.username;
  const auto& server = outgoing.server;
  smtp::TokenLogin login;
  smtp::PreparedSasl xoauth2;
  xoauth2.mechanism = "XOAUTH2";
  POSTERN_TRY(xoauth2.initial_response, sasl::xoauth2(username, token));
  xoauth2.failure_answer = sasl::xoauth2_error_answer;
  login.choices.push_back(std::move(xoauth2));
  smtp::PreparedSasl bearer;
  bearer.mechanism = "OAUTHBEARER";
  POSTERN_TRY(bearer.initial_response,
              sasl::oauthbearer(username, server.host, server.port, token));
  bearer.failure_answer = sasl::oauthbearer_error_answer;
  login.choices.push_back(std::move(bearer));
  return login;
}

/// RFC 5321 §4.5.3.2, shortened where the server only has to think.
Duration limit_of(smtp::Stage stage) {
  switch (stage) {
    case smtp::Stage::greeting:
    case smtp::Stage::ehlo:
    case smtp::Stage::starttls:
    case smtp::Stage::auth:
    case smtp::Stage::mail:
    case smtp::Stage::rcpt:
    case smtp::Stage::reset:
      return limits::smtp_command;
    case smtp::Stage::data:
      return limits::smtp_data;
    case smtp::Stage::body:
      return limits::smtp_body_chunk;
    case smtp::Stage::end_of_data:
      return limits::smtp_end_of_data;
    case smtp::Stage::quit:
      return limits::smtp_quit;
  }
  return limits::smtp_command;
}

bool is_8bit(std::string_view bytes) {
  return std::any_of(bytes.begin(), bytes.end(), [](char c) { return (c & 0x80) != 0; });
}

/// No line end but CRLF, also at the end, and no NUL: nothing is to be changed on its way.
bool is_clean(std::string_view bytes) {
  if (!bytes.ends_with("\r\n") || bytes.find('\0') != bytes.npos) return false;
  for (auto at = bytes.find('\n'); at != bytes.npos; at = bytes.find('\n', at + 1)) {
    if (at == 0 || bytes[at - 1] != '\r') return false;
  }
  for (auto at = bytes.find('\r'); at != bytes.npos; at = bytes.find('\r', at + 1)) {
    if (bytes[at + 1] != '\n') return false;  // it ends with CRLF
  }
  return true;
}

/// Whether the server's certificate has to be the right one.
bool proves_who_it_is(const TlsPolicy& tls) {
  return tls.verify || tls.pinned_sha256.has_value();
}

constexpr std::size_t body_chunk_bytes = 64 * 1024;
constexpr std::size_t large_bytes = 1024 * 1024;  // from here on one chunk is worth it

}  // namespace

std::string_view step_of(smtp::Stage stage) {
  switch (stage) {
    case smtp::Stage::greeting:
      return "greeting";
    case smtp::Stage::ehlo:
      return "capabilities";
    case smtp::Stage::starttls:
      return "starttls";
    case smtp::Stage::auth:
      return "login";
    case smtp::Stage::mail:
      return "mail_from";
    case smtp::Stage::rcpt:
      return "rcpt_to";
    case smtp::Stage::data:
    case smtp::Stage::body:
    case smtp::Stage::end_of_data:
      return "data";
    case smtp::Stage::reset:
      return "reset";
    case smtp::Stage::quit:
      return "quit";
  }
  return {};
}

SmtpLink::SmtpLink(Context& context, const Outgoing& outgoing, const IntegrationSecrets& secrets,
                   bool chunking)
    : context_(context),
      outgoing_(outgoing),
      secrets_(secrets),
      chunking_(chunking),
      line_(context, outgoing.server, outgoing.tls),
      token_(context, outgoing.auth),
      session_(options_of(context, outgoing, secrets, chunking)) {
  line_.hide(secrets.outgoing_password);
}

net::Task<Result<void>> SmtpLink::connect() {
  if (token_.used()) {
    POSTERN_CO_TRY(const auto token, co_await token_.obtain(line_));
    auto options = options_of(context_, outgoing_, secrets_, chunking_);
    POSTERN_CO_TRY(auto login, token_login(outgoing_, token));
    options.login = std::move(login);
    session_ = smtp::Session(std::move(options));
    logged_in_ = false;
  }
  co_return co_await line_.connect();
}

/// Each reply has its stage's limit, however many bytes it comes in.
net::Task<Result<void>> SmtpLink::read(smtp::Stage stage) {
  line_.enter(step_of(stage));
  const auto heard = session_.replies_heard();
  asked_ = asked_ || heard != replies_heard_;
  replies_heard_ = heard;
  if (std::exchange(asked_, false)) patience_.begin(limit_of(stage));
  if (patience_.left() <= Duration(0)) co_return Error{net::errc::timeout, "the reply drips"};
  const Duration began = context_.env.steady();
  POSTERN_CO_TRY(const auto bytes, co_await line_.read(patience_.left()));
  patience_.waited(context_.env.steady() - began);
  if (bytes) {
    session_.receive(*bytes);
  } else {
    session_.end_of_input();
  }
  co_return success();
}

smtp::TransactionDone SmtpLink::unsaid(smtp::TransactionDone done) {
  for (auto& line : done.reply.lines) line = line_.masked(line);
  for (auto& recipient : done.recipients) recipient.words = line_.masked(recipient.words);
  return done;
}

net::Task<Result<std::optional<smtp::Step>>> SmtpLink::pump(std::string_view body) {
  auto next = session_.next();
  if (!next) co_return line_.masked(std::move(next).error());
  auto step = std::move(next).value();
  if (auto* done = std::get_if<smtp::TransactionDone>(&step)) *done = unsaid(std::move(*done));
  if (!std::holds_alternative<smtp::NeedInput>(step)) asked_ = true;
  if (const auto* need = std::get_if<smtp::NeedInput>(&step)) {
    POSTERN_CO_TRY(co_await read(need->stage));
    co_return std::optional<smtp::Step>();
  }
  if (const auto* send = std::get_if<smtp::Send>(&step)) {
    const auto what = send->secret ? Wire::secret : Wire::text;
    POSTERN_CO_TRY(co_await line_.write(send->bytes, limits::write, what));
    co_return std::optional<smtp::Step>();
  }
  if (std::holds_alternative<smtp::StartTls>(step)) {
    POSTERN_CO_TRY(co_await line_.start_tls());
    co_return std::optional<smtp::Step>();
  }
  if (auto* send_body = std::get_if<smtp::SendBody>(&step)) {
    if (send_body->chunk_command.empty()) {
      POSTERN_CO_TRY(co_await write_body(body));
    } else {
      POSTERN_CO_TRY(co_await write_chunk(body, std::move(send_body->chunk_command)));
    }
    co_return std::optional<smtp::Step>();
  }
  co_return std::optional<smtp::Step>(std::move(step));
}

net::Task<Result<void>> SmtpLink::write_body(std::string_view body) {
  smtp::DotStuffer stuffer;
  std::string chunk;
  chunk.reserve(body_chunk_bytes + body_chunk_bytes / 8);
  while (!body.empty()) {
    const auto part = body.substr(0, body_chunk_bytes);
    body.remove_prefix(part.size());
    POSTERN_CO_TRY(stuffer.push(part, chunk));
    if (body.empty()) break;  // the last chunk leaves with the final dot
    auto written = co_await line_.write(chunk, limits::smtp_body_chunk, Wire::body);
    if (!written) co_return co_await hear_refusal(std::move(written).error());
    chunk.clear();
  }
  stuffer.finish(chunk);
  co_return co_await write_end(std::move(chunk));
}

net::Task<Result<void>> SmtpLink::write_chunk(std::string_view body, std::string command) {
  POSTERN_CO_TRY(co_await line_.write(command, limits::write, Wire::text));
  while (body.size() > body_chunk_bytes) {
    auto written =
        co_await line_.write(body.substr(0, body_chunk_bytes), limits::smtp_body_chunk, Wire::body);
    if (!written) co_return co_await hear_refusal(std::move(written).error());
    body.remove_prefix(body_chunk_bytes);
  }
  co_return co_await write_end(std::string(body));
}

/// From here on the mail may be the server's: its last bytes, once the gate lets them go.
net::Task<Result<void>> SmtpLink::write_end(std::string bytes) {
  if (gate_) {
    POSTERN_CO_TRY(co_await gate_());
  }
  // A reply that is here before the final dot is no answer to it: the engine must see it first.
  POSTERN_CO_TRY(const auto early, co_await line_.read_waiting());
  if (!early.empty()) {
    session_.receive(early);
    co_return success();
  }
  const auto end = bytes.size();
  if (line_up_) bytes += line_up_();
  session_.final_dot_leaving();
  POSTERN_CO_TRY(co_await line_.write_body_end(bytes, end, limits::smtp_body_chunk));
  session_.body_sent();
  co_return success();
}

net::Task<Result<void>> SmtpLink::hear_refusal(Error write_error) {
  // A server that has had enough says why and closes; its words may be here although our write
  // failed.
  const auto bytes = co_await line_.read(limits::smtp_quit);
  if (!bytes || !bytes.value()) co_return std::move(write_error);
  session_.receive(*bytes.value());
  co_return success();
}

net::Task<Result<void>> SmtpLink::ready() {
  for (;;) {
    POSTERN_CO_TRY(const auto step, co_await pump());
    if (!step) continue;
    if (std::holds_alternative<smtp::Ready>(*step)) {
      if (!std::exchange(logged_in_, true)) token_.accepted();
      co_return success();
    }
    if (std::holds_alternative<smtp::Closed>(*step)) {
      co_return Error{smtp::errc::closed, "the server closed the line"};
    }
  }
}

smtp::Transaction SmtpLink::transaction_of(Envelope envelope, std::string_view bytes,
                                           const TransportWishes& wishes) {
  smtp::Transaction transaction;
  transaction.envelope = std::move(envelope);
  transaction.size_bytes = bytes.size();
  transaction.body_is_8bit = is_8bit(bytes);
  const auto header_end = bytes.find("\r\n\r\n");
  transaction.headers_are_utf8 = is_8bit(bytes.substr(0, header_end));
  transaction.in_one_chunk = bytes.size() >= large_bytes && is_clean(bytes);
  transaction.dsn = wishes.dsn;
  transaction.require_tls = wishes.require_tls;
  return transaction;
}

bool SmtpLink::takes(std::string_view bytes) const {
  return session_.extensions().eight_bit_mime || !is_8bit(bytes) ||
         is_8bit(bytes.substr(0, bytes.find("\r\n\r\n")));
}

net::Task<Result<smtp::TransactionDone>> SmtpLink::send(Envelope envelope, std::string_view bytes,
                                                        FinalDotGate gate, LineUp line_up,
                                                        TransportWishes wishes) {
  gate_ = std::move(gate);
  line_up_ = std::move(line_up);
  if (!session_.lined_up()) {
    if (wishes.require_tls && !proves_who_it_is(outgoing_.tls)) {
      co_return Error{smtp::errc::require_tls_not_offered, "its certificate is not checked"};
    }
    POSTERN_CO_TRY(session_.begin(transaction_of(std::move(envelope), bytes, wishes)));
  }
  for (;;) {
    POSTERN_CO_TRY(auto step, co_await pump(bytes));
    if (!step) continue;
    if (auto* done = std::get_if<smtp::TransactionDone>(&*step)) co_return std::move(*done);
    if (std::holds_alternative<smtp::Closed>(*step)) {
      co_return Error{smtp::errc::closed, "the server closed the line"};
    }
  }
}

net::Task<void> SmtpLink::quit() {
  session_.quit();
  for (;;) {
    const auto step = co_await pump();
    if (!step || (step.value() && std::holds_alternative<smtp::Closed>(*step.value()))) break;
  }
  line_.close();
}

}  // namespace postern::flows
