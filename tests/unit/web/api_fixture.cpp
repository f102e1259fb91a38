// The fake gateway writes to the real store as the flows would.
#include "unit/web/api_fixture.hpp"

#include "core/result_codes.hpp"
#include "net/scope.hpp"
#include "unit/web/fake_actions.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <stdexcept>

namespace postern::web::test {
namespace {

Transcript played_transcript(Instant at) {
  Transcript transcript;
  transcript.at = at;
  transcript.protocol = "imap";
  transcript.direction = "incoming";
  transcript.lines.push_back({at, Side::server, "* OK ready", 0});
  return transcript;
}

class FakeGateway final : public FakeActions {
 public:
  FakeGateway(FakeFlows& flows, storage::Store& store, net::Env& env)
      : FakeActions(flows, store, env), flows_(flows), store_(store), env_(env) {}

  bool ready() const override { return flows_.ready; }
  std::string metrics_text() const override { return "postern_build_info 1\n"; }

  net::Task<Result<void>> integration_changed(IntegrationId) override {
    flows_.notes.add("integration_changed");
    co_return success();
  }
  net::Task<Result<void>> target_changed(TargetId) override {
    flows_.notes.add("target_changed");
    co_return success();
  }
  net::Task<Result<storage::StoredIntegration>> set_enabled(IntegrationId id, bool enabled,
                                                            std::string by) override {
    flows_.notes.add(enabled ? "enable" : "disable");
    POSTERN_CO_TRY(auto stored, co_await store_.integrations().get(id));
    IntegrationDraft draft;
    draft.value = stored.value;
    draft.value.enabled = enabled;
    co_return co_await store_.integrations().replace(id, std::move(draft), std::nullopt, by,
                                                     env_.now());
  }
  net::Task<Result<void>> check(IntegrationId) override {
    if (flows_.throws) throw std::logic_error("a mistake of ours");
    flows_.notes.add("check");
    co_return success();
  }
  void act_now(IntegrationId) override { flows_.notes.add("act_now"); }
  void handovers_queued() override { flows_.notes.add("handovers_queued"); }
  // Asks again and again, where the real one waits for a hint.
  net::Task<Result<storage::Leases>> lease(TargetId target, storage::LeaseTerms terms,
                                           flows::PullWait wait) override {
    const auto ends = env_.steady() + wait.time;
    flows_.notes.add("lease");
    for (;;) {
      auto leased = co_await store_.pull().lease(target, terms, env_.now());
      if (!leased || !leased.value().items.empty()) co_return leased;
      if (env_.steady() >= ends || (wait.over && *wait.over)) co_return leased;
      co_await net::sleep_for(env_, Duration(5));
    }
  }
  net::Task<Result<std::vector<storage::LeaseFate>>> acknowledge(
      TargetId target, std::vector<LeaseId> leases) override {
    POSTERN_CO_TRY(auto taken,
                   co_await store_.pull().acknowledge(target, std::move(leases), env_.now()));
    co_return std::move(taken.fates);
  }
  void look_for_leases() override { flows_.notes.add("look_for_leases"); }
  void count_handovers(const std::string& target, std::string_view result, int count) override {
    flows_.notes.add("counted " + target + " " + std::string(result) + " " + std::to_string(count));
  }
  net::Task<Result<flows::TargetTest>> test_target(postern::Target target,
                                                   storage::TargetSecrets with) override {
    flows::TargetTest test;
    auto& notes = flows_.notes;
    notes.add("test " + target.type + " " + target.url + " " + with.credential.reveal().data());
    POSTERN_CO_TRY(test.waiting, co_await store_.handovers().waiting(target.id));
    test.steps.emplace_back().step = "request";
    test.status = 503, test.answer = "later";
    co_return test;
  }
  net::Task<std::variant<flows::SendAnswer, flows::Refusal>> submit(
      flows::SendRequest request, std::optional<storage::IdempotencyKey> key) override;
  net::Task<std::variant<flows::SendAnswer, flows::Refusal>> submit_raw(
      flows::RawSendRequest request, std::optional<storage::IdempotencyKey> key) override {
    flows_.notes.add("raw from=" + request.from.value_or("-") +
                     " header_recipients=" + (request.header_recipients ? "yes" : "no") +
                     " timeout=" + std::to_string(request.timeout.value_or(Duration(-1)).count()) +
                     ": " + request.bytes);
    flows::SendRequest other;
    other.integration = request.integration;
    other.sync = request.sync;
    other.wishes = request.wishes;
    other.priority = request.priority;
    other.tags = request.tags;
    for (const auto& address : request.to) other.to.push_back({"", address});
    return submit(std::move(other), std::move(key));
  }
  net::Task<std::variant<flows::SendPreview, flows::Refusal>> preview(
      flows::SendRequest request) override {
    flows_.notes.add("preview " + request.subject);
    flows::SendPreview shown;
    for (const auto& to : request.to) shown.envelope.recipients.push_back(to.address);
    shown.mail.bytes = request.text.value_or("");
    shown.seen.text = request.text;
    shown.seen.headers.emplace_back("Subject", request.subject);
    for (const auto& each : request.attachments) {
      AttachmentSummary attachment;
      attachment.filename = each.filename;
      attachment.content_id = each.content_id;
      attachment.size_bytes = each.content.size();
      shown.seen.attachments.push_back(attachment);
    }
    co_return shown;
  }

  net::Task<bool> test(Integration integration, IntegrationSecrets secrets,
                       flows::TestDirections directions, bool with_transcript,
                       std::function<net::Task<void>(flows::TestStep)> tell) override {
    {
      const std::lock_guard lock(flows_.mutex);
      flows_.tested = std::move(integration);
      flows_.test_secrets = std::move(secrets);
      flows_.directions = directions;
    }
    flows::TestStep step;
    step.direction = "incoming";
    step.step = "dns";
    step.ok = true;
    co_await tell(step);
    step.step = "tcp";
    step.ok = false;
    step.hint = "Is the port right?";
    if (with_transcript) step.transcript = played_transcript(env_.now());
    co_await tell(step);
    co_return false;
  }

  flows::CheckBook::Past past_checks(IntegrationId) const override {
    return {{{env_.now(), true}, {env_.now(), false}}, {}};
  }
  net::Task<Result<std::vector<Activity>>> remembered(IntegrationId) override {
    Activity check;
    check.at = env_.now();
    check.key = "~1";
    check.kind = "check.succeeded";
    check.text = "nothing new";
    co_return std::vector{check};
  }
  net::Task<Result<void>> record(IntegrationId, flows::Direction direction,
                                 Duration duration) override {
    flows_.notes.add("record " + std::string(flows::to_string(direction)) + " " +
                     std::to_string(duration.count()));
    co_return success();
  }
  net::Task<Result<flows::Recorded>> recorded(IntegrationId, flows::Direction direction) override {
    flows::Recorded recorded;
    recorded.begun =
        direction == flows::Direction::incoming && flows_.notes.count("record incoming 300000") > 0;
    recorded.transcript = played_transcript(env_.now());
    recorded.until = env_.now();
    co_return recorded;
  }
  net::Task<Result<std::string>> attachment(MessageId, int index) override {
    co_return "attachment " + std::to_string(index);
  }
  net::Task<Result<std::string>> body_part(MessageId, flows::BodyPart part) override {
    co_return part == flows::BodyPart::html ? "<script>alert(1)</script>" : "text";
  }

 private:
  net::Task<Result<Delivery>> deliver(flows::SendRequest request,
                                      std::optional<storage::IdempotencyKey> key, bool& replayed);
  FakeFlows& flows_;
  storage::Store& store_;
  net::Env& env_;
};

net::Task<Result<Delivery>> FakeGateway::deliver(flows::SendRequest request,
                                                 std::optional<storage::IdempotencyKey> key,
                                                 bool& replayed) {
  POSTERN_CO_TRY(const auto integration, co_await store_.integrations().find_default());
  storage::NewDelivery fresh;
  fresh.integration = integration->value.id;
  for (const auto& to : request.to) fresh.envelope.recipients.push_back(to.address);
  fresh.bytes = "Subject: x\r\n\r\n";
  fresh.message_id = "<1@example.com>";
  fresh.subject = request.subject;
  fresh.priority = request.priority;
  fresh.tags = request.tags;
  fresh.wishes = request.wishes;
  fresh.sync = request.sync;
  fresh.at = env_.now();
  fresh.due = fresh.at;
  fresh.idempotency = std::move(key);
  POSTERN_CO_TRY(auto made, co_await store_.deliveries().create(std::move(fresh)));
  replayed = made.replayed;
  if (!request.sync || replayed) co_return made.delivery;
  POSTERN_CO_TRY(co_await store_.deliveries().begin_attempt(made.delivery.id, env_.now()));
  DeliveryOutcome outcome;
  outcome.state = DeliveryState::sent;
  outcome.result_code = 0;
  POSTERN_CO_TRY(co_await store_.deliveries().finish_attempt(made.delivery.id, outcome, false,
                                                             env_.now(), {}));
  co_return co_await store_.deliveries().get(made.delivery.id);
}

net::Task<std::variant<flows::SendAnswer, flows::Refusal>> FakeGateway::submit(
    flows::SendRequest request, std::optional<storage::IdempotencyKey> key) {
  flows_.notes.add("submit " + request.subject);
  flows::Refusal refusal;
  if (request.integration && *request.integration == "nobody") {
    refusal.code = ResultCode::no_integration;
    refusal.message = "no such integration";
    co_return refusal;
  }
  flows::SendAnswer answer;
  auto delivered = co_await deliver(std::move(request), std::move(key), answer.replayed);
  if (!delivered) {
    refusal.message = describe(delivered.error());
    refusal.key_in_use = delivered.error().code == make_error_code(storage::errc::key_in_use);
    co_return refusal;
  }
  answer.delivery = std::move(delivered).value();
  co_return answer;
}

std::filesystem::path fresh_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "postern-web-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  return pattern;
}

}  // namespace

void run_to_end(net::Task<void> task) {
  boost::asio::io_context io;
  net::Scope scope(io.get_executor());
  scope.spawn(std::move(task));
  io.run();
}

LaterEnv::LaterEnv() : real_(net::make_real_env({}).value()) {}

std::unique_ptr<net::Timer> LaterEnv::make_timer(boost::asio::any_io_executor executor) {
  return real_->make_timer(std::move(executor));
}

net::Task<Result<std::vector<std::string>>> LaterEnv::resolve(std::string host, Duration limit) {
  return real_->resolve(std::move(host), limit);
}

net::Task<Result<std::unique_ptr<net::Stream>>> LaterEnv::connect(net::Endpoint endpoint,
                                                                  Duration limit) {
  return real_->connect(std::move(endpoint), limit);
}

void Notes::add(std::string note) {
  const std::lock_guard lock(mutex_);
  notes_.push_back(std::move(note));
}

std::vector<std::string> Notes::all() const {
  const std::lock_guard lock(mutex_);
  return notes_;
}

int Notes::count(const std::string& note) const {
  const auto notes = all();
  return static_cast<int>(std::count(notes.begin(), notes.end(), note));
}

ApiTest::ApiTest() : folder_(fresh_folder()) {
  storage::StoreOptions options;
  options.data_dir = folder_.string();
  auto opened = storage::open_store(options);
  EXPECT_TRUE(opened) << describe(opened.error());
  store_ = std::move(opened).value();
  restart({});
}

ApiTest::~ApiTest() {
  server_.reset();
  store_->close();
  store_.reset();
  std::filesystem::remove_all(folder_);
}

std::unique_ptr<Gateway> ApiTest::fake_gateway() {
  return std::make_unique<FakeGateway>(flows_, *store_, env_);
}

void ApiTest::restart(ServerOptions options) {
  server_.reset();
  options.listen = "127.0.0.1:0";
  options.admin_token = Secret(admin_token);
  options.facts.data_dir = folder_.string();
  options.facts.key_file = folder_.string() + "/secret.key";
  options.facts.version = "1.2.3";
  server_ = std::make_unique<Server>(std::move(options), fake_gateway(), *store_, env_);
  const auto started = server_->start();
  EXPECT_TRUE(started) << describe(started.error());
}

Reply ApiTest::get(std::string_view target, Lines headers) {
  return call(port(), "GET", target, with_admin(std::move(headers)));
}

Reply ApiTest::post(std::string_view target, std::string_view body, Lines headers) {
  if (!body.empty()) headers.emplace("Content-Type", "application/json");
  return call(port(), "POST", target, with_admin(std::move(headers)), body);
}

Reply ApiTest::put(std::string_view target, std::string_view body, Lines headers) {
  headers.emplace("Content-Type", "application/json");
  return call(port(), "PUT", target, with_admin(std::move(headers)), body);
}

Reply ApiTest::patch(std::string_view target, std::string_view body, Lines headers) {
  headers.emplace("Content-Type", "application/merge-patch+json");
  return call(port(), "PATCH", target, with_admin(std::move(headers)), body);
}

Reply ApiTest::remove(std::string_view target, Lines headers) {
  return call(port(), "DELETE", target, with_admin(std::move(headers)));
}

std::string ApiTest::make_token(const std::string& scopes_json, const std::string& name) {
  const auto reply =
      post("/api/v1/tokens", R"({"name":")" + name + R"(","scopes":)" + scopes_json + "}");
  EXPECT_EQ(201, reply.status) << reply.body;
  return text_at(reply, "/token");
}

std::string ApiTest::make_integration(const std::string& name) {
  const auto reply = post("/api/v1/integrations", R"({"name":")" + name + R"(","is_default":true,
    "address":"support@example.com",
    "incoming":{"enabled":true,"host":"imap.example.com","port":993,"security":"tls",
      "auth":{"method":"password","username":"u","password":"in-secret"}},
    "outgoing":{"enabled":true,"host":"smtp.example.com","port":587,"security":"starttls",
      "auth":{"method":"password","username":"u","password":"out-secret"}}})");
  EXPECT_EQ(201, reply.status) << reply.body;
  return text_at(reply, "/id");
}

std::string ApiTest::make_target(const std::string& name) {
  const auto reply =
      post("/api/v1/targets", R"({"name":")" + name + R"(","url":"https://example.com/hook"})");
  EXPECT_EQ(201, reply.status) << reply.body;
  return text_at(reply, "/id");
}

MessageId ApiTest::make_message(const std::string& integration_id, std::uint32_t uid) {
  storage::IncomingBatch batch;
  batch.integration = *IntegrationId::parse(integration_id);
  batch.folder = "INBOX";
  batch.cursor = {1, uid + 1, 0};
  batch.at = env_.now();
  storage::IncomingMail mail;
  mail.uid = uid;
  mail.received_at = env_.now();
  const std::string bytes = "Subject: mail " + std::to_string(uid) + "\r\n\r\nbody\r\n";
  mail.size_bytes = bytes.size();
  mail.sha256 = std::string(56, 'a') + std::to_string(10000000 + uid);
  mail.bytes = bytes;
  batch.mails.push_back(std::move(mail));
  const auto id = run(store_->messages().store(std::move(batch))).value().front().id;
  MessageSummary summary;
  summary.subject = "mail " + std::to_string(uid);
  summary.text = std::string(5000, 'x');
  AttachmentSummary attachment;
  attachment.filename = "r\xc3\xa9sum\xc3\xa9\" \r\nX-Evil: 1.html";
  attachment.content_type = "text/html\r\nX-Evil: 2";
  summary.attachments.push_back(attachment);
  std::vector<TargetId> targets;
  const auto known = run(store_->targets().list()).value();
  for (const auto& each : known) targets.push_back(each.value.id);
  const auto digested = run(store_->messages().record_digest(id, summary, targets, {}, env_.now()));
  EXPECT_TRUE(digested) << describe(digested.error());
  return id;
}

std::string text_at(const Reply& reply, std::string_view pointer) {
  const auto value = reply.json();
  boost::system::error_code ec;
  const auto* found = value.find_pointer(pointer, ec);
  if (found == nullptr) return "";
  return found->is_string() ? std::string(found->get_string()) : boost::json::serialize(*found);
}

}  // namespace postern::web::test
