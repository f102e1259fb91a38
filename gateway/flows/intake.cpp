#include "flows/intake.hpp"

#include "core/log.hpp"
#include "flows/quarantine.hpp"
#include "message/received_date.hpp"
#include "message/scan.hpp"

#include <algorithm>

namespace postern::flows {
namespace {

constexpr std::size_t head_bytes_max = 256 * 1024;
constexpr Duration forever = std::chrono::hours(24);

}  // namespace

/// What the reading and the storing coroutine share; both run on the shard.
struct Intake::Queue {
  Queue(Context& world, boost::asio::any_io_executor executor)
      : context(world), changed(world.env, std::move(executor)) {}
  Context& context;
  std::list<storage::IncomingBatch> batches;  // a deque takes 576 bytes even while it is empty
  std::function<void(std::size_t)> stored;
  Refused refused;
  net::Wake changed;  // a batch was stored
  bool storing = false;
  std::optional<Error> error;
};

Intake::Intake(Context& context, IntegrationId integration, std::string folder,
               std::uint32_t uid_validity, net::Scope& scope,
               std::function<void(std::size_t)> stored)
    : context_(context),
      integration_(integration),
      folder_(std::move(folder)),
      scope_(scope),
      queue_(std::make_shared<Queue>(context, scope.executor())) {
  cursor_.uid_validity = uid_validity;
  queue_->stored = std::move(stored);
}

void Intake::on_refused(Refused refused) {
  queue_->refused = std::move(refused);
}

Result<void> Intake::begin(std::uint64_t size_bytes) {
  POSTERN_ASSERT(!open_);
  open_ = true;
  hash_.emplace();
  bytes_.clear();
  head_.clear();
  size_bytes_ = 0;
  if (size_bytes > storage::blob_bytes_max) {
    POSTERN_TRY(file_, context_.store.messages().open_spool_file());
  } else {
    bytes_.reserve(size_bytes);
  }
  return success();
}

Result<void> Intake::piece(std::string_view bytes) {
  POSTERN_ASSERT(open_);
  hash_->update(bytes);
  size_bytes_ += bytes.size();
  if (!file_ && size_bytes_ > storage::blob_bytes_max) {
    POSTERN_TRY(move_to_file());
  }
  if (!file_) {
    bytes_ += bytes;
    return success();
  }
  if (head_.size() < head_bytes_max) head_ += bytes.substr(0, head_bytes_max - head_.size());
  return file_->append(bytes);
}

/// A mail that is larger than begin() was told.
Result<void> Intake::move_to_file() {
  POSTERN_TRY(file_, context_.store.messages().open_spool_file());
  head_ = bytes_.substr(0, head_bytes_max);
  const auto so_far = std::exchange(bytes_, {});
  return file_->append(so_far);
}

void Intake::drop() {
  open_ = false;
  file_.reset();
  bytes_.clear();
}

net::Task<Result<void>> Intake::end(const imap::MailFacts& facts, std::uint32_t first_uid) {
  POSTERN_ASSERT(open_);
  if (!facts.uid || *facts.uid < first_uid) {
    drop();
    co_return success();
  }
  storage::IncomingMail mail;
  mail.uid = *facts.uid;
  mail.received_at = facts.internal_date.value_or(context_.env.now());
  mail.gmail_id = facts.gmail_message_id.value_or(0);
  co_return co_await add(std::move(mail));
}

std::uint32_t Intake::take_maildrop_uid() {
  POSTERN_ASSERT(batch_.maildrop);
  const auto uid = static_cast<std::uint32_t>(cursor_.next_uid);
  fetched_below(cursor_.next_uid + 1);
  return uid;
}

net::Task<Result<void>> Intake::end_of_maildrop_mail(std::string key) {
  POSTERN_ASSERT(open_);
  storage::IncomingMail mail;
  mail.uid = take_maildrop_uid();
  const Instant now = context_.env.now();
  const auto received = message::find_received_date(file_ ? head_ : bytes_);
  mail.received_at = std::min(received.value_or(now), now);
  mail.maildrop_key = std::move(key);
  co_return co_await add(std::move(mail));
}

net::Task<Result<void>> Intake::add(storage::IncomingMail mail) {
  open_ = false;
  mail.size_bytes = size_bytes_;
  mail.sha256 = hash_->finish();
  mail.message_id = message::find_message_id(file_ ? head_ : bytes_).value_or("");
  if (file_) {
    POSTERN_CO_TRY(co_await file_->finish());
    mail.bytes = std::move(file_);
  } else {
    batch_bytes_ += bytes_.size();
    mail.bytes = std::move(bytes_);
    bytes_ = {};
  }
  batch_.mails.push_back(std::move(mail));
  if (batch_.mails.size() < batch_mails_max && batch_bytes_ < batch_bytes_max) {
    co_return success();
  }
  co_return co_await flush();
}

void Intake::of_maildrop(std::uint64_t next_uid) {
  batch_.maildrop = true;
  cursor_.next_uid = next_uid;
}

void Intake::fetched_below(std::uint64_t next_uid) {
  if (next_uid == cursor_.next_uid) return;
  cursor_.next_uid = next_uid;
  cursor_moved_ = true;
}

net::Task<Result<void>> Intake::flush() {
  while (queue_->batches.size() >= batches_max && !queue_->error) {
    co_await queue_->changed.wait(forever);
  }
  if (queue_->error) co_return *queue_->error;
  if (batch_.mails.empty() && !cursor_moved_) co_return success();
  batch_.integration = integration_;
  batch_.folder = folder_;
  batch_.cursor = cursor_;
  batch_.at = context_.env.now();
  batch_.retry_at = next_try(1, batch_.at);
  const bool maildrop = batch_.maildrop;
  queue_->batches.push_back(std::exchange(batch_, {}));
  batch_.maildrop = maildrop;
  batch_bytes_ = 0;
  cursor_moved_ = false;
  if (!queue_->storing) {
    queue_->storing = true;
    scope_.spawn(store(queue_));
  }
  co_return success();
}

net::Task<void> Intake::store(std::shared_ptr<Queue> queue) {
  while (!queue->batches.empty() && !queue->error) {
    auto batch = std::move(queue->batches.front());
    auto stored = co_await queue->context.store.messages().store(std::move(batch));
    queue->batches.pop_front();
    if (stored) {
      std::size_t fresh = 0;
      for (const auto& mail : stored.value()) {
        if (!mail.duplicate && !mail.refused) ++fresh;
        if (!mail.refused || !queue->refused) continue;
        auto told = co_await queue->refused(mail.uid, mail.id, *mail.refused);
        if (!told) log::error("an event was not kept: {}", describe(told.error()));
      }
      if (fresh > 0) queue->stored(fresh);
    } else {
      // What waits behind it would move the cursor past mails that are not stored.
      queue->batches.clear();
      queue->error = std::move(stored).error();
    }
    queue->changed.notify();
  }
  queue->storing = false;
  queue->changed.notify();
}

net::Task<Result<void>> Intake::settle() {
  if (!open_) hash_.reset();
  POSTERN_CO_TRY(co_await flush());
  while (queue_->storing && !queue_->error) co_await queue_->changed.wait(forever);
  if (queue_->error) co_return *queue_->error;
  co_return success();
}

}  // namespace postern::flows
