#include "sim/story.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

constexpr int steps = 30;
constexpr int target_parallel = 4;

Faults small_delays() {
  Faults faults;
  faults.split_reads = true;
  faults.latency_max = 40ms;
  return faults;
}

Faults rough_line() {
  Faults faults = small_delays();
  faults.refuse = 0.1;
  faults.unreachable = 0.05;
  faults.silence = 0.05;
  faults.cut = 0.02;
  return faults;
}

}  // namespace

Story::Story(std::uint64_t seed)
    : seed_(seed),
      chance_(seed * 0x9e3779b97f4a7c15 + 1),
      calm_(seed % 5 == 0),
      stage_(seed),
      steady_(stage_.add_target("steady", [](Target& t) { t.parallel = target_parallel; })),
      sick_(stage_.add_target("sick", [](Target& t) { t.parallel = target_parallel; })) {}

Duration Story::between(Duration low, Duration high) {
  return low + Duration(static_cast<std::int64_t>(
                   pick(static_cast<std::uint64_t>((high - low).count()) + 1)));
}

Account& Story::any_account() {
  return stage_.accounts[pick(stage_.accounts.size())];
}

std::string Story::play() {
  cast();
  begin_life();
  for (int step = 0; step < steps; ++step) one_step();
  mend();
  check_handed_over();
  check_sent();
  check_cursors();
  check_bounds();
  stage_.stop();
  return stage_.world.journal();
}

void Story::cast() {
  stage_.world.set_faults(small_delays());
  stage_.before_end = [this] { check_bounds(); };
  stage_.after_start = [this] {
    lives_.push_back(stage_.world.steady());
    check_cursors();
  };
  const int count = 2 + static_cast<int>(pick(4));
  for (int number = 0; number < count; ++number) cast_account(number);
  if (calm_) return;
  stage_.workers.crashes = 0.02;
  stage_.workers.hangs = 0.01;
}

void Story::cast_account(int number) {
  Trait trait;
  trait.healthy = calm_ || number == 0 || likely(30);
  const bool idles = likely(60);
  if (!idles) trait.poll_interval = std::chrono::minutes(5 + pick(6));
  const auto start_from = pick(3);
  auto& account = stage_.add_account(fmt::format("account{}", number), [&](Integration& value) {
    value.incoming.start_from = start_from == 0 ? "now" : start_from == 1 ? "all" : "2025-12-24";
    value.incoming.mode = idles ? IncomingMode::idle : IncomingMode::poll;
    if (!idles) value.incoming.poll_interval = trait.poll_interval;
    if (likely(50)) {
      value.outgoing.server.security = Security::tls;
      value.outgoing.server.port = 465;
    }
    if (!trait.healthy && likely(30)) value.outgoing.on_unknown = OnUnknown::report;
  });
  account.imap->manners.offers_plain = likely(50);
  account.imap->manners.tells_uid_next = likely(70);
  account.smtp->manners.offers_pipelining = likely(70);
  const auto old_mails = pick(6);
  for (std::uint64_t i = 0; i < old_mails; ++i) {
    Offered old{&account, stage_.offer(account, stage_.world.now() - 24h * 60), 0ms, false};
    old.required = start_from == 1;
    old.at = start_from == 1 ? 0ms : -1ms;  // out of scope for ever
    offered_.push_back(std::move(old));
  }
  if (!trait.healthy) {
    stage_.world.set_faults(account.imap->host(), rough_line());
    stage_.world.set_faults(account.smtp->host(), rough_line());
  }
  traits_[&account] = trait;
}

void Story::begin_life() {
  stage_.start();
}

void Story::one_step() {
  stage_.run_for(likely(50) ? between(1s, 60s) : between(1min, 20min));
  check_disabled_are_quiet();
  if (likely(60)) offer_some();
  if (likely(50)) send_some();
  for (auto& call : stage_.calls) {
    if (!call.promised && !call.refused) stage_.repeat(call);
  }
  if (calm_) return;
  if (likely(40)) make_trouble(any_account());
  if (likely(20)) sicken_target();
  if (likely(25)) strike();
}

bool Story::is_in_scope(const Account& account) {
  auto& life = *stage_.gateway;
  const auto stored = life.ask(life.store().integrations().get(account.id));
  if (stored.value.incoming.start_from != "now") return true;
  return life.ask(life.store().messages().cursor(account.id, "INBOX")).has_value();
}

void Story::offer_some() {
  auto& account = any_account();
  const bool required = is_in_scope(account);
  const auto count = 1 + pick(6);
  for (std::uint64_t i = 0; i < count; ++i) {
    Offered offered{&account, stage_.offer(account), stage_.world.steady(), required};
    offered_.push_back(std::move(offered));
  }
}

void Story::send_some() {
  auto& account = any_account();
  const bool sync_waits = std::any_of(
      stage_.calls.begin(), stage_.calls.end(),
      [](const auto& call) { return call.request.sync && !call.promised && !call.refused; });
  const auto count = 1 + pick(4);
  for (std::uint64_t i = 0; i < count; ++i) {
    std::vector<std::string> to{"one@else.test"};
    if (likely(20)) to.push_back("refused@else.test");
    if (likely(5)) to = {"refused@else.test"};
    // One sync call at a time: each has a connection of its own.
    const bool sync = i == 0 && likely(20) && !sync_waits;
    stage_.send(account, to, sync, 30s);
  }
}

void Story::make_trouble(Account& account) {
  auto& trait = traits_.at(&account);
  if (trait.healthy) {
    if (likely(20)) account.imap->kick();
    return;
  }
  auto& imap = account.imap->manners;
  auto& smtp = account.smtp->manners;
  switch (pick(12)) {
    case 0:
      imap.refuses_login = !imap.refuses_login;
      break;
    case 1:
      imap.falls_silent = !imap.falls_silent;
      break;
    case 2:
      imap.greets_with_bye = !imap.greets_with_bye;
      break;
    case 3:
      imap.commands_before_cut = likely(50) ? static_cast<int>(pick(5)) : -1;
      break;
    case 4:
      imap.fetched_before_cut = likely(50) ? 1 + pick(4) : 0;
      break;
    case 5:
      account.imap->renumber();
      break;
    case 6:
      smtp.refuses_login = !smtp.refuses_login;
      break;
    case 7:
      smtp.greets_with_421 = !smtp.greets_with_421;
      break;
    case 8:
      smtp.cut_before_taking = likely(50) ? 0.5 : 0;
      break;
    case 9:
      smtp.cut_after_taking = likely(50) ? 0.5 : 0;
      break;
    case 10:
      smtp.answers_late = likely(50) ? 0.3 : 0;
      break;
    case 11:
      trait.off = !trait.off;
      stage_.set_enabled(account, !trait.off);
      quiet_.clear();
      break;
  }
  if (!stage_.gateway->alive()) return;
  smtp.refuses_for_now = likely(20) ? 0.3 : 0;
  smtp.thinks = likely(30) ? between(0s, 30s) : 0s;
  account.imap->manners.announces = likely(80);
}

void Story::sicken_target() {
  auto& manners = sick_.manners;
  manners.answers_500 = likely(50) ? 0.5 : 0;
  manners.answers_503 = likely(30) ? 0.5 : 0;
  manners.hangs = likely(30) ? 0.3 : 0;
  manners.cuts_after_taking = likely(30) ? 0.3 : 0;
  manners.thinks = likely(50) ? between(0s, 20s) : 0s;
}

void Story::strike() {
  switch (pick(4)) {
    case 0:
      stage_.restart();
      break;
    case 1:
      stage_.stop();
      stage_.start();
      break;
    default:
      stage_.gateway->env().die_in_acts(1 + pick(likely(50) ? 30 : 300));
      break;
  }
}

void Story::mend() {
  stage_.gateway->env().die_in_acts(0);
  stage_.run_for(1s);  // one that died at the last act comes back
  sick_.manners = HookManners();
  for (auto& account : stage_.accounts) {
    stage_.world.set_faults(account.imap->host(), small_delays());
    stage_.world.set_faults(account.smtp->host(), small_delays());
    auto& imap = account.imap->manners;
    const ImapManners good;
    imap.refuses_login = imap.falls_silent = imap.greets_with_bye = false;
    imap.commands_before_cut = good.commands_before_cut;
    imap.fetched_before_cut = good.fetched_before_cut;
    account.smtp->manners = SmtpManners();
    traits_.at(&account).off = false;
  }
  stage_.run_for(20min);  // what was on its way into the dark has come to its end
  for (auto& account : stage_.accounts) {
    const auto status = stage_.status(account);
    const auto bad = [](DirectionState state) {
      return state == DirectionState::disabled || state == DirectionState::off;
    };
    if (bad(status.incoming_state) || bad(status.outgoing_state)) {
      stage_.set_enabled(account, true);
    }
  }
  quiet_.clear();
  for (auto& call : stage_.calls) {
    if (!call.promised && !call.refused) stage_.repeat(call);
  }
  stage_.run_for(14h);
  reprocess_all();
  stage_.run_for(1min);
}

/// What bad lines brought into quarantine for good, a person asks for now that they are good.
void Story::reprocess_all() {
  auto& life = *stage_.gateway;
  storage::MessageFilter filter;
  filter.state = storage::MessageState::quarantined;
  storage::PageRequest page;
  page.limit = 500;
  const auto bad = life.ask(life.store().messages().list(filter, page));
  for (const auto& message : bad.items) {
    life.ask(life.store().quarantine().try_now(message.id, stage_.world.now()));
    life.ask(life.hub().check(message.integration));
  }
}

}  // namespace postern::sim
