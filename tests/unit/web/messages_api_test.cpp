// Messages, targets, hand-overs and the system's own resources through real HTTP.
#include "unit/web/api_fixture.hpp"

#include <algorithm>
#include <cstring>
#include <set>

namespace postern::web::test {
namespace {

class MessageApi : public ApiTest {
 protected:
  MessageApi() : integration_(make_integration("Support")) { make_target("Desk"); }
  std::string integration_;
};

TEST_F(MessageApi, Shows_a_message_with_its_handovers) {
  ServerOptions options;
  options.public_url = "https://postern.example.com";
  restart(options);
  const auto id = make_message(integration_, 1).str();

  const auto reply = get("/api/v1/messages/" + id);

  EXPECT_EQ(200, reply.status) << reply.body;
  EXPECT_EQ("mail 1", text_at(reply, "/subject"));
  EXPECT_EQ("waiting", text_at(reply, "/handovers/0/state"));
  EXPECT_EQ("https://postern.example.com/api/v1/messages/" + id + "/raw",
            text_at(reply, "/raw_url"));
  EXPECT_EQ("https://postern.example.com/api/v1/messages/" + id + "/attachments/0",
            text_at(reply, "/attachments/0/url"));
  const auto again = get("/api/v1/messages/" + id, {{"If-None-Match", reply.header("etag")}});
  EXPECT_EQ(304, again.status);
}

TEST_F(MessageApi, A_list_shows_the_beginning_of_a_text) {
  make_message(integration_, 1);

  const auto reply = get("/api/v1/messages?integration=Support&state=stored");

  EXPECT_EQ(2048u, text_at(reply, "/items/0/text").size());
  EXPECT_EQ("true", text_at(reply, "/items/0/text_truncated"));
}

TEST_F(MessageApi, Searches_by_message_id_subject_sender_and_time) {
  const auto id = make_message(integration_, 1).str();
  const std::string list = "/api/v1/messages?";

  EXPECT_EQ(id, text_at(get(list + "subject=MAIL%201&since=2020-01-31"), "/items/0/id"));
  for (const char* other : {"subject=nothing", "sender=nobody", "message_id=%3Cno%40one%3E",
                            "until=2020-01-31T00:00:00Z", "since=2200-01-31"}) {
    EXPECT_EQ("", text_at(get(list + other), "/items/0/id")) << other;
  }
  for (const char* bad : {"subject=", "sender=%FF", "message_id=", "since=yesterday"}) {
    EXPECT_EQ(400, get(list + bad).status) << bad;
  }
}

TEST_F(MessageApi, Gives_the_raw_bytes_as_they_came) {
  const auto id = make_message(integration_, 1).str();

  const auto reply = get("/api/v1/messages/" + id + "/raw");

  EXPECT_EQ("Subject: mail 1\r\n\r\nbody\r\n", reply.body);
  EXPECT_EQ("message/rfc822", reply.media());
  EXPECT_EQ(std::to_string(reply.body.size()), reply.header("content-length"));
}

TEST_F(MessageApi, Says_why_there_are_no_bytes_of_a_mail_that_could_not_be_downloaded) {
  storage::TroubledMail bad;
  bad.integration = *IntegrationId::parse(integration_);
  bad.folder = "INBOX";
  bad.uid_validity = 1;
  bad.uid = 7;
  bad.note = {"fetch", "NO [SERVERBUG] cannot be read", 1, std::nullopt};
  bad.at = bad.received_at = env_.now();
  const auto path =
      "/api/v1/messages/" + run(store_->quarantine().put(std::move(bad))).value().id.str();

  const auto raw = get(path + "/raw");
  EXPECT_EQ(409, raw.status) << raw.body;
  EXPECT_EQ("not_downloaded", text_at(raw, "/code"));
  EXPECT_NE(std::string::npos, text_at(raw, "/detail").find("NO [SERVERBUG] cannot be read"));
  EXPECT_NE(std::string::npos, text_at(raw, "/hint").find("reprocess"));
  const auto handed_over = post(path + "/handover");
  EXPECT_EQ(409, handed_over.status);
  EXPECT_EQ("not_downloaded", text_at(handed_over, "/code"));
  EXPECT_EQ(404, get(path + "/attachments/0").status);
  EXPECT_EQ("quarantined", text_at(get(path), "/state"));
  EXPECT_EQ(202, post(path + "/reprocess").status);
}

TEST_F(MessageApi, Foreign_html_is_sandboxed) {
  const auto id = make_message(integration_, 1).str();

  const auto reply = get("/api/v1/messages/" + id + "/html");

  EXPECT_EQ(0u, reply.header("content-security-policy").find("sandbox; default-src 'none'"));
  EXPECT_EQ(std::string::npos, reply.header("content-security-policy").find("allow-scripts"));
  EXPECT_EQ("nosniff", reply.header("x-content-type-options"));
}

TEST_F(MessageApi, A_file_name_becomes_no_header_and_a_type_no_script) {
  const auto id = make_message(integration_, 1).str();

  const auto reply = get("/api/v1/messages/" + id + "/attachments/0");

  EXPECT_EQ(200, reply.status);
  EXPECT_EQ("attachment 0", reply.body);
  EXPECT_EQ("application/octet-stream", reply.media());
  EXPECT_EQ("", reply.header("x-evil"));
  EXPECT_EQ(0u, reply.header("content-disposition").find("attachment; filename=\""));
  EXPECT_EQ(404, get("/api/v1/messages/" + id + "/attachments/1").status);
  EXPECT_EQ(404, get("/api/v1/messages/" + id + "/attachments/-1").status);
}

TEST_F(MessageApi, Is_handed_over_again_to_some_or_all) {
  const auto id = make_message(integration_, 1).str();

  const auto all = post("/api/v1/messages/" + id + "/handover");
  const auto one = post("/api/v1/messages/" + id + "/handover", R"({"targets":["Desk"]})");
  const auto none = post("/api/v1/messages/" + id + "/handover", R"({"targets":["Desk","x"]})");

  EXPECT_EQ(202, all.status) << all.body;
  EXPECT_EQ(202, one.status) << one.body;
  EXPECT_EQ(400, none.status);
  EXPECT_EQ("/targets/1", text_at(none, "/errors/0/pointer"));
  EXPECT_EQ(2, flows_.notes.count("handovers_queued"));
}

class TargetApi : public ApiTest {};

TEST_F(TargetApi, Shows_its_secret_at_creation_and_rotation_only) {
  const auto made = post("/api/v1/targets", R"({"name":"Desk","url":"https://example.com/x"})");
  const auto secret = text_at(made, "/secret");
  EXPECT_TRUE(secret.starts_with("whsec_"));

  const auto shown = get("/api/v1/targets/Desk");
  const auto rotated = post("/api/v1/targets/Desk/rotate-secret");

  EXPECT_EQ("", text_at(shown, "/secret"));
  EXPECT_NE(secret, text_at(rotated, "/secret"));
  const auto kept = run(store().targets().secrets(*TargetId::parse(text_at(made, "/id"))));
  EXPECT_EQ(text_at(rotated, "/secret"), kept.value().current.reveal());
  EXPECT_EQ(secret, kept.value().former.reveal());
}

TEST_F(TargetApi, Takes_a_secret_of_the_callers_and_keeps_it_on_put_and_patch) {
  const std::string own = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const auto made = post("/api/v1/targets", R"({"name":"Desk","url":"https://example.com/x",
                         "secret":")" + own + "\"}");
  ASSERT_EQ(201, made.status) << made.body;

  EXPECT_EQ(200, patch("/api/v1/targets/Desk", R"({"parallel":2})").status);
  EXPECT_EQ(200, put("/api/v1/targets/Desk", get("/api/v1/targets/Desk").body).status);

  const auto kept = run(store().targets().secrets(*TargetId::parse(text_at(made, "/id"))));
  EXPECT_EQ(own, kept.value().current.reveal());
  EXPECT_EQ("2", text_at(get("/api/v1/targets/Desk"), "/parallel"));
  EXPECT_EQ(412, remove("/api/v1/targets/Desk", {{"If-Match", "\"77\""}}).status);
  EXPECT_EQ(204, remove("/api/v1/targets/Desk").status);
  EXPECT_EQ(4, flows_.notes.count("target_changed"));
}

TEST_F(TargetApi, Parked_handovers_are_retried) {
  const auto integration = make_integration("Support");
  make_target("Desk");
  make_message(integration, 1);
  const auto listed = get("/api/v1/handovers?target=Desk&state=waiting");
  const auto id = text_at(listed, "/items/0/id");
  storage::HandoverAttempt attempt;
  attempt.state = HandoverState::parked;
  attempt.at = env_.now();
  EXPECT_TRUE(run(store().handovers().record_attempt(*HandoverId::parse(id), attempt, {})));
  EXPECT_EQ(id, text_at(get("/api/v1/handovers?state=parked"), "/items/0/id"));

  const auto reply = post("/api/v1/handovers/" + id + "/retry");

  EXPECT_EQ(202, reply.status) << reply.body;
  EXPECT_EQ("waiting", text_at(reply, "/state"));
  EXPECT_EQ(1, flows_.notes.count("handovers_queued"));
}

class SystemApi : public ApiTest {};

TEST_F(SystemApi, Events_are_listed_with_their_integrations_name) {
  const auto id = make_integration("Support");
  NewEvent event;
  event.kind = "imap.login_failed";
  event.integration = *IntegrationId::parse(id);
  event.at = env_.now();
  event.message = "NO";
  EXPECT_TRUE(run(store().events().append({event})));

  const auto reply = get("/api/v1/events?kind=imap.login_failed&integration=" + id);

  EXPECT_EQ("Support", text_at(reply, "/items/0/integration/name"));
  EXPECT_EQ("[]", text_at(get("/api/v1/events?kind=pop3.recovered"), "/items"));
}

TEST_F(SystemApi, Readiness_follows_the_gateway) {
  EXPECT_EQ(200, get("/readyz").status);

  flows_.ready = false;

  EXPECT_EQ(503, get("/readyz").status);
  EXPECT_EQ(200, get("/healthz").status);
}

TEST_F(SystemApi, Health_names_what_fails) {
  EXPECT_EQ("true", text_at(get("/api/v1/health"), "/healthy"));
  const auto id = *IntegrationId::parse(make_integration("Support"));
  IntegrationStatus status;
  status.incoming_state = DirectionState::failing;
  status.last_incoming_error = LastError{env_.now(), "imap.login_failed", "login", "NO", "Look."};
  EXPECT_TRUE(run(store().integrations().record_status(id, status, {})));

  const auto reply = get("/api/v1/health");

  EXPECT_EQ("false", text_at(reply, "/healthy"));
  EXPECT_EQ("Support", text_at(reply, "/issues/0/integration/name"));
  EXPECT_EQ("Look.", text_at(reply, "/actions/0"));
}

TEST_F(SystemApi, What_was_never_made_is_not_there) {
  for (const char* target : {"/api/v1/nowhere", "/api/v2/integrations", "/nothing"}) {
    const auto reply = get(target);

    EXPECT_EQ(404, reply.status) << target;
    EXPECT_NE(std::string::npos, text_at(reply, "/detail").find("in this version"));
  }
}

}  // namespace
}  // namespace postern::web::test
