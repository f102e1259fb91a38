// A store with many messages in it, each handed over to a target; and what a commit waits for while
// retention removes the oldest of them.
//
//   bench_postern history DATA_DIR MESSAGES OLD      the first OLD of them are 60 days old
//   bench_postern retention DATA_DIR COMMITS         so many before, then as long as retention runs
#include "bench/tls_line.hpp"
#include "bench/world.hpp"
#include "flows/retention.hpp"
#include "net/scope.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>

namespace postern::bench {
namespace {

constexpr long integrations = 10;
constexpr long batch_mails = 250;
constexpr auto days_60 = std::chrono::hours(24 * 60);
constexpr Duration between_commits{2};

std::string message_id_of(long number) {
  return "<" + std::to_string(number) + "@bench.test>";
}

std::string bytes_of(long number) {
  std::string bytes = "From: Carol <carol@bench.test>\r\nTo: b@bench.test\r\nSubject: mail " +
                      std::to_string(number) + "\r\nMessage-ID: " + message_id_of(number) +
                      "\r\n\r\n";
  for (int i = 0; i < 5; ++i) bytes += std::string(74, 'x') + "\r\n";
  return bytes;
}

struct History {
  std::unique_ptr<storage::Store> store;
  std::vector<IntegrationId> owners;
  TargetId target;
  Instant at;
};

storage::IncomingBatch batch_of(IntegrationId owner, std::uint64_t next_uid, long first, long count,
                                Instant at) {
  storage::IncomingBatch batch;
  batch.integration = owner;
  batch.folder = "INBOX";
  batch.cursor = {7, next_uid + static_cast<std::uint64_t>(count), 0};
  batch.at = at;
  for (long i = 0; i < count; ++i) {
    const long number = first + i;
    storage::IncomingMail mail;
    mail.uid = static_cast<std::uint32_t>(next_uid + static_cast<std::uint64_t>(i));
    mail.received_at = at;
    auto bytes = bytes_of(number);
    mail.size_bytes = bytes.size();
    // No two are alike: the number itself, as long as a digest.
    mail.sha256 = std::to_string(number);
    mail.sha256.insert(0, 64 - mail.sha256.size(), '0');
    mail.message_id = message_id_of(number);
    mail.bytes = std::move(bytes);
    batch.mails.push_back(std::move(mail));
  }
  return batch;
}

storage::DigestedMail digest_of(const History& history, long number) {
  storage::DigestedMail digested;
  auto& summary = digested.summary;
  summary.message_id = message_id_of(number);
  summary.subject = "mail " + std::to_string(number);
  summary.from.push_back({"Carol", "carol@bench.test"});
  summary.to.push_back({"", "b@bench.test"});
  summary.text = std::string(400, 'x');
  summary.thread_id = message_id_of(number);
  digested.routing.targets.push_back(history.target);
  digested.thread = {message_id_of(number), message_id_of(number), {}, "carol@bench.test"};
  return digested;
}

net::Task<void> acknowledge_all(History& history) {
  auto& handovers = history.store->handovers();
  const auto due = must(co_await handovers.due(history.target, history.at, batch_mails));
  for (const auto& each : due) {
    storage::HandoverAttempt attempt;
    attempt.state = HandoverState::acknowledged;
    attempt.at = history.at;
    attempt.due = history.at;
    attempt.status = 200;
    must(co_await handovers.record_attempt(each.id, std::move(attempt), {}));
  }
}

net::Task<void> add_batch(History& history, long first, long count, std::uint64_t next_uid) {
  const auto place = static_cast<std::size_t>(first / batch_mails % integrations);
  auto batch = batch_of(history.owners[place], next_uid, first, count, history.at);
  const auto stored = must(co_await history.store->messages().store(std::move(batch)));
  for (long i = 0; i < count; ++i) {
    auto digested = digest_of(history, first + i);
    const auto id = stored[static_cast<std::size_t>(i)].id;
    must(co_await history.store->messages().record_digest(id, std::move(digested), history.at));
  }
  co_await acknowledge_all(history);
}

net::Task<void> make_owners(History& history) {
  for (long i = 0; i < integrations; ++i) {
    IntegrationDraft draft;
    draft.value.name = "bench-" + std::to_string(i);
    draft.value.address = draft.value.name + "@bench.test";
    const auto made =
        must(co_await history.store->integrations().create(std::move(draft), "bench", history.at));
    history.owners.push_back(made.value.id);
  }
  TargetDraft draft;
  draft.value.name = "bench";
  draft.value.type = "pull";
  const auto made =
      must(co_await history.store->targets().create(std::move(draft), "bench", history.at));
  history.target = made.value.id;
}

net::Task<void> fill(History& history, long messages, long old) {
  const auto today = std::chrono::time_point_cast<Instant::duration>(history.at);
  history.at = today - days_60;
  co_await make_owners(history);
  std::vector<std::uint64_t> next_uids(integrations, 1);
  for (long first = 0; first < messages; first += batch_mails) {
    if (first >= old) history.at = std::max(history.at, today - std::chrono::hours(24));
    history.at += std::chrono::milliseconds(1);
    const long count = std::min(batch_mails, messages - first);
    auto& next_uid = next_uids[static_cast<std::size_t>(first / batch_mails % integrations)];
    co_await add_batch(history, first, count, next_uid);
    next_uid += static_cast<std::uint64_t>(count);
  }
}

struct Waits {
  std::vector<double> milliseconds;

  double at_share(double share) {
    std::sort(milliseconds.begin(), milliseconds.end());
    if (milliseconds.empty()) return 0;
    return milliseconds[static_cast<std::size_t>(
        share * static_cast<double>(milliseconds.size() - 1) + 0.5)];
  }
};

/// Stores one mail as the intake does and notes how long it waited for that to be durable.
net::Task<void> commit_one(World& world, IntegrationId owner, std::uint64_t& uid, Waits& waits) {
  const long number = 1'000'000'000L + static_cast<long>(uid);
  auto batch = batch_of(owner, uid++, number, 1, world.env->now());
  batch.folder = "Fresh";
  const double begun = wall_seconds();
  must(co_await world.store->messages().store(std::move(batch)));
  waits.milliseconds.push_back((wall_seconds() - begun) * 1000);
  co_await net::sleep_for(*world.env, between_commits);
}

net::Task<void> retain(World& world, flows::RetentionReport& report, std::atomic<bool>& done) {
  world.context->options.retention_days = 30;
  report = must(co_await flows::apply_retention(*world.context));
  done = true;
}

void tell(const char* when, Waits& waits, long longest_commit_us) {
  std::printf(
      "\"%s\":{\"commits\":%zu,\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,"
      "\"longest_commit_ms\":%.3f},",
      when, waits.milliseconds.size(), waits.at_share(0.5), waits.at_share(0.99), waits.at_share(1),
      static_cast<double>(longest_commit_us) / 1000);
}

net::Task<void> measure(World& world, long commits) {
  const auto all = must(co_await world.store->integrations().ids());
  const auto owner = all.front();
  std::uint64_t uid = 1;
  Waits before, during;
  world.longest_commit_us = 0;
  while (before.milliseconds.size() < static_cast<std::size_t>(commits)) {
    co_await commit_one(world, owner, uid, before);
  }
  const long longest_before = world.longest_commit_us.exchange(0);
  flows::RetentionReport report;
  std::atomic<bool> done = false;
  const double begun = wall_seconds();
  net::Scope scope(world.shards.executor(0));
  scope.spawn(retain(world, report, done));
  while (!done) co_await commit_one(world, owner, uid, during);
  const double took = wall_seconds() - begun;
  const long longest_during = world.longest_commit_us;
  co_await net::run_on(scope.executor(), scope.join());
  std::printf("{");
  tell("before", before, longest_before);
  tell("during", during, longest_during);
  std::printf("\"removed\":%llu,\"seconds\":%.3f,\"longest_job_ms\":%lld}\n",
              static_cast<unsigned long long>(report.messages), took,
              static_cast<long long>(report.longest_job.count()));
}

}  // namespace

int run_history(const Arguments& arguments) {
  History history;
  history.at = std::chrono::time_point_cast<Instant::duration>(std::chrono::system_clock::now());
  storage::StoreOptions options;
  options.data_dir = arguments.text(0);
  options.inline_mode = true;  // without fsync, since nobody needs it before it is whole
  options.now = [&history] { return history.at; };
  history.store = must(storage::open_store(std::move(options)));
  const double begun = wall_seconds();
  run_here(fill(history, arguments.number(1), arguments.number(2)));
  history.store->close();
  std::printf("{\"messages\":%ld,\"seconds\":%.3f}\n", arguments.number(1), wall_seconds() - begun);
  return 0;
}

int run_retention(const Arguments& arguments) {
  World world(arguments.text(0), false);
  world.run(measure(world, arguments.number(1)));
  return 0;
}

}  // namespace postern::bench
