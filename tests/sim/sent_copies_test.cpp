// Stories of copies in the Sent folder: who gets one, and who has it already.
#include "sim/played_folder.hpp"
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

/// An integration whose mailbox is at folder.test and whose mail leaves by this host.
Account& add_sender(Stage& stage, PlayedSmtp& server) {
  server.serve();
  return stage.add_account("anna", [&server](Integration& integration) {
    integration.incoming.server.host = "folder.test";
    integration.outgoing.server.host = server.host();
    integration.outgoing.save_to_sent = true;
  });
}

/// Sends one mail through this host; how many are in the folder an hour later.
std::size_t copies_by(const std::string& host) {
  Stage stage(91);
  PlayedFolder folder(stage.world);
  PlayedSmtp server(stage.world, host, "anna@example.test", "open-sesame-anna", 91);
  auto& account = add_sender(stage, server);
  stage.start();
  const auto& call = stage.send(account, {"one@else.test"});
  stage.run_for(1h);

  EXPECT_EQ(server.taken().size(), 1U);
  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::sent);
  auto& life = *stage.gateway;
  const auto due = life.ask(life.store().deliveries().next_copy_due(account.id));
  EXPECT_FALSE(due) << "a copy waits for ever";
  stage.stop();
  return folder.mails.size();
}

TEST(Sent_copies, Are_made_where_the_provider_keeps_none) {
  EXPECT_EQ(copies_by("smtp.else.test"), 1U);
}

TEST(Sent_copies, Are_not_made_where_Gmail_and_Exchange_keep_one) {
  EXPECT_EQ(copies_by("smtp.gmail.com"), 0U);
  EXPECT_EQ(copies_by("SMTP.Office365.com"), 0U);
}

}  // namespace
}  // namespace postern::sim
