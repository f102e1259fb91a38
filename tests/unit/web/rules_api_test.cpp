// /rules through real HTTP: the resource, the order, trying a rule, and letting go what was kept.
#include "unit/web/api_fixture.hpp"

namespace postern::web::test {
namespace {

class RulesApi : public ApiTest {
 protected:
  RulesApi() : integration_(make_integration("Support")) {
    desk_ = make_target("Desk");
    archive_ = make_target("Archive");
  }

  /// A mail that the rules or lists keep back, with where it would have gone.
  std::string kept_back(std::uint32_t uid, const Routing& routing) {
    storage::IncomingBatch batch;
    batch.integration = *IntegrationId::parse(integration_);
    batch.folder = "INBOX";
    batch.cursor = {1, uid + 1, 0};
    batch.at = env_.now();
    storage::IncomingMail mail;
    mail.uid = uid;
    mail.received_at = env_.now();
    mail.sha256 = std::string(64, 'b');
    mail.bytes = std::string("Subject: kept\r\n\r\n");
    batch.mails.push_back(std::move(mail));
    const auto stored = run(store().messages().store(std::move(batch)));
    const auto id = stored.value().front().id;
    storage::DigestedMail digested;
    digested.summary.subject = "kept";
    digested.routing = routing;
    EXPECT_TRUE(run(store().messages().record_digest(id, std::move(digested), env_.now())));
    return id.str();
  }

  std::string integration_, desk_, archive_;
};

constexpr const char* invoices = R"({"name": "Invoices", "scope": ["Support"], "condition":
    {"any": [{"field": "subject", "op": "contains", "value": "C:\\"},
             {"field": "subject", "op": "regex", "value": "mail \\d"}]},
    "actions": {"targets": ["Archive"], "attributes": {"queue": "billing"}, "tags": ["money"],
      "priority": "high"}, "stop": true})";

TEST_F(RulesApi, A_rule_is_kept_as_it_was_given_with_ids_for_names) {
  const auto made = post("/api/v1/rules", invoices);
  ASSERT_EQ(201, made.status) << made.body;
  const auto id = text_at(made, "/id");

  const auto shown = get("/api/v1/rules/" + id);

  EXPECT_EQ(200, shown.status);
  EXPECT_EQ(integration_, text_at(shown, "/scope/0"));
  EXPECT_EQ(archive_, text_at(shown, "/actions/targets/0"));
  EXPECT_EQ("C:\\", text_at(shown, "/condition/any/0/value"));
  EXPECT_EQ("1", text_at(shown, "/position"));
  EXPECT_EQ("true", text_at(shown, "/stop"));
  EXPECT_EQ(200, put("/api/v1/rules/Invoices", shown.body).status);
  EXPECT_EQ(409, post("/api/v1/rules", invoices).status);
  EXPECT_EQ(404, get("/api/v1/rules/none").status);
  EXPECT_EQ(412, remove("/api/v1/rules/Invoices", {{"If-Match", "\"77\""}}).status);
  EXPECT_EQ(204, remove("/api/v1/rules/Invoices").status);
  EXPECT_EQ(404, get("/api/v1/rules/" + id).status);
}

TEST_F(RulesApi, Mistakes_are_told_all_at_once) {
  const auto reply = post("/api/v1/rules", R"({"name": "x", "scope": ["nobody"],
      "actions": {"targets": ["nowhere"]}})");
  const auto other = post("/api/v1/rules", R"({"name": "x", "unknown": 1, "condition":
      {"field": "subject", "op": "regex", "value": "("}})");

  EXPECT_EQ(400, reply.status);
  EXPECT_EQ("/actions/targets/0", text_at(reply, "/errors/0/pointer"));
  EXPECT_EQ("/scope/0", text_at(reply, "/errors/1/pointer"));
  EXPECT_EQ(400, other.status);
  EXPECT_EQ("/condition/value", text_at(other, "/errors/0/pointer"));
  EXPECT_EQ("/unknown", text_at(other, "/errors/1/pointer"));
}

TEST_F(RulesApi, A_patch_replaces_a_condition_as_a_whole) {
  post("/api/v1/rules", invoices);

  const auto changed = patch("/api/v1/rules/Invoices", R"({"condition":
      {"not": {"field": "size", "op": "gt", "value": 10}}, "enabled": false})");
  const auto cleared = patch("/api/v1/rules/Invoices", R"({"condition": null})");

  ASSERT_EQ(200, changed.status) << changed.body;
  EXPECT_EQ("size", text_at(changed, "/condition/not/field"));
  EXPECT_EQ("", text_at(changed, "/condition/any"));
  EXPECT_EQ("billing", text_at(changed, "/actions/attributes/queue"));
  ASSERT_EQ(200, cleared.status) << cleared.body;
  EXPECT_EQ("null", text_at(cleared, "/condition"));
}

TEST_F(RulesApi, Are_listed_in_their_order_and_reordered) {
  for (const char* name : {"a", "b", "c"}) {
    post("/api/v1/rules", std::string(R"({"name": ")") + name + "\"}");
  }
  post("/api/v1/rules", R"({"name": "first", "position": 0})");

  const auto listed = get("/api/v1/rules?limit=2");
  const auto rest = get("/api/v1/rules?limit=2&cursor=" + text_at(listed, "/next_cursor"));
  const auto ordered = post("/api/v1/rules/reorder", R"({"ids": ["c", "a"]})");

  EXPECT_EQ("first", text_at(listed, "/items/0/name"));
  EXPECT_EQ("a", text_at(listed, "/items/1/name"));
  EXPECT_EQ("b", text_at(rest, "/items/0/name"));
  EXPECT_EQ("null", text_at(rest, "/next_cursor"));
  ASSERT_EQ(200, ordered.status) << ordered.body;
  std::string names;
  for (const char* at : {"0", "1", "2", "3"}) {
    names += text_at(ordered, std::string("/items/") + at + "/name") + " ";
    EXPECT_EQ(std::to_string(at[0] - '0' + 1),
              text_at(ordered, std::string("/items/") + at + "/position"));
  }
  EXPECT_EQ("c a first b ", names);
  EXPECT_EQ(400, post("/api/v1/rules/reorder", R"({"ids": ["c", "c"]})").status);
  EXPECT_EQ(400, post("/api/v1/rules/reorder", R"({"ids": ["x"]})").status);
}

TEST_F(RulesApi, Are_tried_on_a_stored_mail_and_change_nothing) {
  const auto message = make_message(integration_, 1).str();
  post("/api/v1/rules", R"({"name": "Nothing", "condition": {"field": "subject", "op": "equals",
      "value": "other"}, "actions": {"ignore": "x"}})");
  post("/api/v1/rules", invoices);
  post("/api/v1/rules", R"({"name": "Late"})");

  const auto tried = post("/api/v1/rules/try", R"({"message_id": ")" + message + "\"}");

  ASSERT_EQ(200, tried.status) << tried.body;
  EXPECT_EQ("Nothing", text_at(tried, "/rule_trace/0/name"));
  EXPECT_EQ("false", text_at(tried, "/rule_trace/0/matched"));
  EXPECT_EQ("subject is not \"other\" (\"mail 1\")", text_at(tried, "/rule_trace/0/reason"));
  EXPECT_EQ("true", text_at(tried, "/rule_trace/1/matched"));
  EXPECT_EQ("subject matches \"mail \\d\"", text_at(tried, "/rule_trace/1/reason"));
  EXPECT_EQ("the rule \"Invoices\" was the last", text_at(tried, "/rule_trace/2/reason"));
  EXPECT_EQ("billing", text_at(tried, "/attributes/queue"));
  EXPECT_EQ("[\"" + archive_ + "\"]", text_at(tried, "/targets"));
  EXPECT_EQ("null", text_at(tried, "/ignored"));
  const auto shown = get("/api/v1/messages/" + message);
  EXPECT_EQ("[]", text_at(shown, "/rule_trace"));
  EXPECT_EQ("", text_at(shown, "/handovers/2/id"));
}

TEST_F(RulesApi, One_that_is_not_saved_is_tried_alone) {
  const auto message = make_message(integration_, 1).str();
  post("/api/v1/rules", invoices);

  const auto tried = post("/api/v1/rules/try", R"({"message_id": ")" + message + R"(", "rule":
      {"actions": {"ignore": "newsletter"}, "condition":
       {"field": "from", "op": "contains", "value": "@"}}})");
  const auto wrong = post("/api/v1/rules/try", R"({"message_id": ")" + message +
                                                   R"(", "rule": {"condition": {"all": []}}})");

  ASSERT_EQ(200, tried.status) << tried.body;
  EXPECT_EQ("from does not contain \"@\" (there is none)", text_at(tried, "/rule_trace/0/reason"));
  EXPECT_EQ("", text_at(tried, "/rule_trace/1"));
  EXPECT_EQ("null", text_at(tried, "/ignored"));
  EXPECT_EQ(400, wrong.status);
  EXPECT_EQ(400, post("/api/v1/rules/try", R"({"message_id": "x"})").status);
  EXPECT_EQ(404, post("/api/v1/rules/try", R"({"message_id": "msg_0000000000001"})").status);
  EXPECT_EQ("1", std::to_string(get("/api/v1/rules").json().at("items").as_array().size()));
}

TEST_F(RulesApi, What_was_ignored_is_seen_with_its_reason_and_handed_over_on_demand) {
  Routing routing;
  routing.ignored = "newsletter";
  routing.trace.push_back({"News", true, "every mail"});
  routing.targets = {*TargetId::parse(archive_)};
  const auto id = kept_back(5, routing);
  const auto listed = get("/api/v1/messages?state=ignored");
  EXPECT_EQ(id, text_at(listed, "/items/0/id"));
  EXPECT_EQ("newsletter", text_at(listed, "/items/0/state_reason"));
  EXPECT_EQ("News", text_at(listed, "/items/0/rule_trace/0/name"));
  EXPECT_EQ("[]", text_at(listed, "/items/0/handovers"));

  const auto made = post("/api/v1/messages/" + id + "/handover");

  EXPECT_EQ(202, made.status) << made.body;
  EXPECT_EQ(archive_, text_at(made, "/items/0/target"));
  EXPECT_EQ("", text_at(made, "/items/1/target"));
  EXPECT_EQ("stored", text_at(get("/api/v1/messages/" + id), "/state"));
}

TEST_F(RulesApi, A_held_mail_is_let_go_to_the_targets_that_are_named) {
  Routing routing;
  routing.held = "look at it first";
  routing.targets = {*TargetId::parse(archive_)};
  const auto id = kept_back(6, routing);
  EXPECT_EQ("held", text_at(get("/api/v1/messages/" + id), "/state"));

  const auto made = post("/api/v1/messages/" + id + "/handover", R"({"targets": ["Desk"]})");

  EXPECT_EQ(202, made.status) << made.body;
  EXPECT_EQ(desk_, text_at(made, "/items/0/target"));
  EXPECT_EQ("", text_at(made, "/items/1/target"));
}

TEST_F(RulesApi, Are_asked_again_for_a_mail_that_no_target_has) {
  Routing routing;
  routing.held = "look at it";
  const auto id = kept_back(1, routing);
  const auto path = "/api/v1/messages/" + id + "/reprocess";
  ASSERT_EQ(201, post("/api/v1/rules", R"({"name": "Kept", "condition": {"field": "subject",
      "op": "equals", "value": "kept"}, "actions": {"targets": ["Archive"]}})")
                     .status);

  const auto routed = post(path, "");

  ASSERT_EQ(202, routed.status) << routed.body;
  EXPECT_EQ("stored", text_at(routed, "/state"));
  EXPECT_EQ("Kept", text_at(routed, "/rule_trace/0/name"));
  EXPECT_EQ(archive_, text_at(routed, "/handovers/0/target"));
  EXPECT_EQ(200, patch("/api/v1/rules/Kept", R"({"actions": {"quarantine": "odd"}})").status);
  EXPECT_EQ("quarantined", text_at(post(path, ""), "/state"));
  EXPECT_EQ("message.quarantined", text_at(get("/api/v1/events"), "/items/0/kind"));
  EXPECT_EQ(204, remove("/api/v1/rules/Kept").status);
  const auto everywhere = post(path, "");
  EXPECT_EQ("stored", text_at(everywhere, "/state"));
  const auto handover = *HandoverId::parse(text_at(everywhere, "/handovers/1/id"));
  storage::HandoverAttempt taken;
  taken.state = HandoverState::acknowledged;
  taken.at = env_.now();
  ASSERT_TRUE(run(store().handovers().record_attempt(handover, taken, {})));
  EXPECT_EQ(409, post(path, "").status);
}

TEST_F(RulesApi, An_integrations_ignore_lists_are_checked_and_kept) {
  const auto good = patch("/api/v1/integrations/Support", R"({"incoming": {"ignore":
      {"addresses": ["a@b.example"], "domains": ["bad.example"], "subjects": ["*prize*"]},
      "reference_patterns": ["\\[#(\\d+)\\]"]}})");
  const auto bad = patch("/api/v1/integrations/Support", R"({"incoming": {"ignore":
      {"addresses": ["nobody"], "subject": ["x"]}, "reference_patterns": ["("]}})");

  ASSERT_EQ(200, good.status) << good.body;
  EXPECT_EQ("bad.example", text_at(good, "/incoming/ignore/domains/0"));
  EXPECT_EQ("\\[#(\\d+)\\]", text_at(good, "/incoming/reference_patterns/0"));
  EXPECT_EQ(400, bad.status);
  EXPECT_NE(std::string::npos, bad.body.find("/incoming/ignore/addresses/0"));
  EXPECT_NE(std::string::npos, bad.body.find("/incoming/ignore/subject"));
  EXPECT_NE(std::string::npos, bad.body.find("/incoming/reference_patterns/0"));
}

}  // namespace
}  // namespace postern::web::test
