// States: a store as the life before has left it, and a gateway that starts on it. Each line of
// gateway/flows/STATES.md is what a crash may leave on the disk, and has a test that begins there.
#pragma once

#include "net/hashing.hpp"
#include "sim/gateway.hpp"
#include "sim/played_imap.hpp"
#include "sim/played_smtp.hpp"
#include "sim/played_webhook.hpp"

#include "core/base64.hpp"
#include "core/log.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace postern::sim {

namespace fs = std::filesystem;

inline constexpr std::string_view received =
    "From: Ann <ann@else.test>\r\nMessage-ID: <in@else.test>\r\nSubject: A "
    "question\r\n\r\nHello\r\n";
inline constexpr std::string_view written =
    "From: anna@example.test\r\nTo: one@else.test\r\nMessage-ID: <out@example.test>\r\n"
    "Subject: An answer\r\n\r\nHello\r\n";

class States : public testing::Test {
 protected:
  static constexpr std::uint64_t seed = 7;
  States()
      : world_(seed),
        workers_(world_, seed),
        imap_(world_, "imap.anna.test", "anna@example.test", "open-sesame"),
        smtp_(world_, "smtp.anna.test", "anna@example.test", "open-sesame", seed),
        secret_("whsec_" + to_base64("the signing secret")),
        hook_(world_, "hook.one.test", secret_, seed),
        other_(world_, "hook.two.test", secret_, seed) {
    log::Options quiet;
    quiet.sink = [](std::string_view) {};
    log::configure(std::move(quiet));
    std::string pattern = fs::temp_directory_path() / "postern-states-XXXXXX";
    POSTERN_ASSERT(::mkdtemp(pattern.data()) != nullptr);
    data_dir_ = pattern;
    imap_.serve();
    smtp_.serve();
    hook_.serve();
    other_.serve();
    storage::StoreOptions options;
    options.data_dir = data_dir_;
    options.inline_mode = true;
    options.now = [this] { return world_.now(); };
    options.random = [this] { return world_.random(); };
    before_ = storage::open_store(std::move(options)).value();
  }
  ~States() override {
    if (gateway_) gateway_->stop();
    gateway_.reset();
    world_.stop_servers();
    log::configure(log::Options());
    fs::remove_all(data_dir_);
  }

  template <class T>
  T ask(net::Task<Result<T>> task) {
    auto result = world_.run(std::move(task));
    if (!result) ADD_FAILURE() << describe(result.error());
    POSTERN_ASSERT(result.has_value());
    if constexpr (!std::is_void_v<T>) return std::move(result).value();
  }

  // The life before.
  void cast(const std::function<void(Integration&)>& adjust = nullptr) {
    IntegrationDraft draft;
    auto& value = draft.value;
    value.name = "anna";
    value.address = "anna@example.test";
    value.incoming.enabled = true;
    value.incoming.server.host = imap_.host();
    value.incoming.auth.username = "anna@example.test";
    value.outgoing.enabled = true;
    value.outgoing.server.host = smtp_.host();
    value.outgoing.auth.username = "anna@example.test";
    draft.incoming_password = draft.outgoing_password = Secret("open-sesame");
    if (adjust) adjust(value);
    id_ = ask(before_->integrations().create(std::move(draft), "test", world_.now())).value.id;
  }
  TargetId add_target(const PlayedWebhook& hook, const std::string& type = "webhook") {
    TargetDraft draft;
    draft.value.name = hook.host();
    draft.value.type = type;
    if (type != "pull") {
      draft.value.url = "http://" + hook.host() + "/in";
      draft.secret = Secret(secret_);
    }
    return ask(before_->targets().create(std::move(draft), "test", world_.now())).value.id;
  }
  /// The mail is at the server, and the cursor before it.
  void offer() {
    imap_.deliver(std::string(received));
    storage::MailboxCursor cursor;
    cursor.uid_validity = imap_.uid_validity();
    cursor.next_uid = 1;
    ask(before_->messages().set_cursor(id_, "INBOX", cursor, {}));
  }
  /// It is ours, and the cursor behind it.
  MessageId store() {
    offer();
    storage::IncomingBatch batch;
    batch.integration = id_;
    batch.folder = "INBOX";
    batch.cursor.uid_validity = imap_.uid_validity();
    batch.cursor.next_uid = 2;
    batch.at = world_.now();
    auto& mail = batch.mails.emplace_back();
    mail.uid = 1;
    mail.received_at = world_.now();
    mail.size_bytes = received.size();
    mail.sha256 = net::sha256(received);
    mail.message_id = "<in@else.test>";
    mail.bytes = std::string(received);
    return ask(before_->messages().store(std::move(batch))).front().id;
  }
  Handover route(MessageId message, std::vector<TargetId> targets) {
    storage::DigestedMail digested;
    digested.summary.subject = "A question";
    digested.routing.targets = std::move(targets);
    ask(before_->messages().record_digest(message, std::move(digested), world_.now()));
    return ask(before_->messages().get(message)).handovers.at(0);
  }
  void end_attempt(const Handover& handover, HandoverState state, Duration wait = Duration(0)) {
    storage::HandoverAttempt attempt;
    attempt.state = state;
    attempt.at = world_.now();
    attempt.due = world_.now() + wait;
    attempt.status = state == HandoverState::acknowledged ? 204 : 503;
    ask(before_->handovers().record_attempt(handover.id, attempt, {}));
  }
  DeliveryId promise(bool sync = false, Duration wait = Duration(0)) {
    storage::NewDelivery delivery;
    delivery.integration = id_;
    delivery.envelope.sender = "anna@example.test";
    delivery.envelope.recipients = {"one@else.test", "two@else.test"};
    delivery.bytes = std::string(written);
    delivery.message_id = "<out@example.test>";
    delivery.subject = "An answer";
    delivery.sync = sync;
    delivery.at = world_.now();
    delivery.due = world_.now() + wait;
    return ask(before_->deliveries().create(std::move(delivery))).delivery.id;
  }
  DeliveryId promise_and_begin(bool sync = false) {
    const auto id = promise(sync);
    ask(before_->deliveries().begin_attempt(id, world_.now()));
    return id;
  }
  void end_attempt(DeliveryId id, DeliveryState state, int code, std::optional<Duration> wait,
                   std::vector<RecipientResult> recipients = {}, bool copy_wanted = false) {
    DeliveryOutcome outcome;
    outcome.state = state;
    outcome.result_code = code;
    outcome.recipients = std::move(recipients);
    if (wait) outcome.next_attempt_at = world_.now() + *wait;
    ask(before_->deliveries().finish_attempt(id, std::move(outcome), false, world_.now(), {},
                                             copy_wanted));
  }
  std::string put_spool_file() {
    const auto folder = data_dir_ + "/spool/aa";
    fs::create_directories(folder);
    std::ofstream(folder + "/aaunfinished") << "half a mail";
    return folder + "/aaunfinished";
  }

  // The next life.
  void begin() {
    before_->close();
    before_.reset();
    gateway_ = std::make_unique<Gateway>(world_, data_dir_, workers_, flows::FlowOptions{});
    gateway_->start();
  }
  void begin_and_run_for(Duration time) {
    begin();
    world_.run_for(time);
  }
  storage::Store& now() { return gateway_->store(); }
  Delivery delivery(DeliveryId id) { return ask(now().deliveries().get(id)); }
  storage::MessageDetail message(MessageId id) { return ask(now().messages().get(id)); }
  int acknowledged(const PlayedWebhook& hook) const {
    int count = 0;
    for (const auto& [id, mail] : hook.mails()) count += mail.acknowledged;
    return count;
  }
  void expect_nothing_is_sent_in(Duration time) {
    begin_and_run_for(time);
    EXPECT_TRUE(smtp_.taken().empty());
  }

  World world_;
  PlayedWorkers workers_;
  PlayedImap imap_;
  PlayedSmtp smtp_;
  std::string secret_;
  PlayedWebhook hook_, other_;
  std::string data_dir_;
  std::unique_ptr<storage::Store> before_;
  std::unique_ptr<Gateway> gateway_;
  IntegrationId id_;
};

}  // namespace postern::sim
