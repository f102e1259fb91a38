// The description and the running server, held against each other.
#include "web/openapi.hpp"
#include "unit/web/api_fixture.hpp"
#include "web/page_files.hpp"
#include "web/router.hpp"
#include "web/sessions.hpp"

#include <boost/json/serialize.hpp>

#include <fstream>
#include <set>

namespace postern::web::test {
namespace {

namespace json = boost::json;

/// Things that exist, so that an operation gets beyond 404.
struct World {
  std::string message, delivery, handover, token, grant, session, problem, silence, profile;
};

class OpenApiTest : public ApiTest {
 protected:
  OpenApiTest() {
    ServerOptions options;
    options.pages_dir = (folder_ / "pages").string();
    std::filesystem::create_directory(options.pages_dir);
    std::ofstream(folder_ / "pages" / "preact.js") << "export default 1;";
    restart(std::move(options));
    const auto integration = make_integration("Support");
    make_target("Desk");
    world_.message = make_message(integration, 1).str();
    world_.delivery = text_at(post("/api/v1/send", R"({"to":"a@example.com","text":"t"})"), "/id");
    world_.handover = text_at(get("/api/v1/handovers"), "/items/0/id");
    make_token(R"(["read"])", "reader");
    post("/api/v1/rules", R"({"name":"first"})");
    post("/api/v1/event-rules", R"({"name":"first","then":[{"type":"log_file","path":"x.log"}]})");
    world_.profile =
        text_at(post("/api/v1/profiles",
                     R"({"name":"Duty","channels":[{"type":"email","to":["a@example.com"]}]})"),
                "/id");
    auto app = body_of("OAuthAppInput");
    post("/api/v1/oauth/apps", app.replace(app.find("fresh"), 5, "Corp"));
    storage::NewGrant grant;
    grant.app = run(store().oauth().find_app("Corp")).value().value.id;
    grant.integration = *IntegrationId::parse(integration);
    grant.tokens.access_token = Secret("a");
    world_.grant = run(store().oauth().give(std::move(grant))).value().grant.id.str();
    storage::Person person;
    person.name = "eve";
    person.role = "admin";
    person.password_hash = "none";
    person.created_at = env_.now();
    run(store().people().create(person, false)).value();
    const auto session = run(open_session(store().people(), Request(), "eve", env_.now())).value();
    world_.session = session.row.id.str();
    world_.token = text_at(get("/api/v1/tokens"), "/items/0/id");
    world_.silence = text_at(post("/api/v1/silences", R"({"reason":"moving"})"), "/id");
    storage::AlertChanges changes;
    changes.problems.emplace_back().state = ProblemState::open;
    const auto kept = run(store().problems().keep(std::move(changes))).value();
    world_.problem = kept.ids.begin()->second.str();
  }

  std::string value_of(std::string_view parameter) const {
    if (parameter == "integration") return "Support";
    if (parameter == "target") return "Desk";
    if (parameter == "message") return world_.message;
    if (parameter == "delivery") return world_.delivery;
    if (parameter == "handover") return world_.handover;
    if (parameter == "token") return world_.token;
    if (parameter == "provider") return "google";
    if (parameter == "app") return "Corp";
    if (parameter == "grant") return world_.grant;
    if (parameter == "device") return "d1";
    if (parameter == "user") return "eve";
    if (parameter == "session") return world_.session;
    if (parameter == "path") return "preact.js";
    if (parameter == "version") return PageFiles(page_bytes(), "").version();
    if (parameter == "file") return "modules/preact.js";
    if (parameter == "rule") return "first";
    if (parameter == "problem") return world_.problem;
    if (parameter == "silence") return world_.silence;
    if (parameter == "profile") return world_.profile;
    return "0";
  }

  std::string filled(std::string_view pattern) const {
    std::string target;
    while (!pattern.empty()) {
      const auto open = std::min(pattern.find('{'), pattern.size());
      target += pattern.substr(0, open);
      pattern.remove_prefix(open);
      if (pattern.empty()) break;
      const auto close = pattern.find('}');
      target += value_of(pattern.substr(1, close - 1));
      pattern.remove_prefix(close + 1);
    }
    return target;
  }

  std::string body_of(const std::string& schema) {
    if (schema == "IntegrationInput") return R"({"name":"fresh"})";
    if (schema == "TargetInput") return R"({"name":"fresh","url":"https://example.com/"})";
    if (schema == "RuleInput") return R"({"name":"fresh"})";
    if (schema == "RuleOrder") return R"({"ids":["first"]})";
    if (schema == "RuleTrial") return R"({"message_id":")" + world_.message + "\"}";
    if (schema == "SendRequest") return R"({"to":"a@example.com","text":"t"})";
    if (schema == "TokenInput") return R"({"name":"fresh","scopes":["read"]})";
    if (schema == "ProviderInput") {
      return R"({"id":"fresh","name":"Fresh","logins":["password"],
          "smtp":{"host":"smtp.example.com","port":465,"security":"tls"}})";
    }
    if (schema.starts_with("LeaseIds")) return R"({"lease_ids":["lse_0000000000000"]})";
    if (schema == "ReplayRequest") return R"({"since":"2026-01-01T00:00:00Z"})";
    if (schema == "OAuthAppInput") {
      return R"({"name":"fresh","client_id":"c","client_secret":"s",)"
             R"("authorization_endpoint":"https://login.example.com/a",)"
             R"("token_endpoint":"https://login.example.com/t"})";
    }
    if (schema == "OAuthWish") return R"({"app":"Corp","integration":"Support"})";
    if (schema == "UserInput") {
      return R"({"name":"fresh","role":"viewer","password":"correct horse"})";
    }
    if (schema == "FirstStart") {
      return R"({"code":"0000-0000-0000","name":"ann","password":"correct horse"})";
    }
    if (schema == "PasswordChange") {
      return R"({"current_password":"x","new_password":"correct horse"})";
    }
    if (schema == "Login") return R"({"name":"ann","password":"wrong"})";
    return "{}";
  }

  World world_;
};

std::string upper(std::string_view verb) {
  std::string word(verb);
  for (char& c : word) c = static_cast<char>(c & ~0x20);
  return word;
}

std::string schema_of(const json::object& operation) {
  if (!operation.contains("requestBody")) return "";
  const auto& content = operation.at("requestBody").at("content").as_object();
  const std::string reference(content.begin()->value().at("schema").at("$ref").as_string());
  return reference.substr(reference.rfind('/') + 1);
}

/// What `reply` breaks of the operation's responses; empty when it keeps to them.
std::string broken(const json::object& operation, const Reply& reply) {
  const auto& responses = operation.at("responses").as_object();
  const auto* response = responses.if_contains(std::to_string(reply.status));
  if (response == nullptr && reply.status < 400) return "status is not documented";
  if (response == nullptr) response = &responses.at("default");
  const auto* content = response->as_object().if_contains("content");
  if (content == nullptr) return reply.body.empty() ? "" : "a body is not documented";
  const auto& media = content->as_object();
  if (media.contains("*/*") || media.contains(reply.media())) return "";
  return "media type is not documented: " + reply.media();
}

/// The fields that the schema requires and `value` lacks, all of them by name.
std::string lacking(const json::object& all, const json::value& schema, const json::value& value) {
  std::string result;
  std::vector<const json::value*> open{&schema};
  while (!open.empty()) {
    const auto& object = open.back()->as_object();
    open.pop_back();
    if (const auto* reference = object.if_contains("$ref")) {
      const std::string text(reference->as_string());
      open.push_back(&all.at(text.substr(text.rfind('/') + 1)));
    }
    if (const auto* parts = object.if_contains("allOf")) {
      for (const auto& part : parts->as_array()) open.push_back(&part);
    }
    if (const auto* required = object.if_contains("required")) {
      for (const auto& name : required->as_array()) {
        if (!value.as_object().contains(name.as_string())) result += name.as_string().c_str();
      }
    }
  }
  return result;
}

TEST_F(OpenApiTest, Every_operation_answers_as_it_is_described) {
  const auto document = get("/openapi.json").json();
  const auto& schemas = document.at("components").at("schemas").as_object();
  int operations = 0;
  // Deletions come last, or they would take away what the others need.
  for (const bool deleting : {false, true}) {
    for (const auto& [path, item] : document.at("paths").as_object()) {
      for (const auto& [verb, operation] : item.as_object()) {
        if ((verb == "delete") != deleting) continue;
        ++operations;
        const auto& described = operation.as_object();
        const auto schema = schema_of(described);
        Lines lines = with_admin();
        if (!schema.empty()) lines["Content-Type"] = "application/json";

        const auto reply =
            call(port(), upper(verb), filled(path), lines, schema.empty() ? "" : body_of(schema));

        const auto where = upper(verb) + " " + std::string(path);
        EXPECT_EQ("", broken(described, reply)) << where << " " << reply.status;
        EXPECT_LT(reply.status, 500) << where << " " << reply.body;
        EXPECT_NE(404, reply.status) << where << " " << reply.body;
        if (reply.media() == "application/json" && path != "/openapi.json") {
          const auto& content =
              described.at("responses").at(std::to_string(reply.status)).at("content");
          const auto& answered = content.at("application/json").at("schema");
          EXPECT_EQ("", lacking(schemas, answered, reply.json())) << where << reply.body;
        }
      }
    }
  }
  EXPECT_EQ(static_cast<int>(all_routes().size()), operations);
}

TEST_F(OpenApiTest, Every_reference_leads_somewhere_and_every_id_is_its_own) {
  const auto document = openapi_document();
  const auto text = json::serialize(document);
  const auto& schemas = document.at("components").at("schemas").as_object();
  const std::string mark = "#/components/schemas/";
  int references = 0;
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const auto name = text.substr(at + mark.size(), text.find('"', at) - at - mark.size());
    EXPECT_TRUE(schemas.contains(name)) << name;
    ++references;
  }
  EXPECT_GT(references, 20);
  std::set<std::string> ids;
  for (const auto& [path, item] : document.at("paths").as_object()) {
    for (const auto& [verb, operation] : item.as_object()) {
      EXPECT_TRUE(ids.insert(std::string(operation.at("operationId").as_string())).second) << path;
    }
  }
}

TEST_F(OpenApiTest, Every_problem_has_the_fields_of_its_schema) {
  const auto document = openapi_document();
  const auto& schemas = document.at("components").at("schemas").as_object();
  const Reply problems[] = {get("/nothing"), get("/api/v1/messages?x=1"),
                            call(port(), "GET", "/api/v1/events"), post("/api/v1/send", "{}"),
                            call(port(), "PUT", "/healthz")};
  for (const auto& each : problems) {
    EXPECT_GE(each.status, 400);
    EXPECT_EQ("application/problem+json", each.media());
    EXPECT_EQ("", lacking(schemas, schemas.at("Problem"), each.json())) << each.body;
    EXPECT_EQ(std::to_string(each.status), text_at(each, "/status"));
  }
}

}  // namespace
}  // namespace postern::web::test
