// Connection: drives one smtp::ServerSession over a stream. It moves bytes, asks the desk, and
// keeps the time; what is said and when is the session's affair.
#pragma once

#include "listener/desk.hpp"
#include "listener/limits.hpp"
#include "listener/mail_body.hpp"
#include "net/login_limit.hpp"
#include "net/server_stream.hpp"
#include "smtp/server_session.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace postern::listener {

/// What all connections share. Lives on their executor, longer than they.
struct Shared {
  net::Env& env;
  Desk& desk;
  Limits limits;
  std::string hostname;
  std::uint64_t message_bytes_max = 0;
  std::shared_ptr<const net::ServerTls> tls;  // none: no STARTTLS; shared with their streams

  net::LoginLimit wrong_logins{};
  std::uint64_t bodies_in_memory = 0;
  Duration disk_full_until{};
  bool stopping = false;
  struct Minute {
    Duration begun{};
    std::size_t mails = 0;
  };
  std::map<IntegrationId, Minute> accepted{};
};

class Connection {
 public:
  /// `tls_at_once`: the port is one of implicit TLS (RFC 8314 §3.3).
  Connection(Shared& shared, std::unique_ptr<net::ServerStream> stream, bool tls_at_once);

  /// To the end of the connection.
  net::Task<void> run();

  /// Says 421 and closes, from another coroutine of the same executor. Needs: waiting().
  net::Task<void> say_goodbye(std::string_view enhanced, std::string_view why);

  /// Whether nothing is under way: the client is thinking, and no message is on its way in.
  bool waiting() const { return waiting_ && !leaving_; }
  Duration waiting_since() const { return since_; }
  bool logged_in() const { return account_.has_value(); }
  const std::string& address() const { return address_; }

 private:
  net::Task<bool> step(smtp::ServerStep step);  // false: the end
  net::Task<bool> read(bool in_body);
  net::Task<bool> start_tls();
  net::Task<void> check_login(smtp::CheckLogin check);
  net::Task<void> check_sender(std::string sender);
  void begin_body();
  net::Task<void> end_body();
  net::Task<void> say(smtp::ServerReply reply);
  bool too_slow() const;
  bool too_many();
  smtp::ServerReply reply_to(const Error& error);

  Shared& shared_;
  std::unique_ptr<net::ServerStream> stream_;
  const std::string address_;
  const bool tls_at_once_;
  smtp::ServerSession session_;
  std::optional<Account> account_;
  std::optional<message::RawHeaderPolicy> policy_;
  std::optional<MailBody> body_;
  Duration body_begun_{};
  std::uint64_t body_bytes_ = 0;
  bool waiting_ = false, leaving_ = false;
  Duration since_{};
};

/// "192.0.2.1" of "192.0.2.1:25", "2001:db8::1" of "[2001:db8::1]:25".
std::string without_port(const std::string& peer);

}  // namespace postern::listener
