// Stories of what a mail asks of the servers behind ours, of servers that can't take it as it is,
// and of what is kept of a session that failed.
#include "flows/raw_submission.hpp"
#include "sim/stage.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

Call& send_wishing(Stage& stage, Account& account, const TransportWishes& wishes) {
  auto& call = stage.send(account, {"one@else.test"});
  call.request.wishes = wishes;
  return call;
}

bool has_line(const Transcript& transcript, const std::string& text) {
  return std::ranges::any_of(transcript.lines,
                             [&](const auto& line) { return line.text.find(text) != text.npos; });
}

/// A mail that another program wrote; its end.
Delivery send_raw(Stage& stage, const Account& account, const std::string& bytes) {
  flows::RawSendRequest request;
  request.integration = account.id.str();
  request.to = {"one@else.test"};
  request.bytes = bytes;
  auto answer =
      stage.world.run(flows::submit_raw(stage.gateway->hub(), std::move(request), std::nullopt));
  const auto id = std::get<flows::SendAnswer>(answer).delivery.id;
  stage.run_for(10s);
  return stage.world.run(stage.gateway->store().deliveries().get(id)).value();
}

TEST(Wishes, Asks_a_server_with_dsn_for_notifications) {
  Stage stage(41);
  auto& account = stage.add_account("anna");
  account.smtp->manners.offers_dsn = true;
  stage.start();
  TransportWishes wishes;
  wishes.dsn.notify.success = wishes.dsn.notify.failure = true;
  wishes.dsn.returned = DsnRequest::Return::headers;
  wishes.dsn.envelope_id = "T 1";
  wishes.dsn.original_recipients = true;

  auto& call = send_wishing(stage, account, wishes);
  stage.run_for(10s);

  const auto delivery = stage.delivery(call);
  EXPECT_EQ(delivery.outcome.state, DeliveryState::sent);
  EXPECT_EQ(delivery.wishes, wishes);
  EXPECT_TRUE(delivery.notes.empty());
  ASSERT_EQ(account.smtp->taken().size(), 1U);
  const auto& said = account.smtp->taken().front().commands;
  EXPECT_NE(said[0].find(" RET=HDRS ENVID=T+201"), std::string::npos) << said[0];
  EXPECT_EQ(said[1], "RCPT TO:<one@else.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;one@else.test");
  stage.stop();
}

TEST(Wishes, Sends_without_dsn_where_there_is_none_and_says_so) {
  Stage stage(42);
  auto& account = stage.add_account("anna");
  stage.start();
  TransportWishes wishes;
  wishes.dsn.notify.failure = true;

  auto& call = send_wishing(stage, account, wishes);
  stage.run_for(10s);

  const auto delivery = stage.delivery(call);
  EXPECT_EQ(delivery.outcome.result_code, 0);
  ASSERT_EQ(delivery.notes.size(), 1U);
  EXPECT_NE(delivery.notes[0].find("the server has no DSN"), std::string::npos);
  EXPECT_EQ(account.smtp->taken().front().commands[1], "RCPT TO:<one@else.test>");
  stage.stop();
}

TEST(Wishes, Demands_tls_on_all_of_the_way_or_sends_nothing) {
  Stage stage(43);
  auto& account = stage.add_account("anna");
  auto& careless =
      stage.add_account("carl", [](Integration& value) { value.outgoing.tls.verify = false; });
  account.smtp->manners.offers_require_tls = careless.smtp->manners.offers_require_tls = true;
  auto& plain = stage.add_account("berta");
  stage.start();
  TransportWishes wishes;
  wishes.require_tls = true;

  auto& good = send_wishing(stage, account, wishes);
  auto& missing = send_wishing(stage, plain, wishes);
  auto& unchecked = send_wishing(stage, careless, wishes);
  stage.run_for(10s);

  EXPECT_EQ(stage.delivery(good).outcome.result_code, 0);
  EXPECT_TRUE(account.smtp->taken().front().commands[0].ends_with(" REQUIRETLS"));
  for (const auto* call : {&missing, &unchecked}) {
    const auto refused = stage.delivery(*call);
    EXPECT_EQ(refused.outcome.state, DeliveryState::failed);
    EXPECT_EQ(refused.outcome.result_code, 53);
    EXPECT_NE(refused.outcome.result_message.find("REQUIRETLS"), std::string::npos);
  }
  EXPECT_TRUE(plain.smtp->taken().empty());
  EXPECT_TRUE(careless.smtp->taken().empty());
  EXPECT_EQ(stage.status(plain).consecutive_outgoing_errors, 0);
  stage.stop();
}

TEST(Seven_bit_server, Gets_eight_bit_text_re_encoded) {
  Stage stage(44);
  auto& account = stage.add_account("anna");
  account.smtp->manners.offers_8bitmime = false;
  stage.start();

  const auto delivery = send_raw(stage, account,
                                 "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; "
                                 "charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                                 "ein Wort für dich allein\r\n");

  EXPECT_EQ(delivery.outcome.result_code, 0);
  ASSERT_EQ(delivery.notes.size(), 1U);
  EXPECT_NE(delivery.notes[0].find("8BITMIME"), std::string::npos);
  ASSERT_EQ(account.smtp->taken().size(), 1U);
  const auto& mail = account.smtp->taken().front();
  EXPECT_NE(mail.bytes.find("ein Wort f=C3=BCr dich allein"), std::string::npos);
  EXPECT_EQ(mail.commands[0].find("BODY="), std::string::npos);
  stage.stop();
}

TEST(Seven_bit_server, Gets_no_signed_mail_that_would_be_broken) {
  Stage stage(45);
  auto& account = stage.add_account("anna");
  account.smtp->manners.offers_8bitmime = false;
  stage.start();

  const auto delivery = send_raw(
      stage, account,
      "DKIM-Signature: v=1; d=anna.test; b=xyz\r\nSubject: x\r\n\r\nein Wort für dich\r\n");

  EXPECT_EQ(delivery.outcome.state, DeliveryState::failed);
  EXPECT_EQ(delivery.outcome.result_code, 53);
  EXPECT_NE(delivery.outcome.result_message.find("signed"), std::string::npos);
  EXPECT_TRUE(account.smtp->taken().empty());
  EXPECT_EQ(stage.status(account).consecutive_outgoing_errors, 0);
  stage.stop();
}

TEST(Seven_bit_server, Gets_many_mails_of_both_kinds_behind_each_other) {
  Stage stage(46);
  auto& account =
      stage.add_account("anna", [](Integration& value) { value.outgoing.connections_max = 1; });
  account.smtp->manners.offers_8bitmime = false;
  account.smtp->manners.thinks = 2s;
  stage.start();
  for (int i = 0; i < 10; ++i) {
    flows::RawSendRequest request;
    request.integration = account.id.str();
    request.to = {"one@else.test"};
    request.bytes = i % 2 == 0 ? "Subject: x\r\n\r\nplain\r\n"
                               : "Subject: x\r\n\r\nein Wort für dich allein\r\n";
    static_cast<void>(
        stage.world.run(flows::submit_raw(stage.gateway->hub(), std::move(request), std::nullopt)));
  }

  stage.run_for(1min);

  ASSERT_EQ(account.smtp->taken().size(), 10U);
  for (const auto& mail : account.smtp->taken()) {
    EXPECT_TRUE(std::ranges::none_of(mail.bytes, [](char c) { return (c & 0x80) != 0; }));
  }
  EXPECT_TRUE(std::ranges::any_of(account.smtp->taken(), [](const auto& m) { return m.followed; }));
  stage.stop();
}

TEST(Delivery_transcript, Is_kept_of_each_attempt_that_failed_and_of_no_other) {
  Stage stage(47);
  auto& account = stage.add_account("anna");
  account.smtp->manners.refuses_for_now = 1;
  stage.start();
  auto& call = stage.send(account, {"one@else.test"});
  stage.run_for(30s);
  account.smtp->manners.refuses_for_now = 0;
  stage.world.refuse(account.smtp->host());
  stage.run_for(90s);
  account.smtp->serve();
  stage.run_for(1h);
  ASSERT_EQ(stage.delivery(call).outcome.state, DeliveryState::sent);

  auto& deliveries = stage.gateway->store().deliveries();
  const auto attempts = stage.world.run(deliveries.attempts(*call.promised)).value();
  ASSERT_EQ(attempts.size(), 3U);
  EXPECT_TRUE(attempts[0].has_transcript && attempts[1].has_transcript);
  EXPECT_FALSE(attempts[2].has_transcript);
  const auto first = stage.world.run(deliveries.transcript(*call.promised, 1)).value();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->protocol, "smtp");
  EXPECT_TRUE(has_line(*first, "RCPT TO:<one@else.test>"));
  EXPECT_TRUE(has_line(*first, "451 4.3.0 not now"));
  EXPECT_TRUE(has_line(*first, "***"));
  EXPECT_FALSE(has_line(*first, account.password));
  const auto last = stage.world.run(deliveries.transcript(*call.promised, std::nullopt)).value();
  ASSERT_TRUE(last);
  EXPECT_FALSE(has_line(*last, "RCPT TO"));
  EXPECT_FALSE(stage.world.run(deliveries.transcript(*call.promised, 3)).value());
  stage.stop();
}

TEST(Delivery_transcript, Is_kept_of_the_last_attempts_only) {
  Stage stage(48);
  auto& account = stage.add_account("anna");
  stage.start();

  auto& call = stage.send(account, {"later@else.test"});
  stage.run_for(48h);

  auto& deliveries = stage.gateway->store().deliveries();
  const auto attempts = stage.world.run(deliveries.attempts(*call.promised)).value();
  ASSERT_GT(attempts.size(), 10U);
  EXPECT_EQ(std::ranges::count_if(attempts, [](const auto& a) { return a.has_transcript; }),
            storage::delivery_transcripts_max);
  EXPECT_TRUE(attempts.back().has_transcript);
  stage.stop();
}

}  // namespace
}  // namespace postern::sim
