// Stories of routing: rules between mailbox and targets, what is kept back, threads and loops.
#include "sim/stage.hpp"

#include "core/rule.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <algorithm>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

std::string mail(const std::string& id, const std::string& subject, const std::string& more = "") {
  return "From: Ann <ann@else.test>\r\nTo: anna@test\r\nMessage-ID: <" + id + "@else.test>\r\n" +
         "Subject: " + subject + "\r\n" + more + "\r\nwords of " + id + "\r\n";
}

struct Office {
  explicit Office(std::uint64_t seed, std::function<void(Integration&)> adjust = nullptr)
      : stage(seed),
        desk(stage.add_target("desk")),
        archive(stage.add_target("archive", [](Target& target) { target.fallback = false; })),
        anna(stage.add_account("anna", std::move(adjust))) {
    stage.start();
    stage.run_for(1min);
  }
  storage::Store& store() { return stage.gateway->store(); }
  void add_rule(const std::string& json) {
    auto parsed = parse_rule(boost::json::parse(json));
    ASSERT_TRUE(std::holds_alternative<Rule>(parsed)) << json;
    stage.gateway->ask(
        store().rules().create(std::get<Rule>(std::move(parsed)), "story", stage.world.now()));
  }
  void deliver(Account& account, const std::string& bytes) {
    account.imap->deliver(bytes);
    stage.run_for(1min);
  }
  storage::MessageDetail message(const std::string& id, const std::string& of = "") {
    storage::PageRequest page;
    page.limit = 500;
    for (auto& each : stage.gateway->ask(store().messages().list({}, page)).items) {
      const bool here = of.empty() || each.integration_name == of;
      if (here && each.summary.message_id == "<" + id + "@else.test>") return each;
    }
    ADD_FAILURE() << "no message " << id;
    return {};
  }
  std::size_t calls(const PlayedWebhook& hook) { return hook.mails().size(); }

  Stage stage;
  PlayedWebhook& desk;
  PlayedWebhook& archive;
  Account& anna;
};

TEST(Routing, Without_rules_all_get_it_and_with_rules_those_that_are_meant) {
  Office office(91);
  office.deliver(office.anna, mail("1", "Hello"));
  EXPECT_EQ(1u, office.calls(office.desk));
  EXPECT_EQ(1u, office.calls(office.archive));
  EXPECT_TRUE(office.message("1").routing.trace.empty());

  office.add_rule(R"({"name": "Invoices", "condition": {"field": "body", "op": "contains",
      "value": "words of 2"}, "actions": {"targets": ["archive"], "tags": ["money"],
      "attributes": {"queue": "billing"}}})");
  office.deliver(office.anna, mail("2", "Your invoice"));
  office.deliver(office.anna, mail("3", "Hello again"));

  EXPECT_EQ(2u, office.calls(office.desk));     // 1 and, by fallback, 3
  EXPECT_EQ(2u, office.calls(office.archive));  // 1 and 2
  const auto invoice = office.message("2");
  EXPECT_EQ(storage::MessageState::handed_over, invoice.state);
  EXPECT_EQ("billing", invoice.routing.attributes.at("queue").as_string());
  ASSERT_EQ(1u, invoice.routing.trace.size());
  EXPECT_TRUE(invoice.routing.trace[0].matched);
  EXPECT_FALSE(office.message("3").routing.trace.at(0).matched);
  EXPECT_TRUE(office.message("1").routing.trace.empty());  // as it was
  EXPECT_TRUE(office.desk.mistakes().empty());
  office.stage.stop();
}

TEST(Routing, What_is_kept_back_goes_nowhere_until_somebody_lets_it_go) {
  Office office(92);
  office.add_rule(R"({"name": "News", "condition": {"field": "subject", "op": "wildcard",
      "value": "news*"}, "actions": {"ignore": "a newsletter"}, "stop": true})");
  office.add_rule(R"({"name": "Big", "condition": {"field": "subject", "op": "equals",
      "value": "hold"}, "actions": {"hold": true, "targets": ["archive"]}})");
  office.add_rule(R"({"name": "Bad", "condition": {"field": "subject", "op": "equals",
      "value": "bad"}, "actions": {"quarantine": "a virus"}})");

  office.deliver(office.anna, mail("1", "News of today"));
  office.deliver(office.anna, mail("2", "hold"));
  office.deliver(office.anna, mail("3", "bad"));
  office.stage.restart();
  office.stage.run_for(1min);

  EXPECT_EQ(0u, office.calls(office.desk) + office.calls(office.archive));
  EXPECT_EQ(storage::MessageState::ignored, office.message("1").state);
  EXPECT_EQ("a newsletter", office.message("1").routing.why_not());
  EXPECT_EQ(storage::MessageState::held, office.message("2").state);
  EXPECT_EQ(storage::MessageState::quarantined, office.message("3").state);
  EXPECT_EQ(1u, office.stage.events("message.quarantined").size());

  const auto held = office.message("2");
  office.stage.gateway->ask(office.store().handovers().hand_over_again(
      held.id, held.routing.targets, office.stage.world.now()));
  office.stage.gateway->hub().handovers_queued();
  office.stage.run_for(1min);

  EXPECT_EQ(0u, office.calls(office.desk));
  EXPECT_EQ(1u, office.calls(office.archive));
  EXPECT_EQ(storage::MessageState::handed_over, office.message("2").state);
  office.stage.stop();
}

TEST(Routing, An_integrations_lists_come_before_its_rules) {
  Office office(93, [](Integration& integration) {
    integration.incoming.ignore.domains = {"else.test"};
    integration.incoming.after_ignored.action = AfterFetch::remove;
  });
  office.add_rule(R"({"name": "All", "actions": {"targets": ["desk"]}})");

  office.deliver(office.anna, mail("1", "Hello"));
  office.stage.run_for(10min);

  EXPECT_EQ(0u, office.calls(office.desk));
  const auto ignored = office.message("1");
  EXPECT_EQ(storage::MessageState::ignored, ignored.state);
  EXPECT_EQ("the sender's domain else.test is in the integration's ignore list",
            ignored.routing.why_not());
  office.stage.stop();
}

TEST(Routing, A_thread_has_one_name_whatever_comes_first) {
  Office office(94, [](Integration& integration) {
    integration.incoming.reference_patterns = {R"(\[#(\d+)\])"};
  });
  office.deliver(office.anna, mail("c", "Re: Hello", "In-Reply-To: <b@else.test>\r\n"));
  office.deliver(office.anna, mail("b", "Re: Hello",
                                   "In-Reply-To: <a@else.test>\r\nReferences: <a@else.test>\r\n"));
  office.stage.restart();
  office.deliver(office.anna, mail("a", "Hello"));
  office.deliver(office.anna,
                 mail("d", "Re: Hello", "References: <a@else.test> <b@else.test>\r\n"));
  office.deliver(office.anna, mail("e", "[#42] new"));
  office.deliver(office.anna, mail("f", "Re: [#42] new"));

  const auto thread = office.message("c").summary.thread_id;
  EXPECT_EQ("<b@else.test>", thread);
  for (const char* id : {"b", "a", "d"}) {
    EXPECT_EQ(thread, office.message(id).summary.thread_id) << id;
  }
  EXPECT_FALSE(office.message("c").summary.thread_known);
  EXPECT_EQ("<b@else.test>", office.message("d").summary.matched_reference);
  EXPECT_EQ("references", office.message("d").summary.matched_by);
  EXPECT_EQ("42", office.message("f").summary.matched_reference);
  EXPECT_EQ("subject", office.message("f").summary.matched_by);
  EXPECT_EQ(office.message("e").summary.thread_id, office.message("f").summary.thread_id);
  EXPECT_TRUE(office.message("f").summary.thread_known);
  EXPECT_FALSE(office.message("e").summary.thread_known);
  office.stage.stop();
}

TEST(Routing, An_answer_to_what_was_sent_is_known) {
  Office office(95);
  auto& call = office.stage.send(office.anna, {"ann@else.test"});
  office.stage.run_for(1min);
  const auto sent = office.stage.delivery(call).message_id;

  office.deliver(office.anna, mail("1", "Re: yours", "In-Reply-To: " + sent + "\r\n"));

  const auto answer = office.message("1");
  EXPECT_TRUE(answer.summary.thread_known);
  EXPECT_EQ(sent, answer.summary.matched_reference);
  EXPECT_EQ("in_reply_to", answer.summary.matched_by);
  EXPECT_EQ(sent, answer.summary.thread_id);
  office.stage.stop();
}

TEST(Routing, One_mail_in_two_mailboxes_says_so_in_the_later) {
  Stage stage(96);
  stage.add_target("desk");
  auto& anna = stage.add_account("anna");
  auto& bert = stage.add_account("bert");
  stage.start();
  stage.run_for(1min);
  anna.imap->deliver(mail("1", "Hello"));
  stage.run_for(1min);
  bert.imap->deliver(mail("1", "Hello"));
  stage.run_for(1min);

  storage::PageRequest page;
  page.limit = 10;
  const auto all = stage.gateway->ask(stage.gateway->store().messages().list({}, page)).items;
  ASSERT_EQ(2u, all.size());
  EXPECT_EQ(std::vector<std::string>{anna.id.str()}, all[0].summary.also_in);
  EXPECT_TRUE(all[1].summary.also_in.empty());
  stage.stop();
}

TEST(Routing, Who_writes_more_into_a_thread_than_people_do_is_a_loop) {
  Office office(97);
  office.add_rule(R"({"name": "Loops", "condition": {"field": "class", "op": "equals",
      "value": "loop"}, "actions": {"ignore": "a loop"}})");
  for (int i = 0; i < 42; ++i) {
    office.deliver(office.anna,
                   mail(std::to_string(i), "Re: Hello", "References: <root@else.test>\r\n"));
  }

  EXPECT_EQ("normal", office.message("39").summary.mail_class);
  const auto loop = office.message("40");
  EXPECT_EQ("loop", loop.summary.mail_class);
  EXPECT_EQ(std::vector<std::string>{"41 mails of ann@else.test in this thread today"},
            loop.summary.class_evidence);
  EXPECT_EQ(storage::MessageState::ignored, loop.state);
  EXPECT_EQ(40u, office.calls(office.desk));
  office.stage.stop();
}

TEST(Routing, Dies_anywhere_and_routes_each_mail_once) {
  Office office(98);
  office.add_rule(R"({"name": "Odd", "condition": {"field": "subject", "op": "regex",
      "value": "odd"}, "actions": {"targets": ["archive"]}})");
  for (int round = 0; round < 20; ++round) {
    const auto name = std::to_string(round);
    office.anna.imap->deliver(mail(name, round % 2 == 0 ? "even" : "odd"));
    office.stage.run_for(std::chrono::milliseconds(100 * round));
    office.stage.restart();
  }
  office.stage.run_for(10min);

  EXPECT_EQ(10u, office.calls(office.desk));
  EXPECT_EQ(10u, office.calls(office.archive));
  EXPECT_TRUE(office.desk.mistakes().empty());
  office.stage.stop();
}

}  // namespace
}  // namespace postern::sim
