// Quarantine: the policy for mails that could not be taken. Each gets tries_max tries over growing
// time; its row lets the cursor pass, so that it delays no other. It knows no protocol: inbound
// and inbound_pop3 tell it what happened and ask it what is due.
#pragma once

#include "flows/context.hpp"
#include "flows/status_board.hpp"
#include "storage/quarantine.hpp"

#include <array>
#include <optional>
#include <string>
#include <utility>

namespace postern::flows {

inline constexpr std::array<std::chrono::minutes, 4> try_pauses{
    std::chrono::minutes(1), std::chrono::minutes(5), std::chrono::minutes(15),
    std::chrono::minutes(60)};
inline constexpr int tries_max = static_cast<int>(try_pauses.size()) + 1;

/// When a mail is tried again after `tries` of them failed, the last at `now`; nothing when it has
/// had all of them.
std::optional<Instant> next_try(int tries, Instant now);

/// One mail that could not be taken.
struct BadMail {
  std::string folder;
  std::uint32_t uid_validity = 0, uid = 0;
  std::string maildrop_key;  // of a POP3 mail; else empty
  std::string stage = "fetch";
  std::string reason;  // the server's words where it said any
  std::optional<Instant> received_at;
  std::uint64_t size_bytes = 0;  // as the server says, or 0
  int tries = 1;                 // that failed so far
};

/// One over message_bytes_max: of it the header is taken.
struct LargeMail {
  std::string folder;
  std::uint32_t uid_validity = 0, uid = 0;
  std::string maildrop_key;  // of a POP3 mail; else empty
  std::optional<Instant> received_at;
  std::uint64_t size_bytes = 0;
  std::string header;
};

class Quarantine {
 public:
  Quarantine(Context& context, const Integration& integration, StatusBoard& board)
      : context_(context), integration_(integration), board_(board) {}

  /// Rows and events (imap.download_failed and message.quarantined; once a mail), durable when it
  /// returns: then the cursor may pass. Errors: the store's.
  net::Task<Result<void>> put(BadMail mail);
  net::Task<Result<void>> put(LargeMail mail);

  /// What store() refused for its own sake has its row already: the events.
  net::Task<Result<void>> tell_refused(std::string folder, std::uint32_t uid, MessageId id,
                                       Error why);

  /// Those that wait for a try, the soonest first.
  net::Task<Result<std::vector<storage::Trouble>>> waiting();

  /// Counts a try, before it is made: one that kills the process counts as well.
  net::Task<Result<void>> begin_try(storage::Trouble& trouble);
  /// The try failed; tells when it was the last.
  net::Task<Result<void>> failed(const storage::Trouble& trouble, std::string reason);
  /// There is nothing to try any more: no event.
  net::Task<Result<void>> gave_up(const storage::Trouble& trouble, std::string reason);

  /// Whether rows have changed since this was asked last.
  bool take_changed() { return std::exchange(changed_, false); }

 private:
  NewEvent event(std::string_view what, std::string message, std::string hint) const;

  Context& context_;
  const Integration& integration_;
  StatusBoard& board_;
  bool changed_ = true;
};

}  // namespace postern::flows
