// Desk: what the listener asks of the rest of the program. An interface, so that connections are
// tested without flows and store.
#pragma once

#include "core/secret.hpp"
#include "flows/raw_submission.hpp"
#include "message/raw_header.hpp"
#include "net/task.hpp"
#include "smtp/server_command.hpp"
#include "storage/messages.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace postern::listener {

/// Who is logged in: an integration, by the password it had then.
struct Account {
  IntegrationId integration;
  std::string password_hash;
};

class Desk {
 public:
  virtual ~Desk() = default;

  /// Nothing when login or password are wrong. Errors: the store's.
  virtual net::Task<Result<std::optional<Account>>> log_in(std::string login, Secret password) = 0;

  /// What the header of a mail with this envelope sender has to keep to, or why there will be none:
  /// 553 (a foreign sender), 550 (disabled, off), 454 (failing), 535 (the password was replaced).
  virtual net::Task<std::variant<message::RawHeaderPolicy, smtp::ServerReply>> begin(
      Account account, std::string sender) = 0;

  /// For a large mail. Errors: disk_full, io.
  virtual Result<std::unique_ptr<storage::SpoolFile>> open_file() = 0;

  /// The delivery's id, once it is durable. Replies: 452 (disk full), 550, 454, 451.
  virtual net::Task<std::variant<std::string, smtp::ServerReply>> take(flows::RawMail mail) = 0;
};

}  // namespace postern::listener

namespace postern::flows {
class Hub;
}

namespace postern::listener {

/// The real one. The hub outlives it.
std::unique_ptr<Desk> make_desk(flows::Hub& hub);

}  // namespace postern::listener
