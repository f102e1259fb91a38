// Lists and sending through real HTTP: pages, parameters, idempotency, refusals.
#include "unit/web/api_fixture.hpp"

#include <algorithm>
#include <cstring>
#include <set>

namespace postern::web::test {
namespace {

class ListApi : public ApiTest {
 protected:
  std::vector<std::string> ids(const Reply& reply) {
    std::vector<std::string> result;
    const auto body = reply.json();
    for (const auto& item : body.at("items").as_array()) {
      result.emplace_back(item.at("id").as_string());
    }
    return result;
  }
};

TEST_F(ListApi, Pages_are_stable_while_more_come_in) {
  for (int i = 0; i < 5; ++i) make_integration("i" + std::to_string(i));
  std::set<std::string> seen;
  std::string cursor;
  int pages = 0;
  do {
    const auto reply =
        get("/api/v1/integrations?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(200, reply.status) << reply.body;
    for (const auto& id : ids(reply)) EXPECT_TRUE(seen.insert(id).second) << id;
    cursor = text_at(reply, "/next_cursor");
    if (++pages == 1) make_integration("later");
  } while (cursor != "null" && pages < 10);

  EXPECT_EQ(6u, seen.size());
}

TEST_F(ListApi, Messages_are_paged_newest_first_and_stable) {
  const auto integration = make_integration("Support");
  for (std::uint32_t uid = 1; uid <= 4; ++uid) make_message(integration, uid);

  const auto first = get("/api/v1/messages?limit=2");
  make_message(integration, 5);
  const auto second = get("/api/v1/messages?limit=2&cursor=" + text_at(first, "/next_cursor"));

  EXPECT_EQ("mail 4", text_at(first, "/items/0/subject"));
  EXPECT_EQ("mail 2", text_at(second, "/items/0/subject"));
  EXPECT_EQ("mail 1", text_at(second, "/items/1/subject"));
  EXPECT_EQ("null", text_at(second, "/next_cursor"));
}

TEST_F(ListApi, Bad_and_unknown_parameters_are_named) {
  const std::pair<const char*, const char*> cases[] = {
      {"/api/v1/messages?limit=0", "limit"},
      {"/api/v1/messages?limit=501", "limit"},
      {"/api/v1/messages?limit=1x", "limit"},
      {"/api/v1/messages?cursor=%3F%3F", "cursor"},
      {"/api/v1/messages?state=nice", "state"},
      {"/api/v1/messages?integration=x", "integration"},
      {"/api/v1/messages?lmit=1", "lmit"},
      {"/api/v1/deliveries?state=x", "state"},
      {"/api/v1/handovers?target=x", "target"},
      {"/api/v1/handovers?state=x", "state"},
      {"/api/v1/messages?limit=1&limit=2", "limit"},
      {"/healthz?x=1", "x"}};
  for (const auto& [target, parameter] : cases) {
    const auto reply = get(target);

    EXPECT_EQ(400, reply.status) << target;
    EXPECT_EQ(parameter, text_at(reply, "/errors/0/parameter")) << target << reply.body;
  }
  EXPECT_EQ(200, get("/api/v1/messages?limit=1").status);
  EXPECT_EQ(200, get("/api/v1/messages?limit=500").status);
}

class SendApi : public ApiTest {
 protected:
  SendApi() { make_integration("Support"); }
  static constexpr const char* mail = R"({"to":["a@example.com"],"subject":"s","text":"t"})";
  static constexpr const char* sync_mail =
      R"({"to":["a@example.com"],"subject":"s","text":"t","mode":"sync"})";
};

TEST_F(SendApi, Queue_mode_promises_with_202_and_sync_tells_with_200) {
  const auto queued = post("/api/v1/send", mail);
  const auto sent = post("/api/v1/send", sync_mail);

  EXPECT_EQ(202, queued.status) << queued.body;
  EXPECT_EQ("queued", text_at(queued, "/state"));
  EXPECT_EQ("/api/v1/deliveries/" + text_at(queued, "/id"), queued.header("location"));
  EXPECT_EQ(200, sent.status) << sent.body;
  EXPECT_EQ("sent", text_at(sent, "/state"));
  EXPECT_EQ(200, get(queued.header("location")).status);
}

TEST_F(SendApi, The_same_key_gets_the_first_answer_again) {
  for (const char* body : {mail, sync_mail}) {
    const Lines key{
        {"Idempotency-Key", std::string("k") + body[30] + std::to_string(strlen(body))}};
    const auto first = post("/api/v1/send", body, key);
    const auto id = *DeliveryId::parse(text_at(first, "/id"));
    static_cast<void>(run(store().deliveries().begin_attempt(id, env_.now())));

    const auto second = post("/api/v1/send", body, key);

    EXPECT_EQ(first.status, second.status);
    EXPECT_EQ(first.body, second.body);
    EXPECT_EQ("", first.header("idempotent-replayed"));
    EXPECT_EQ("true", second.header("idempotent-replayed"));
  }
  EXPECT_EQ(2u, get("/api/v1/deliveries").json().at("items").as_array().size());
}

TEST_F(SendApi, The_same_key_with_another_body_is_refused) {
  const Lines key{{"Idempotency-Key", "key"}};
  EXPECT_EQ(202, post("/api/v1/send", mail, key).status);

  const auto reply = post("/api/v1/send", sync_mail, key);

  EXPECT_EQ(422, reply.status);
  EXPECT_EQ("idempotency_key_in_use", text_at(reply, "/code"));
}

TEST_F(SendApi, The_same_key_of_another_token_is_another_key) {
  const auto token = make_token(R"(["send"])", "sender");
  const Lines key{{"Idempotency-Key", "key"}};
  const auto first = post("/api/v1/send", mail, key);

  const auto other = call(port(), "POST", "/api/v1/send",
                          {{"Authorization", "Bearer " + token},
                           {"Content-Type", "application/json"},
                           {"Idempotency-Key", "key"}},
                          mail);

  EXPECT_EQ(202, other.status) << other.body;
  EXPECT_NE(text_at(first, "/id"), text_at(other, "/id"));
}

TEST_F(SendApi, A_key_is_up_to_255_visible_characters) {
  EXPECT_EQ(202, post("/api/v1/send", mail, {{"Idempotency-Key", std::string(255, 'k')}}).status);
  EXPECT_EQ(400, post("/api/v1/send", mail, {{"Idempotency-Key", std::string(256, 'k')}}).status);
  EXPECT_EQ(400, post("/api/v1/send", mail, {{"Idempotency-Key", "a b"}}).status);
}

TEST_F(SendApi, A_refusal_carries_its_result_code) {
  const auto nobody = post("/api/v1/send", R"({"integration":"nobody","to":"a@example.com"})");
  const auto address = post("/api/v1/send", R"({"to":["not an address"],"text":"t"})");
  const auto unknown = post("/api/v1/send", R"({"to":["a@example.com"],"txet":"t"})");
  const auto syntax = post("/api/v1/send", "{");

  EXPECT_EQ("20", text_at(nobody, "/result_code")) << nobody.body;
  EXPECT_EQ("11", text_at(address, "/result_code")) << address.body;
  EXPECT_EQ("10", text_at(unknown, "/result_code")) << unknown.body;
  EXPECT_NE(std::string::npos, unknown.body.find("/txet"));
  EXPECT_EQ("10", text_at(syntax, "/result_code")) << syntax.body;
  EXPECT_EQ(415,
            call(port(), "POST", "/api/v1/send", with_admin({{"Content-Type", "text/plain"}}), "x")
                .status);
}

TEST_F(SendApi, Takes_a_form_and_shows_a_preview) {
  const std::string form =
      "--b\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\na@example.com\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"subject\"\r\n\r\nGr\xc3\xbc\xc3\x9f"
      "e\r\n--b\r\nContent-Disposition: form-data; name=\"tags\"\r\n\r\nblue\r\n"
      "--b\r\nContent-Disposition: form-data; name=\"inline\"; filename=\"l.png\"\r\n"
      "Content-Type: image/png\r\n\r\n\x89PNG\r\n--b--\r\n";
  const Lines type{{"Content-Type", "Multipart/Form-Data; boundary=b"}};
  const auto queued = call(port(), "POST", "/api/v1/send", with_admin(type), form);
  const auto shown = call(port(), "POST", "/api/v1/send/preview", with_admin(type), form);
  const auto cut =
      call(port(), "POST", "/api/v1/send", with_admin(type), form.substr(0, form.size() - 8));

  EXPECT_EQ(202, queued.status) << queued.body;
  EXPECT_EQ("blue", text_at(queued, "/tags/0"));
  EXPECT_EQ(200, shown.status) << shown.body;
  EXPECT_EQ(
      "Gr\xc3\xbc\xc3\x9f"
      "e",
      text_at(shown, "/headers/0/1"));
  EXPECT_EQ("l.png", text_at(shown, "/attachments/0/content_id"));
  EXPECT_EQ(1, flows_.notes.count("preview Gr\xc3\xbc\xc3\x9f"
                                  "e"));
  EXPECT_EQ(400, cut.status);
  EXPECT_EQ("malformed_form", text_at(cut, "/code"));
  EXPECT_EQ("10", text_at(cut, "/result_code"));
}

TEST_F(SendApi, Deliveries_are_listed_by_tag_and_show_their_priority) {
  const auto one = post("/api/v1/send", R"({"to":"a@x.org","tags":["a b","c"],"priority":"low"})");
  post("/api/v1/send", R"({"to":"a@x.org"})");

  const auto found = get("/api/v1/deliveries?tag=a%20b");

  EXPECT_EQ("low", text_at(one, "/priority"));
  EXPECT_EQ(1u, found.json().at("items").as_array().size());
  EXPECT_EQ(text_at(one, "/id"), text_at(found, "/items/0/id"));
  EXPECT_EQ("normal", text_at(get("/api/v1/deliveries"), "/items/0/priority"));
  EXPECT_TRUE(get("/api/v1/deliveries?tag=other").json().at("items").as_array().empty());
}

TEST_F(SendApi, A_body_over_the_limit_is_result_code_12) {
  ServerOptions options;
  options.body_bytes_max = 4096;
  restart(std::move(options));

  const auto reply = post("/api/v1/send", R"({"text":")" + std::string(5000, 'x') + "\"}");

  EXPECT_EQ(413, reply.status);
  EXPECT_EQ("12", text_at(reply, "/result_code"));
}

TEST_F(SendApi, Deliveries_are_held_cancelled_and_retried) {
  const auto target = post("/api/v1/send", mail).header("location");

  EXPECT_EQ("held", text_at(post(target + "/hold"), "/state"));
  EXPECT_EQ(1u, get("/api/v1/deliveries?state=held&integration=Support")
                    .json()
                    .at("items")
                    .as_array()
                    .size());
  EXPECT_EQ("queued", text_at(post(target + "/retry"), "/state"));
  EXPECT_EQ(1, flows_.notes.count("act_now"));
  EXPECT_EQ("cancelled", text_at(post(target + "/cancel"), "/state"));
  EXPECT_EQ(404, get("/api/v1/deliveries/dlv_nonsense").status);
  const auto sent = post("/api/v1/send", sync_mail).header("location");
  EXPECT_EQ(409, post(sent + "/cancel").status);
}

}  // namespace
}  // namespace postern::web::test
