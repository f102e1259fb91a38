// Stories of mail that a server took and that came back later.
#include "sim/stage.hpp"

#include <gtest/gtest.h>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

std::string report(const std::string& recipient, const std::string& action,
                   const std::string& message_id) {
  return "Return-Path: <>\r\nFrom: MAILER-DAEMON@smtp.test\r\nTo: anna@test\r\n"
         "Message-ID: <report-" +
         action + "-" + recipient +
         ">\r\nSubject: Undelivered\r\n"
         "Content-Type: multipart/report; report-type=delivery-status; boundary=B\r\n\r\n"
         "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; a\r\n\r\n"
         "Final-Recipient: rfc822; " +
         recipient + "\r\nAction: " + action +
         "\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 gone\r\n\r\n"
         "--B\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: " +
         message_id + "\r\n\r\n--B--\r\n";
}

TEST(Bounced, Mail_changes_its_recipient_once_whatever_dies_meanwhile) {
  Stage stage(81);
  stage.add_target("desk");
  auto& account = stage.add_account("anna");
  stage.start();
  auto& call = stage.send(account, {"one@else.test", "two@else.test"});
  stage.run_for(1min);
  const auto message_id = stage.delivery(call).message_id;

  account.imap->deliver(report("two@else.test", "delayed", message_id));
  stage.run_for(1min);
  EXPECT_EQ(stage.delivery(call).outcome.result_code, 0);
  EXPECT_TRUE(stage.events("message.bounced").empty());

  account.imap->deliver(report("two@else.test", "failed", message_id));
  stage.run_for(1s);
  stage.restart();
  stage.run_for(2min);

  const auto partial = stage.delivery(call);
  EXPECT_EQ(partial.outcome.state, DeliveryState::sent);
  EXPECT_EQ(partial.outcome.result_code, 52);
  EXPECT_TRUE(partial.outcome.recipients.at(1).bounced_at);
  EXPECT_EQ(stage.events("message.bounced").size(), 1U);

  account.imap->deliver(report("one@else.test", "failed", message_id));
  stage.run_for(1min);
  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::failed);
  EXPECT_EQ(stage.delivery(call).outcome.result_code, 51);
  EXPECT_EQ(stage.events("message.bounced").size(), 2U);
  EXPECT_EQ(account.smtp->taken().size(), 1U);
  stage.stop();
}

TEST(Bounced, Mail_of_one_integration_is_not_told_of_by_the_mailbox_of_another) {
  Stage stage(82);
  stage.add_target("desk");
  auto& anna = stage.add_account("anna");
  auto& bert = stage.add_account("bert");
  stage.start();
  auto& call = stage.send(anna, {"one@else.test"});
  stage.run_for(1min);

  bert.imap->deliver(report("one@else.test", "failed", stage.delivery(call).message_id));
  bert.imap->deliver(report("one@else.test", "failed", "<unknown@else.test>"));
  stage.run_for(2min);

  EXPECT_EQ(stage.delivery(call).outcome.state, DeliveryState::sent);
  EXPECT_EQ(stage.delivery(call).outcome.result_code, 0);
  EXPECT_TRUE(stage.events("message.bounced").empty());
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
