#include "sim/story.hpp"

#include "net/hashing.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

constexpr int steps = 30;
constexpr int target_parallel = 4;
constexpr std::uint64_t small_limit = 5000;
constexpr const char* long_ago = "Mon, 03 Nov 2025 10:00:00 +0000";

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
      below_(!calm_ && seed % 4 == 1),
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
  const bool pop3 = likely(20);
  const bool idles = !pop3 && likely(60);
  trait.second_folder = !pop3 && likely(30);
  if (!idles) trait.poll_interval = std::chrono::minutes(5 + pick(6));
  if (idles && trait.second_folder) trait.poll_interval = std::chrono::minutes(2);
  std::string start_from = likely(50) ? "now" : "all";
  if (likely(30)) start_from = "2025-12-24";
  trait.takes_small = likely(30);
  const auto name = fmt::format("account{}", number);
  const auto pop_host = fmt::format("pop.{}.test", name);
  auto& account = stage_.add_account(name, [&](Integration& value) {
    auto& incoming = value.incoming;
    incoming.start_from = start_from;
    incoming.mode = idles ? IncomingMode::idle : IncomingMode::poll;
    if (trait.poll_interval > 0s) incoming.poll_interval = trait.poll_interval;
    if (trait.second_folder) incoming.more_folders = {"Archive"};
    if (trait.takes_small) incoming.message_bytes_max = small_limit;
    if (pop3) {
      incoming.protocol = "pop3";
      incoming.server = {pop_host, 995, Security::tls};
    }
    if (likely(30)) {
      incoming.after_fetch.action = pop3 || likely(50) ? AfterFetch::remove : AfterFetch::seen;
    }
    if (likely(50)) {
      value.outgoing.server.security = Security::tls;
      value.outgoing.server.port = 465;
    }
    if (!trait.healthy && likely(30)) value.outgoing.on_unknown = OnUnknown::report;
  });
  if (pop3) {
    trait.pop = std::make_unique<PlayedPop3>(stage_.world, pop_host, name + "@example.test",
                                             account.password);
    trait.pop->serve();
    trait.pop->manners.has_uidl = likely(70);
    trait.pop->manners.has_top = likely(70);
  }
  account.imap->make_folder("Archive");
  if (likely(10)) account.imap->inbox().uid_validity = 0;
  account.imap->manners.offers_gmail = likely(20);
  account.imap->manners.offers_qresync = likely(40);
  account.imap->manners.offers_move = likely(50);
  account.imap->manners.offers_plain = likely(50);
  account.imap->manners.tells_uid_next = likely(70);
  account.smtp->manners.offers_pipelining = likely(70);
  if (!trait.healthy) {
    stage_.world.set_faults(trait.incoming_host(account), rough_line());
    stage_.world.set_faults(account.smtp->host(), rough_line());
  }
  traits_.emplace(&account, std::move(trait));
  offer_old(account, start_from);
}

/// What was there before we were.
void Story::offer_old(Account& account, const std::string& start_from) {
  const auto& pop = traits_.at(&account).pop;
  const auto old_mails = pick(6);
  for (std::uint64_t i = 0; i < old_mails; ++i) {
    Offered old{&account, {}, 0ms, start_from == "all"};
    if (!old.required) old.at = -1ms;  // out of scope for ever
    if (pop) {
      auto bytes = stage_.mail_for(account, long_ago);
      old.sha256 = net::sha256(bytes);
      pop->deliver(std::move(bytes));
    } else {
      old.sha256 = stage_.offer(account, stage_.world.now() - 24h * 60);
    }
    offered_.push_back(std::move(old));
  }
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

bool Story::is_in_scope(const Account& account, const std::string& folder) {
  auto& life = *stage_.gateway;
  const auto stored = life.ask(life.store().integrations().get(account.id));
  if (stored.value.incoming.start_from != "now") return true;
  if (traits_.at(&account).pop) {
    return life.ask(life.store().maildrops().get(account.id)).has_value();
  }
  return life.ask(life.store().messages().cursor(account.id, folder)).has_value();
}

void Story::offer_some() {
  auto& account = any_account();
  const bool elsewhere = traits_.at(&account).second_folder && likely(30);
  const std::string folder = elsewhere ? "Archive" : "INBOX";
  const bool required = is_in_scope(account, folder);
  const auto count = 1 + pick(6);
  for (std::uint64_t i = 0; i < count; ++i) offer_one(account, folder, required);
}

void Story::offer_one(Account& account, const std::string& folder, bool required) {
  const auto& trait = traits_.at(&account);
  const auto& pop = trait.pop;
  Offered offered{&account, {}, stage_.world.steady(), required};
  offered.folder = folder;
  offered.bytes = draw_mail(account, offered);
  offered.sha256 = net::sha256(offered.bytes);
  std::string pop_uid;
  if (pop) pop_uid = pop->deliver(offered.bytes);
  // One that is too large and bad besides stays in quarantine until its limit is raised.
  if (!offered.faulty) offered.faulty = spoil(account, offered.bytes, pop_uid);
  if (!pop) {
    const bool likes_below = below_ && folder == "INBOX" && !trait.healthy && likely(20);
    offered.below = likes_below && deliver_below(account, offered.bytes);
    if (!offered.below) account.imap->deliver_to(folder, offered.bytes);
    if (trait.second_folder && likely(10)) account.imap->deliver_to("Archive", offered.bytes);
  }
  offered_.push_back(std::move(offered));
  if (likely(10)) upload_again(account);
}

/// Some have no Message-ID, some are larger than the integration takes.
std::string Story::draw_mail(Account& account, Offered& offered) {
  auto bytes = stage_.mail_for(account);
  if (likely(15)) {
    const auto begin = bytes.find("Message-ID:");
    bytes.erase(begin, bytes.find("\r\n", begin) + 2 - begin);
  }
  if (traits_.at(&account).takes_small && likely(10)) {
    bytes += std::string(small_limit, 'x') + "\r\n";
    offered.faulty = true;  // it comes when a person asks for it
  }
  return bytes;
}

/// A client puts a mail into its folder that was there before.
void Story::upload_again(Account& account) {
  const auto& trait = traits_.at(&account);
  const auto& again = offered_[pick(offered_.size())];
  if (trait.pop || again.account != &account || again.at < 0ms || again.bytes.empty()) return;
  if (!again.required) return;  // as a new mail it would be wanted
  account.imap->deliver_to(again.folder, again.bytes);
}

/// Under a UID that is passed, and that no mail has; false when there is none, or when it could be
/// taken for a mail of before our time.
bool Story::deliver_below(Account& account, const std::string& bytes) {
  auto& inbox = account.imap->inbox();
  auto& life = *stage_.gateway;
  const auto known = life.ask(life.store().compares().known(account.id, "INBOX"));
  if (!known || known->uid_validity != inbox.uid_validity || inbox.uid_validity == 0) return false;
  if (inbox.uid_next < 5) return false;
  const auto uid = inbox.uid_next - 3;
  const bool taken = std::ranges::any_of(inbox.mails, [&](const auto& m) { return m.uid == uid; });
  if (taken || known->uids.contains(uid)) {
    account.imap->skip_uids(5);
    return false;
  }
  account.imap->deliver_under(uid, bytes);
  any_below_ = true;
  return true;
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

void Story::mend() {
  stage_.gateway->env().die_in_acts(0);
  stage_.run_for(1s);  // one that died at the last act comes back
  sick_.manners = HookManners();
  for (auto& account : stage_.accounts) {
    auto& trait = traits_.at(&account);
    stage_.world.set_faults(trait.incoming_host(account), small_delays());
    stage_.world.set_faults(account.smtp->host(), small_delays());
    auto& imap = account.imap->manners;
    const ImapManners good;
    imap.refuses_login = imap.falls_silent = imap.greets_with_bye = false;
    imap.commands_before_cut = good.commands_before_cut;
    imap.fetched_before_cut = good.fetched_before_cut;
    imap.faults.clear();
    account.smtp->manners = SmtpManners();
    trait.off = false;
    if (trait.pop) {
      PopManners mended;
      mended.has_uidl = trait.pop->manners.has_uidl;
      mended.has_top = trait.pop->manners.has_top;
      trait.pop->manners = std::move(mended);
    }
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
  stage_.run_for(any_below_ ? 26h : 14h);  // the daily compare finds what is below the cursor
  reprocess_all();
  stage_.run_for(1min);
}

/// What bad lines brought into quarantine for good, a person asks for now that they are good; and
/// for what is too large.
void Story::reprocess_all() {
  auto& life = *stage_.gateway;
  storage::MessageFilter filter;
  storage::PageRequest page;
  page.limit = 500;
  for (const auto state : {storage::MessageState::quarantined, storage::MessageState::too_large}) {
    filter.state = state;
    const auto bad = life.ask(life.store().messages().list(filter, page));
    for (const auto& message : bad.items) {
      life.ask(life.store().quarantine().try_now(message.id, stage_.world.now()));
      life.ask(life.hub().check(message.integration));
    }
  }
}

}  // namespace postern::sim
