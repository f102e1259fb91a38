#include "flows/digester.hpp"

#include "core/log.hpp"
#include "flows/bounces.hpp"
#include "flows/limits.hpp"
#include "flows/metrics.hpp"
#include "message/mime_protocol.hpp"
#include "message/scan.hpp"

namespace postern::flows {
namespace {

constexpr int refill_max = 256;
constexpr std::size_t parallel = 3;  // batches; the workers are few: more would only queue there
constexpr Duration retry_after = std::chrono::seconds(5);

template <class Mails>
std::vector<MessageId> ids_of(const Mails& mails) {
  std::vector<MessageId> ids;
  for (const auto& each : mails) ids.push_back(each.id);
  return ids;
}

}  // namespace

Digester::Digester(Context& context, const Integration& integration, net::Scope& scope,
                   std::function<void()> handed)
    : context_(context),
      words_(integration),
      scope_(scope),
      handed_(std::move(handed)),
      errand_(context.env, scope, [this] { return look(); }) {}

net::Task<Duration> Digester::look() {
  for (;;) {
    const Duration left = not_before_ - context_.env.steady();
    if (left > Duration(0)) co_return left;
    if (waiting_.empty() && working_ < parallel) {
      auto filled = co_await refill();
      if (!filled) {
        log::error("digesting waits: {}", describe(filled.error()));
        co_return retry_after;
      }
    }
    while (!waiting_.empty() && working_ < parallel) {
      ++working_;
      scope_.spawn(work(next_batch()));
    }
    if (seen_.empty()) co_return net::Errand::nothing_due;
    auto seen = std::move(seen_.front());
    seen_.pop_front();
    co_await settle(std::move(seen));
  }
}

net::Task<Result<void>> Digester::refill() {
  const int limit = refill_max + static_cast<int>(in_work_.size());
  POSTERN_CO_TRY(auto mails,
                 co_await context_.store.messages().undigested(words_.integration.id, limit));
  for (const auto& mail : mails) {
    if (!in_work_.contains(mail.id)) waiting_.push_back(mail);
  }
  co_return success();
}

/// At least one; what is large goes alone.
Digester::Batch Digester::next_batch() {
  Batch batch;
  std::uint64_t bytes = 0;
  while (!waiting_.empty() && batch.size() < limits::digest_batch_mails) {
    const auto& mail = waiting_.front();
    const bool alone = alone_.contains(mail.id) || mail.size_bytes > limits::digest_batch_bytes;
    bytes += mail.size_bytes;
    if (!batch.empty() && (alone || bytes > limits::digest_batch_bytes)) break;
    in_work_.insert(mail.id);
    batch.push_back(mail);
    waiting_.pop_front();
    if (alone) break;
  }
  return batch;
}

net::Task<void> Digester::work(Batch batch) {
  auto ids = ids_of(batch);
  const auto looked = co_await look_at(std::move(batch));
  if (!looked) failed(ids, looked.error());
  --working_;
  errand_.notify();
}

net::Task<Result<void>> Digester::look_at(Batch batch) {
  Seen seen;
  const auto size_bytes = batch.front().size_bytes;
  if (context_.digest_bytes != nullptr && size_bytes >= limits::large_mail_bytes) {
    seen.share = co_await context_.digest_bytes->take(words_.integration.id.value,
                                                      size_bytes * limits::large_mail_copies);
  }
  POSTERN_CO_TRY(auto raws, co_await context_.store.messages().raws(ids_of(batch)));
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto& mail = seen.mails.emplace_back();
    mail.id = batch[i].id;
    mail.received_at = batch[i].received_at;
    mail.size_bytes = raws[i].size();
  }
  const Duration begun = context_.env.steady();
  POSTERN_CO_TRY(auto summaries, co_await summarise(std::move(raws)));
  const auto each = (context_.env.steady() - begun) / static_cast<int>(batch.size());
  for (std::size_t i = 0; i < batch.size(); ++i) {
    context_.metrics.digest(each);
    seen.mails[i].summary = std::move(summaries[i]);
  }
  seen_.push_back(std::move(seen));
  errand_.notify();
  co_return success();
}

net::Task<Result<std::vector<MessageSummary>>> Digester::ask(std::span<const std::string> raws) {
  net::WorkerFrame request;
  request.kind = message::mime_digest_kind;
  request.payload = message::encode_digest_request(raws);
  POSTERN_CO_TRY(const auto reply,
                 co_await context_.workers.ask(std::move(request), limits::digest));
  co_return message::decode_digest_replies(reply.payload, raws.size());
}

net::Task<Result<std::vector<MessageSummary>>> Digester::summarise(std::vector<std::string> raws) {
  auto together = co_await ask(raws);
  if (together) co_return std::move(together).value();
  std::vector<MessageSummary> summaries;
  for (const auto& raw : raws) {
    Result<std::vector<MessageSummary>> alone = together.error();
    if (raws.size() > 1) alone = co_await ask(std::span(&raw, 1));
    if (alone) {
      summaries.push_back(std::move(alone.value().front()));
      continue;
    }
    // No worker could be started (no descriptors, no memory): that is ours, and passes.
    const auto& code = alone.error().code;
    if (code == net::errc::io) co_return std::move(alone).error();
    // The mail goes on raw: whoever takes it sees why there is no summary.
    auto& summary = summaries.emplace_back();
    summary.message_id = message::find_message_id(raw);
    summary.defects.emplace_back(code == net::errc::worker_deadline ? "digest.deadline"
                                 : code == net::errc::worker_died   ? "digest.crash"
                                                                    : "digest.bad_reply");
  }
  co_return summaries;
}

net::Task<void> Digester::settle(Seen seen) {
  const auto ids = ids_of(seen.mails);
  const auto settled = co_await settle_together(std::move(seen.mails));
  if (!settled) {
    failed(ids, settled.error());
    co_return;
  }
  for (const auto id : ids) {
    in_work_.erase(id);
    alone_.erase(id);
  }
  handed_();
}

net::Task<Result<void>> Digester::settle_together(std::vector<SeenMail> mails) {
  const auto integration = words_.integration.id;
  for (auto& mail : mails) {
    POSTERN_CO_TRY(co_await settle_bounce(context_, integration, mail.id, mail.summary));
  }
  POSTERN_CO_TRY(const bool ended, co_await settle_mails(context_, words_, std::move(mails)));
  if (ended) context_.mail_settled(integration);
  co_return success();
}

/// They are read again: each alone at once, one that was alone after a while.
void Digester::failed(const std::vector<MessageId>& ids, const Error& why) {
  for (const auto id : ids) in_work_.erase(id);
  if (ids.size() > 1) {
    alone_.insert(ids.begin(), ids.end());
    return;
  }
  log::error("{} was not digested and is tried again: {}", ids.front().str(), describe(why));
  not_before_ = context_.env.steady() + retry_after;
}

}  // namespace postern::flows
