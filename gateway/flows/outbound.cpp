#include "flows/outbound.hpp"

#include "core/log.hpp"
#include "flows/limits.hpp"
#include "flows/metrics.hpp"
#include "flows/recipients.hpp"
#include "flows/store_trouble.hpp"
#include "flows/verdict_sender.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace postern::flows {
namespace {

constexpr std::size_t ready_max = 256;
constexpr std::size_t refill_below = 32;  // where the last look left some behind
constexpr std::size_t read_ahead_bytes_max = 256 * 1024;
constexpr Duration look_again_max = std::chrono::minutes(5);

/// A lane that can be called by its timer; `called` when it was. One that is cancelled can't be any
/// more.
struct Resting {
  Resting(std::list<net::Timer*>& among, net::Timer& timer, bool& called)
      : all(among), own(timer), was_called(called) {
    all.push_back(&own);
  }
  Resting(const Resting&) = delete;
  ~Resting() { was_called = std::erase(all, &own) == 0; }

  std::list<net::Timer*>& all;
  net::Timer& own;
  bool& was_called;
};

SendResult withdrawn() {
  SendResult result;
  result.withdrawn = true;
  return result;
}

}  // namespace

Outbound::Outbound(Context& context, const Integration& integration,
                   const IntegrationSecrets& secrets, StatusBoard& board, net::Scope& scope,
                   std::function<void()> copy_due)
    : context_(context),
      integration_(integration),
      secrets_(secrets),
      board_(board),
      scope_(scope),
      copy_due_(std::move(copy_due)),
      errand_(context.env, scope, [this] { return look(); }),
      pace_(messages_per_minute(integration.outgoing)),
      clock_doubt_(context.env) {}

void Outbound::act_now() {
  suspended_until_ = Duration(0);
  in_haste_ = true;
  errand_.notify();
}

net::Task<Duration> Outbound::look() {
  if (!board_.may_run(Direction::outgoing)) co_return net::Errand::nothing_due;
  const Duration suspended = suspended_until_ - context_.env.steady();
  if (suspended > Duration(0)) co_return suspended;
  take_back_waiting();
  Duration pause = co_await fill();
  const Duration paced = pace_.wait(context_.env.steady());
  if (paced > Duration(0) && !ready_.empty()) co_return std::min(pause, paced);
  std::size_t called = 0;
  for (; called < ready_.size() && !idle_timers_.empty(); ++called) {
    idle_timers_.front()->cancel();
    idle_timers_.pop_front();
  }
  for (; called < ready_.size() && room_for_one() && !gives_way(); ++called) {
    const bool last = lanes_ + calls_ + 1 == integration_.outgoing.connections_max;
    if (last && !waiting_.empty() && calls_ < calls_max()) break;  // it is a call's
    ++lanes_;
    scope_.spawn(lane());
  }
  const bool busy = static_cast<std::size_t>(lanes_) > idle_timers_.size();
  if (busy) pause = std::min(pause, limits::lined_up);
  co_return pause;
}

net::Task<Duration> Outbound::fill() {
  if (ready_.size() >= (more_is_due_ ? refill_below : 1)) co_return look_again_max;
  const Instant now = context_.env.now();
  const auto limit = ready_max + taken_.size();
  auto due =
      co_await context_.store.deliveries().due(integration_.id, now, static_cast<int>(limit));
  if (!due) {
    log::error("{}: deliveries wait: {}", integration_.name, describe(due.error()));
    co_return store_trouble;
  }
  more_is_due_ = due.value().size() == limit;
  std::list<Mail> fresh;
  for (auto& delivery : due.value()) {
    if (taken_.insert(delivery.id).second) fresh.push_back(Mail{std::move(delivery), {}});
  }
  co_await read_ahead(fresh);
  ready_.splice(ready_.end(), fresh);
  if (!ready_.empty()) co_return look_again_max;
  const auto next = co_await context_.store.deliveries().next_due(integration_.id);
  if (!next) co_return store_trouble;
  if (!next.value()) co_return net::Errand::nothing_due;
  if (*next.value() <= now) co_return look_again_max;
  co_return std::clamp<Duration>(*next.value() - now, Duration(10), look_again_max);
}

/// The first of them, as many as are small enough together. Who has none reads his own.
net::Task<void> Outbound::read_ahead(std::list<Mail>& mails) {
  std::vector<DeliveryId> ids;
  std::uint64_t size_bytes = 0;
  for (const auto& mail : mails) {
    size_bytes += mail.delivery.size_bytes;
    if (size_bytes > read_ahead_bytes_max) break;
    ids.push_back(mail.delivery.id);
  }
  if (ids.empty()) co_return;
  auto read = co_await context_.store.deliveries().bytes_of_each(std::move(ids));
  if (!read) co_return;
  auto mail = mails.begin();
  for (auto& bytes : read.value()) (mail++)->bytes = std::move(bytes);
}

net::Task<void> Outbound::lane() {
  std::unique_ptr<SmtpLink> link;
  const auto timer = context_.env.make_timer(scope_.executor());
  for (;;) {
    while (auto mail = take_ready()) co_await attempts(link, std::move(*mail));
    if (!link || gives_way()) break;
    bool called = false;
    {
      const Resting resting(idle_timers_, *timer, called);
      co_await timer->wait(limits::smtp_idle);
    }
    if (!called) break;  // the connection has been idle for long enough
  }
  if (link) {
    board_.journal().note("connection.closed", "nothing more to send");
    co_await link->quit();
  }
  --lanes_;
  if (suspended_until_ > context_.env.steady()) {
    for (const auto& mail : ready_) taken_.erase(mail.delivery.id);
    ready_.clear();
  }
  call_those_who_wait();
}

bool Outbound::may_send() const {
  return suspended_until_ <= context_.env.steady() && board_.may_run(Direction::outgoing);
}

std::optional<Outbound::Mail> Outbound::take_ready() {
  if (ready_.empty() || !may_send() || gives_way()) return std::nullopt;
  const Duration now = context_.env.steady();
  if (pace_.wait(now) > Duration(0)) {
    errand_.notify();  // look() knows for how long
    return std::nullopt;
  }
  pace_.go(now);
  auto mail = std::move(ready_.front());
  ready_.pop_front();
  if (ready_.empty() || (more_is_due_ && ready_.size() < refill_below)) errand_.notify();
  return mail;
}

/// `id` is no longer on its way here.
void Outbound::let_go(DeliveryId id) {
  taken_.erase(id);
  if (ready_.empty()) errand_.notify();
}

net::Task<std::optional<Delivery>> Outbound::begin(DeliveryId id) {
  auto begun = co_await context_.store.deliveries().begin_attempt(id, context_.env.now());
  if (begun) co_return std::move(begun).value();
  // Cancelled, held or retried by a person meanwhile; or the store is in trouble.
  log::info("{} is not sent now: {}", id.str(), describe(begun.error()));
  const auto& code = begun.error().code;
  if (code != storage::errc::wrong_state && code != storage::errc::not_found) {
    suspended_until_ = context_.env.steady() + store_trouble;  // it is due again at once
  }
  let_go(id);
  co_return std::nullopt;
}

/// Sends `mail` and, as long as nothing is at fault, what is ready behind it.
net::Task<void> Outbound::attempts(std::unique_ptr<SmtpLink>& link, Mail mail) {
  auto begun = co_await begin(mail.delivery.id);
  if (!begun) co_return;
  mail.delivery = std::move(*begun);
  std::optional<Mail> current = std::move(mail);
  std::shared_ptr<Turnover> turnover;
  while (current) {
    Mail under_way = std::move(*current);
    current = co_await attempt(link, std::move(under_way), turnover);
  }
}

/// One attempt, begun already or, with a `turnover`, by the transaction that is on its way. Gives
/// the next mail, begun in the same manner.
net::Task<std::optional<Outbound::Mail>> Outbound::attempt(std::unique_ptr<SmtpLink>& link,
                                                           Mail mail,
                                                           std::shared_ptr<Turnover>& turnover) {
  const Duration sending_since = context_.env.steady();
  SendResult result = co_await send(link, mail, std::nullopt, turnover);
  context_.metrics.send_took(context_.env.steady() - sending_since);
  auto next = take_lined_up(link.get());
  if (!result.connection_usable) link.reset();
  if (turnover) {
    co_await ended(*turnover);
    auto begun = std::move(turnover->recorded->begun);
    turnover.reset();
    POSTERN_ASSERT(!next || begun);  // none is lined up behind an end that did not leave
    if (!begun) co_return std::nullopt;
    mail.delivery = std::move(*begun);
    if (result.withdrawn) co_return mail;  // as it is now, on a fresh connection
  }
  if (next && (result.fault || !may_send())) put_back(*std::exchange(next, std::nullopt));
  if (!next && link && link->session().lined_up()) link.reset();  // another's now, said in vain
  if (!next && !result.fault) next = take_ready();
  if (next && link) {
    turnover = std::make_shared<Turnover>(context_.env, scope_.executor());
    scope_.spawn(
        turn_over(turnover, std::move(mail.delivery), std::move(result), next->delivery.id));
    ++next->delivery.attempts;
    co_return next;
  }
  std::optional<DeliveryId> next_id;
  if (next) next_id = next->delivery.id;
  auto kept = co_await record(mail.delivery, std::move(result), next_id);
  if (!kept.begun) co_return std::nullopt;
  next->delivery = std::move(*kept.begun);
  co_return next;
}

net::Task<void> Outbound::turn_over(std::shared_ptr<Turnover> turnover, Delivery mail,
                                    SendResult result, DeliveryId next) {
  turnover->recorded = co_await record(mail, std::move(result), next);
  turnover->ended.notify();
}

net::Task<void> Outbound::ended(Turnover& turnover) {
  while (!turnover.recorded) co_await turnover.ended.wait(look_again_max);
}

/// What the final dot of `said` waits for: that its attempt is on the disk, and that it still is
/// the mail that was said.
net::Task<Result<void>> Outbound::until_begun(std::shared_ptr<Turnover> turnover,
                                              const Delivery& said) {
  co_await ended(*turnover);
  if (is_begun(*turnover, said)) co_return success();
  co_return Error{storage::errc::wrong_state, "the delivery was changed while it was said"};
}

bool Outbound::is_begun(const Turnover& turnover, const Delivery& said) {
  if (!turnover.recorded || !turnover.recorded->begun) return false;
  const auto& begun = *turnover.recorded->begun;
  const auto now = open_envelope(begun);
  const auto then = open_envelope(said);
  return begun.attempts == said.attempts && now.sender == then.sender &&
         now.recipients == then.recipients;
}

/// Whether the server refused a token and another one may be tried, over a fresh `link`; else
/// `opened` says why not, where that is the reason.
net::Task<bool> Outbound::renewed(std::unique_ptr<SmtpLink>& link, Result<void>& opened) {
  const auto fresh = co_await link->renew_token(opened.error());
  if (!fresh) opened = fresh.error();
  if (!fresh || !fresh.value()) co_return false;
  link = make_link();
  co_return true;
}

net::Task<SendResult> Outbound::send(std::unique_ptr<SmtpLink>& link, Mail& mail,
                                     std::optional<Duration> deadline,
                                     std::shared_ptr<Turnover> turnover) {
  const Delivery& delivery = mail.delivery;
  if (!link) link = make_link();
  smtp::TransactionDone done;  // of all transactions so far: a server may limit their recipients
  if (!mail.bytes) {
    auto bytes = co_await context_.store.deliveries().bytes(delivery.id);
    if (!bytes) co_return failed(*link, delivery, bytes.error(), false, done);
    mail.bytes = std::move(bytes).value();
  }
  SmtpLink::FinalDotGate gate;
  if (turnover) gate = [turnover, &delivery] { return until_begun(turnover, delivery); };
  Envelope rest = open_envelope(delivery);
  bool reused = link->line().open();
  for (;;) {
    const bool said_ahead = link->session().lined_up();
    if (link->session().used_up() && !said_ahead) {
      co_await link->quit();
      link = make_link();
      reused = false;
    }
    if (deadline) link->line().set_deadline(*deadline);
    Result<void> opened = success();
    if (!reused) opened = co_await link->connect();
    if (opened && !said_ahead) opened = co_await link->ready();
    if (!opened && reused) {
      // The server closed an idle connection: nothing of this mail was said yet.
      link = make_link();
      reused = false;
      continue;
    }
    const bool late = link->line().past_deadline();
    if (!opened) {
      const bool again = co_await renewed(link, opened);
      if (again) continue;
      co_return failed(*link, delivery, std::move(opened).error(), late, done);
    }
    if (!reused) board_.journal().note("connection.opened", integration_.outgoing.server.host);
    auto unfit = co_await fit(*link, mail);
    if (unfit) co_return failed(*link, delivery, std::move(*unfit), false, done);
    Envelope group = rest;
    group.recipients.resize(fitting(rest, link->session().extensions().limits));
    SmtpLink::LineUp lines_up;
    if (!deadline && group.recipients.size() == rest.recipients.size()) {
      lines_up = [this, &link] { return line_up(*link); };
    }
    auto sent = co_await link->send(std::move(group), *mail.bytes, gate, lines_up, delivery.wishes);
    if (said_ahead) learn_of_line_up(sent);
    if (sent) {
      const bool goes_on = add(done, std::move(sent).value(), rest) && !judge_sender(done);
      if (!goes_on) co_return judged(*link, mail, done);
      reused = true;
      continue;
    }
    if (turnover && turnover->recorded && !is_begun(*turnover, delivery)) co_return withdrawn();
    const bool nothing_said = reused && link->session().transaction().reply.code == 0 &&
                              sent.error().code == smtp::errc::closed && !link->outcome_unknown();
    const bool by_data = sent.error().code == smtp::errc::chunk_not_understood && chunking_;
    if (by_data) chunking_ = false;
    if (!nothing_said && !by_data) {
      const bool out_of_time = link->line().past_deadline();
      co_return failed(*link, delivery, std::move(sent).error(), out_of_time, done);
    }
    // What was said ahead on that line was said in vain.
    if (auto next = take_lined_up(link.get())) put_back(std::move(*next));
    link = make_link();
    reused = false;
  }
}

std::unique_ptr<SmtpLink> Outbound::make_link() {
  auto link = std::make_unique<SmtpLink>(context_, integration_.outgoing, secrets_, chunking_);
  link->line().record_to(board_.journal().recording(Direction::outgoing));
  LineUser user;  // never checked: a mail that waits goes before the checks
  user.integration = integration_.id;
  user.login = integration_.outgoing.auth.username;
  user.in_haste = std::exchange(in_haste_, false);
  link->line().set_user(std::move(user));
  return link;
}

Instant Outbound::retry_at(const Delivery& delivery) const {
  const auto& delays = context_.options.outgoing_retry;
  POSTERN_ASSERT(!delays.empty());
  const auto index = static_cast<std::size_t>(std::max(delivery.attempts - 1, 0));
  const Duration delay = delays[std::min(index, delays.size() - 1)];
  const auto spread = static_cast<std::uint64_t>(delay.count() / 5 + 1);
  const auto jitter = Duration(static_cast<std::int64_t>(context_.env.random() % spread));
  return context_.env.now() + delay + jitter;
}

bool Outbound::time_is_up(const Delivery& delivery) const {
  if (delivery.sync) return true;
  if (clock_doubt_.is_doubtful(context_.env)) return false;
  return retry_at(delivery) > delivery.created_at + context_.options.outgoing_for;
}

}  // namespace postern::flows
