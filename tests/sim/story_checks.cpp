// What must hold during and at the end of any story.
#include "net/hashing.hpp"
#include "sim/story.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

constexpr Duration healthy_latency_max = 10s;
// What was on its way when an integration was disabled may still arrive.
constexpr Duration connect_limit = 31s;

}  // namespace

void Story::check_bounds() {
  const auto& env = stage_.gateway->env();
  for (const auto& account : stage_.accounts) {
    const auto& host = traits_.at(&account).incoming_host(account);
    EXPECT_LE(env.open_max(host), 1U) << "incoming connections, seed " << seed_;
    // connections_max, and one of a sync call.
    EXPECT_LE(env.open_max(account.smtp->host()), 3U) << "SMTP connections, seed " << seed_;
    EXPECT_EQ(account.imap->foul(), "") << "seed " << seed_;
    const auto& pop = traits_.at(&account).pop;
    if (pop) EXPECT_EQ(pop->foul(), "") << "seed " << seed_;
  }
  for (const auto& hook : stage_.hooks) {
    EXPECT_LE(env.open_max(hook.host()), 4U) << hook.host() << ", seed " << seed_;
  }
}

std::set<std::string> Story::stored_mails() {
  std::set<std::string> all;
  storage::PageRequest request;
  request.limit = 500;
  auto& life = *stage_.gateway;
  for (;;) {
    auto page = life.ask(life.store().messages().list({}, request));
    for (const auto& message : page.items) all.insert(message.sha256);
    if (page.next_cursor.empty()) return all;
    request.cursor = page.next_cursor;
  }
}

void Story::check_cursors() {
  if (!stage_.gateway->alive()) return;
  const auto stored = stored_mails();
  for (const auto& account : stage_.accounts) {
    check_cursor(account, "INBOX", stored);
    check_cursor(account, "Archive", stored);
  }
}

void Story::check_cursor(const Account& account, const std::string& name,
                         const std::set<std::string>& stored) {
  auto& life = *stage_.gateway;
  const auto* folder = account.imap->folder(name);
  const auto cursor = life.ask(life.store().messages().cursor(account.id, name));
  if (folder == nullptr || !cursor || cursor->uid_validity != folder->uid_validity) return;
  // One in quarantine has no bytes yet: its row at its place lets the cursor pass.
  const auto waiting =
      life.ask(life.store().messages().uids_from(account.id, name, cursor->uid_validity, 1));
  std::set<std::string> below;
  for (const auto& mail : folder->mails) {
    if (mail.uid < cursor->next_uid && !waiting.contains(mail.uid)) {
      below.insert(net::sha256(mail.bytes));
    }
  }
  for (const auto& offered : offered_) {
    if (offered.account != &account || !offered.required || offered.below) continue;
    // A copy in another folder may be passed over there: it is the mail's own place that counts.
    if (offered.folder != name) continue;
    EXPECT_TRUE(!below.contains(offered.sha256) || stored.contains(offered.sha256))
        << account.name
        << "'s cursor passed a mail that is not ours: " << offered.bytes.substr(0, 200) << " in "
        << name << " of " << folder->mails.size() << " mails, cursor " << cursor->uid_validity
        << "/" << cursor->next_uid << ", seed " << seed_;
  }
}

void Story::check_disabled_are_quiet() {
  for (const auto& account : stage_.accounts) {
    const auto status = stage_.status(account);
    const auto check = [&](DirectionState state, const std::string& host) {
      if (state != DirectionState::disabled && state != DirectionState::off) {
        quiet_.erase(host);
        return;
      }
      const auto since = quiet_.emplace(host, stage_.world.steady()).first->second;
      for (const auto& one : stage_.world.connections()) {
        EXPECT_TRUE(one.host != host || one.at <= since + connect_limit)
            << host << " was disabled, seed " << seed_;
      }
    };
    check(status.incoming_state, traits_.at(&account).incoming_host(account));
    check(status.outgoing_state, account.smtp->host());
  }
}

void Story::check_handed_over() {
  for (const auto* hook : {&steady_, &sick_}) {
    for (const auto& mistake : hook->mistakes()) {
      ADD_FAILURE() << hook->host() << " got " << mistake << ", seed " << seed_;
    }
    for (const auto& offered : offered_) {
      const auto ids = hook->ids_of(offered.sha256);
      EXPECT_LE(ids.size(), 1U) << "two ids for one mail, seed " << seed_;
      if (offered.at < 0ms) {
        EXPECT_TRUE(ids.empty()) << "an old mail was handed over, seed " << seed_;
      }
      if (!offered.required) continue;
      if (ids.empty()) {
        ADD_FAILURE() << "a mail of " << offered.account->name << " at "
                      << offered.at.count() / 1000 << " s never reached " << hook->host()
                      << ", seed " << seed_;
        continue;
      }
      EXPECT_GE(hook->mails().at(ids.front()).acknowledged, 1)
          << ids.front() << " was never acknowledged by " << hook->host() << ", seed " << seed_;
      if (calm_) check_no_second_hand_over(offered, ids.front());
      if (hook == &steady_) check_latency(offered, hook->mails().at(ids.front()));
    }
  }
}

void Story::check_no_second_hand_over(const Offered& offered, const std::string& id) {
  for (const auto* hook : {&steady_, &sick_}) {
    const auto found = hook->mails().find(id);
    if (found == hook->mails().end()) continue;
    EXPECT_EQ(found->second.calls, 1)
        << "a mail of " << offered.account->name << " came twice without a fault, seed " << seed_;
  }
}

void Story::check_latency(const Offered& offered, const HookMail& mail) {
  const auto& trait = traits_.at(offered.account);
  if (!trait.healthy || offered.faulty || offered.below || mail.acknowledged == 0) return;
  Duration since = offered.at;
  for (const auto life : lives_) {
    if (life <= mail.first_acknowledged) since = std::max(since, life);
  }
  EXPECT_LE(mail.first_acknowledged - since, healthy_latency_max + trait.poll_interval)
      << "a mail of healthy " << offered.account->name << " offered at "
      << offered.at.count() / 1000 << " s was late, seed " << seed_;
}

void Story::check_sent() {
  for (const auto& call : stage_.calls) {
    if (call.refused) {
      EXPECT_TRUE(!calm_) << call.key << ": " << call.refused->message << ", seed " << seed_;
      EXPECT_FALSE(call.promised) << call.key << " promised and refused, seed " << seed_;
      continue;
    }
    EXPECT_TRUE(call.promised) << call.key << " was never answered, seed " << seed_;
    if (call.promised) check_promise(call);
  }
}

void Story::check_promise(const Call& call) {
  const auto delivery = stage_.delivery(call);
  const auto& outcome = delivery.outcome;
  const auto what =
      fmt::format("{} ({}, {} attempts, code {}: {}), seed {}", call.key, to_string(outcome.state),
                  delivery.attempts, outcome.result_code, outcome.result_message, seed_);
  EXPECT_TRUE(outcome.state == DeliveryState::sent || outcome.state == DeliveryState::failed ||
              outcome.state == DeliveryState::unknown)
      << what;
  EXPECT_FALSE(outcome.next_attempt_at) << what;
  const auto account = std::find_if(stage_.accounts.begin(), stage_.accounts.end(),
                                    [&](const auto& a) { return a.id == delivery.integration; });
  ASSERT_NE(account, stage_.accounts.end());
  const auto taken = account->smtp->taken_count(delivery.message_id);
  if (outcome.state == DeliveryState::sent) {
    EXPECT_GE(account->smtp->confirmed_count(delivery.message_id), 1U) << "no 250 for " << what;
  }
  if (outcome.state == DeliveryState::failed) {
    EXPECT_TRUE(taken == 0 || delivery.possibly_duplicated) << "taken, but " << what;
  }
  EXPECT_TRUE(taken <= 1 || delivery.possibly_duplicated) << taken << " times taken: " << what;
  EXPECT_LE(delivery.unknown_attempts, 3) << what;
  if (calm_) {
    EXPECT_FALSE(delivery.possibly_duplicated) << what;
    EXPECT_NE(outcome.state, DeliveryState::unknown) << what;
  }
}

}  // namespace postern::sim
