#include "flows/digester.hpp"

#include "core/log.hpp"
#include "flows/bounces.hpp"
#include "flows/byte_gate.hpp"
#include "flows/limits.hpp"
#include "flows/metrics.hpp"
#include "message/mime_protocol.hpp"
#include "message/scan.hpp"

namespace postern::flows {
namespace {

constexpr int batch_max = 64;
constexpr std::size_t parallel = 4;  // the workers are few; more would only queue there
constexpr Duration retry_after = std::chrono::seconds(5);

}  // namespace

Digester::Digester(Context& context, const Integration& integration, net::Scope& scope,
                   std::function<void()> handed)
    : context_(context),
      words_(integration),
      scope_(scope),
      handed_(std::move(handed)),
      errand_(context.env, scope, [this] { return look(); }) {}

net::Task<Duration> Digester::look() {
  const Duration left = not_before_ - context_.env.steady();
  if (left > Duration(0)) co_return left;
  if (waiting_.empty()) {
    auto filled = co_await refill();
    if (!filled) {
      log::error("digesting waits: {}", describe(filled.error()));
      co_return retry_after;
    }
  }
  while (!waiting_.empty() && in_work_.size() < parallel) {
    const auto mail = waiting_.front();
    waiting_.pop_front();
    in_work_.insert(mail.id);
    scope_.spawn(work(mail));
  }
  co_return net::Errand::nothing_due;
}

net::Task<Result<void>> Digester::refill() {
  const int limit = batch_max + static_cast<int>(in_work_.size());
  POSTERN_CO_TRY(auto mails,
                 co_await context_.store.messages().undigested(words_.integration.id, limit));
  for (const auto& mail : mails) {
    if (!in_work_.contains(mail.id)) waiting_.push_back(mail);
  }
  co_return success();
}

net::Task<void> Digester::work(storage::Undigested mail) {
  const MessageId id = mail.id;
  auto done = co_await digest_one(mail);
  if (!done) {
    log::error("{} was not digested and is tried again: {}", id.str(), describe(done.error()));
    not_before_ = context_.env.steady() + retry_after;
  }
  in_work_.erase(id);
  if (done) handed_();
  errand_.notify();
}

net::Task<Result<void>> Digester::digest_one(storage::Undigested waiting) {
  const MessageId id = waiting.id;
  ByteShare share;
  if (context_.digest_bytes != nullptr && waiting.size_bytes >= limits::large_mail_bytes) {
    share = co_await context_.digest_bytes->take(words_.integration.id.value,
                                                 waiting.size_bytes * limits::large_mail_copies);
  }
  POSTERN_CO_TRY(const auto raw, co_await context_.store.messages().raw(id));
  const Duration begun = context_.env.steady();
  auto summary = co_await summarise(raw);
  context_.metrics.digest(context_.env.steady() - begun);
  POSTERN_CO_TRY(co_await settle_bounce(context_, words_.integration.id, id, summary));
  POSTERN_CO_TRY(auto mail,
                 co_await settle_mail(context_, words_, id, std::move(summary), raw.size()));
  const bool ended = !mail.routing.goes_out();
  POSTERN_CO_TRY(
      co_await context_.store.messages().record_digest(id, std::move(mail), context_.env.now()));
  if (ended) context_.mail_settled(words_.integration.id);
  co_return success();
}

net::Task<MessageSummary> Digester::summarise(std::string_view raw) {
  net::WorkerFrame request;
  request.kind = message::mime_digest_kind;
  request.payload = message::encode_digest_request(raw);
  auto reply = co_await context_.workers.ask(std::move(request), limits::digest);
  std::string defect;
  if (reply) {
    auto summary = message::decode_digest_reply(reply.value().payload);
    if (summary) co_return std::move(summary).value();
    defect = "digest.bad_reply";
  } else {
    defect = reply.error().code == net::errc::worker_deadline ? "digest.deadline" : "digest.crash";
  }
  // The mail goes on raw: whoever takes it sees why there is no summary.
  MessageSummary summary;
  summary.message_id = message::find_message_id(raw);
  summary.defects.push_back(std::move(defect));
  co_return summary;
}

}  // namespace postern::flows
