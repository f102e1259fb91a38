#include "listener/connection.hpp"

#include "core/log.hpp"
#include "core/syntax.hpp"
#include "message/errc.hpp"

#include <array>
#include <utility>

namespace postern::listener {
namespace {

using smtp::ServerReply;

constexpr std::size_t read_bytes = 16 * 1024;
constexpr Duration minute{60'000};

smtp::ServerSettings settings_of(const Shared& shared, const std::string& address, bool tls) {
  smtp::ServerSettings settings;
  settings.hostname = shared.hostname;
  settings.size_bytes_max = shared.message_bytes_max;
  settings.tls_active = tls;
  settings.starttls_offered = shared.tls != nullptr;
  settings.plain_login_allowed = is_loopback_host(address);
  return settings;
}

}  // namespace

std::string without_port(const std::string& peer) {
  auto address = peer.substr(0, peer.rfind(':'));
  if (address.starts_with('[') && address.ends_with(']')) {
    address = address.substr(1, address.size() - 2);
  }
  return address;
}

Connection::Connection(Shared& shared, std::unique_ptr<net::ServerStream> stream, bool tls_at_once)
    : shared_(shared),
      stream_(std::move(stream)),
      address_(without_port(stream_->peer_address())),
      tls_at_once_(tls_at_once),
      session_(settings_of(shared, address_, tls_at_once)) {}

net::Task<void> Connection::run() {
  since_ = shared_.env.steady();
  if (tls_at_once_) {
    const auto begun = co_await stream_->accept_tls(shared_.tls, shared_.limits.handshake);
    if (!begun) co_return;
  }
  while (co_await step(session_.next())) {
  }
  stream_->close();
}

net::Task<bool> Connection::step(smtp::ServerStep step) {
  if (const auto* await = std::get_if<smtp::AwaitInput>(&step))
    co_return co_await read(await->in_body);
  if (const auto* send = std::get_if<smtp::Send>(&step)) {
    const auto written = co_await stream_->write_all(send->bytes, shared_.limits.write);
    co_return written.has_value();
  }
  if (std::holds_alternative<smtp::StartTls>(step)) co_return co_await start_tls();
  if (auto* login = std::get_if<smtp::CheckLogin>(&step)) {
    co_await check_login(std::move(*login));
  } else if (auto* sender = std::get_if<smtp::CheckSender>(&step)) {
    co_await check_sender(std::move(sender->address));
  } else if (std::holds_alternative<smtp::BeginBody>(step)) {
    begin_body();
  } else if (const auto* piece = std::get_if<smtp::BodyPiece>(&step)) {
    body_->push(piece->bytes);
  } else if (std::holds_alternative<smtp::EndBody>(step)) {
    co_await end_body();
  } else if (std::holds_alternative<smtp::DropBody>(step)) {
    body_.reset();
  }
  co_return !std::holds_alternative<smtp::Closed>(step);
}

bool Connection::too_slow() const {
  const auto taken = shared_.env.steady() - body_begun_ - shared_.limits.body_grace;
  if (taken <= Duration(0)) return false;
  return body_bytes_ <
         static_cast<std::uint64_t>(taken.count()) * shared_.limits.body_bytes_per_s / 1000;
}

net::Task<bool> Connection::read(bool in_body) {
  if (!in_body && shared_.stopping) {
    co_await say(session_.closing("4.3.2", "is stopping; try again"));
    co_return false;
  }
  if (in_body && too_slow()) {
    co_await say(session_.closing("4.4.2", "The message comes too slowly"));
    co_return false;
  }
  std::array<char, read_bytes> buffer;
  waiting_ = !in_body;
  since_ = shared_.env.steady();
  const auto limit = in_body ? shared_.limits.body_pause : shared_.limits.command;
  const auto count = co_await stream_->read_some(buffer, limit);
  waiting_ = false;
  if (leaving_) co_return false;
  if (!count) {
    if (count.error().code == net::errc::timeout) {
      co_await say(session_.closing("4.4.2", "Timeout"));
    }
    co_return false;
  }
  if (in_body) body_bytes_ += count.value();
  session_.receive({buffer.data(), count.value()});
  co_return true;
}

net::Task<void> Connection::say(ServerReply reply) {
  const auto line = smtp::line_of(reply);
  // Best effort: the connection ends either way.
  static_cast<void>(co_await stream_->write_all(line, shared_.limits.goodbye));
}

net::Task<void> Connection::say_goodbye(std::string_view enhanced, std::string_view why) {
  POSTERN_ASSERT(waiting());
  leaving_ = true;
  co_await say(session_.closing(enhanced, why));
  stream_->close();
}

net::Task<bool> Connection::start_tls() {
  const auto begun = co_await stream_->accept_tls(shared_.tls, shared_.limits.handshake);
  if (!begun) {
    log::info("a TLS handshake failed", {{"client", address_}, {"why", describe(begun.error())}});
    co_return false;
  }
  account_.reset();
  session_.tls_begun();
  co_return true;
}

net::Task<void> Connection::check_login(smtp::CheckLogin check) {
  auto& limit = shared_.wrong_logins;
  if (limit.wait(address_, shared_.env.steady())) {
    session_.refuse({454, "4.7.0", "Too many wrong logins; wait a minute"});
    co_return;
  }
  // Counted before it is checked, so that many at once count as many.
  limit.count(address_, shared_.env.steady());
  const auto known = IntegrationId::parse(check.login).has_value();
  const auto login = known ? check.login : std::string("(no integration)");
  auto account = co_await shared_.desk.log_in(std::move(check.login), std::move(check.password));
  if (!account) {
    limit.forgive(address_);
    log::error("a login to submit could not be checked: {}", describe(account.error()));
    session_.refuse({454, "4.7.0", "Temporary authentication failure"});
    co_return;
  }
  account_ = std::move(account).value();
  if (account_) {
    limit.forgive(address_);
    session_.accept();
    co_return;
  }
  log::warn("a wrong login to submit", {{"client", address_}, {"login", login}});
  co_await net::sleep_for(shared_.env, shared_.limits.wrong_login_pause);
  session_.refuse({535, "5.7.8", "Authentication credentials invalid"});
}

net::Task<void> Connection::check_sender(std::string sender) {
  POSTERN_ASSERT(account_);
  if (too_many()) {
    session_.refuse({451, "4.7.1", "Too many mails a minute; try again"});
    co_return;
  }
  const Account account = *account_;
  auto begun = co_await shared_.desk.begin(account, std::move(sender));
  if (const auto* reply = std::get_if<ServerReply>(&begun)) {
    session_.refuse(*reply);
    co_return;
  }
  policy_ = std::get<message::RawHeaderPolicy>(std::move(begun));
  session_.accept();
}

/// Whether this integration has had all it may of this minute; otherwise counts one.
bool Connection::too_many() {
  const auto now = shared_.env.steady();
  auto& [begun, mails] = shared_.accepted[account_->integration];
  if (mails == 0 || now - begun >= minute) {
    begun = now;
    mails = 0;
  }
  if (mails >= shared_.limits.mails_per_minute) return true;
  ++mails;
  return false;
}

void Connection::begin_body() {
  if (shared_.stopping) {
    return session_.refuse(session_.closing("4.3.2", "is stopping; try again"));
  }
  if (shared_.env.steady() < shared_.disk_full_until) {
    return session_.refuse({452, "4.3.1", "Insufficient system storage"});
  }
  body_.emplace(*policy_, shared_.desk, shared_.limits, shared_.bodies_in_memory);
  body_begun_ = shared_.env.steady();
  body_bytes_ = 0;
  session_.accept();
}

ServerReply Connection::reply_to(const Error& error) {
  if (error.code == message::errc::from_not_allowed) {
    return {550, "5.7.1", "The From field is not an address of this integration"};
  }
  if (error.code == message::errc::header_too_big) return {552, "5.3.4", "Header too big"};
  log::error("a mail was not stored: {}", describe(error));
  if (error.code != storage::errc::disk_full) return {451, "4.3.0", "Not stored; try again"};
  shared_.disk_full_until = shared_.env.steady() + shared_.limits.disk_full_pause;
  return {452, "4.3.1", "Insufficient system storage"};
}

/// 250 goes out only when message and delivery are durable. Source: promise 9.
net::Task<void> Connection::end_body() {
  auto mail = co_await body_->finish();
  body_.reset();
  if (!mail) {
    session_.refuse(reply_to(mail.error()));
    co_return;
  }
  auto& whole = mail.value();
  whole.integration = account_->integration;
  whole.envelope = session_.envelope();
  whole.wishes = session_.wishes();
  const auto recipients = whole.envelope.recipients.size();
  const auto size = whole.size_bytes;
  auto taken = co_await shared_.desk.take(std::move(whole));
  if (const auto* reply = std::get_if<ServerReply>(&taken)) {
    if (reply->code == 452) {
      shared_.disk_full_until = shared_.env.steady() + shared_.limits.disk_full_pause;
    }
    session_.refuse(*reply);
    co_return;
  }
  const auto& id = std::get<std::string>(taken);
  log::info("mail taken", {{"client", address_},
                           {"integration", account_->integration.str()},
                           {"delivery", id},
                           {"recipients", recipients},
                           {"bytes", size}});
  session_.accept("Ok: queued as " + id);
}

}  // namespace postern::listener
