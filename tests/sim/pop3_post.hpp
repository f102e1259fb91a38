// Post: an account read by POP3, its server, and one target: what the stories of POP3 are told
// with.
#pragma once

#include "net/hashing.hpp"
#include "sim/played_pop3.hpp"
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {

struct Post {
  explicit Post(std::uint64_t seed, std::function<void(Integration&)> adjust = nullptr)
      : stage(seed),
        hook(stage.add_target("desk", [](Target& target) { target.raw = true; })),
        account(stage.add_account("anna",
                                  [&](Integration& value) {
                                    value.incoming.protocol = "pop3";
                                    value.incoming.server = {"pop.anna.test", 995, Security::tls};
                                    if (adjust) adjust(value);
                                  })),
        pop(stage.world, "pop.anna.test", "anna@example.test", account.password) {
    pop.serve();
  }

  /// A mail in the maildrop; its sha256.
  std::string offer() {
    auto bytes = stage.mail_for(account);
    auto sha256 = net::sha256(bytes);
    uids[sha256] = pop.deliver(std::move(bytes));
    return sha256;
  }

  /// Every mail came to the target, byte by byte, under one id.
  void expect_whole(const std::vector<std::string>& mails) {
    for (const auto& sha256 : mails) {
      const auto ids = hook.ids_of(sha256);
      ASSERT_EQ(ids.size(), 1U) << sha256;
      EXPECT_EQ(net::sha256(hook.mails().at(ids.front()).raw), sha256);
    }
    EXPECT_EQ(hook.mails().size(), mails.size() + notices);
    EXPECT_TRUE(hook.mistakes().empty());
    EXPECT_EQ(pop.foul(), "");
    EXPECT_LE(pop.most_at_once(), 1U);
  }

  std::vector<storage::MessageDetail> in_state(storage::MessageState state) {
    storage::MessageFilter filter;
    filter.state = state;
    return stage.gateway->ask(stage.gateway->store().messages().list(filter, {})).items;
  }

  /// What POST /messages/{id}/reprocess does.
  void reprocess(MessageId message) {
    auto& gateway = *stage.gateway;
    ASSERT_TRUE(stage.world.run(gateway.store().quarantine().try_now(message, stage.world.now())));
    ASSERT_TRUE(stage.world.run(gateway.hub().check(account.id)));
  }

  Stage stage;
  PlayedWebhook& hook;
  Account& account;
  PlayedPop3 pop;
  std::map<std::string, std::string> uids;
  std::size_t notices = 0;  // of mails that are too large
};

inline void from_all(Integration& value) {
  value.incoming.start_from = "all";
}

inline void deleting(Integration& value) {
  value.incoming.start_from = "all";
  value.incoming.after_fetch.action = AfterFetch::remove;
}

}  // namespace postern::sim
