// Intake: gathers fetched mails into batches and stores them while the next ones arrive.
//
// Small mails are gathered in memory, bounded by batch_bytes_max and batches_max; a mail over
// storage::blob_bytes_max goes to a spool file as it comes.
#pragma once

#include "flows/context.hpp"
#include "imap/steps.hpp"
#include "net/hashing.hpp"
#include "net/scope.hpp"
#include "net/wake.hpp"
#include "storage/messages.hpp"

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

namespace postern::flows {

class Intake {
 public:
  static constexpr std::size_t batch_mails_max = 512;
  static constexpr std::size_t batch_bytes_max = 4 * 1024 * 1024;
  static constexpr std::size_t batches_max = 2;  // waiting for the store, one of them under way

  /// `stored` is told how many new mails each batch made ours.
  Intake(Context& context, IntegrationId integration, std::string folder,
         std::uint32_t uid_validity, net::Scope& scope, std::function<void(std::size_t)> stored);

  /// Told, in the storing coroutine, of each mail that the store refused for its own sake; its row
  /// is quarantined already.
  using Refused =
      std::function<net::Task<Result<void>>(std::uint32_t uid, MessageId id, Error why)>;
  void on_refused(Refused refused);

  /// One mail: begin, pieces, end. Mails with a UID below `first_uid` are passed over by end().
  Result<void> begin(std::uint64_t size_bytes);
  Result<void> piece(std::string_view bytes);
  net::Task<Result<void>> end(const imap::MailFacts& facts, std::uint32_t first_uid);
  /// The same for a mail of a POP3 maildrop, under the next UID; fetched_below() said the first.
  net::Task<Result<void>> end_of_maildrop_mail(std::string key);
  /// The next UID of a POP3 maildrop, for a mail whose row is written apart.
  std::uint32_t take_maildrop_uid();
  /// The mail begun is not wanted after all.
  void drop();

  /// Everything below `next_uid` has been fetched: the cursor of the next batch.
  void fetched_below(std::uint64_t next_uid);

  /// What is gathered comes from a POP3 maildrop: call it first.
  void of_maildrop(std::uint64_t next_uid);

  /// Hands the gathered mails to the store; waits only while batches_max are there already.
  net::Task<Result<void>> flush();

  /// Waits until all that was flushed is durable.
  net::Task<Result<void>> settle();

 private:
  struct Queue;
  static net::Task<void> store(std::shared_ptr<Queue> queue);
  Result<void> move_to_file();
  net::Task<Result<void>> add(storage::IncomingMail mail);

  Context& context_;
  IntegrationId integration_;
  std::string folder_;
  net::Scope& scope_;
  storage::IncomingBatch batch_;
  std::size_t batch_bytes_ = 0;
  storage::MailboxCursor cursor_;
  bool cursor_moved_ = false;
  // The mail under way.
  std::string bytes_;
  std::unique_ptr<storage::SpoolFile> file_;
  std::optional<net::Sha256> hash_;  // while mails come
  std::string head_;                 // of a mail in a file, for its Message-ID
  std::uint64_t size_bytes_ = 0;
  bool open_ = false;
  std::shared_ptr<Queue> queue_;  // shared with the coroutine that stores
};

}  // namespace postern::flows
