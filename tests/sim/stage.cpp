#include "sim/stage.hpp"

#include "core/base64.hpp"
#include "core/log.hpp"
#include "net/hashing.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace postern::sim {
namespace {

using net::Task;

std::string make_data_dir() {
  std::error_code ignored;
  const bool memory =
      std::filesystem::is_directory("/dev/shm", ignored) && ::access("/dev/shm", W_OK) == 0;
  std::string pattern = (memory ? "/dev/shm" : std::filesystem::temp_directory_path().string()) +
                        "/postern-sim-XXXXXX";
  POSTERN_ASSERT(::mkdtemp(pattern.data()) != nullptr);
  return pattern;
}

}  // namespace

Stage::Stage(std::uint64_t seed)
    : world(seed), workers(world, seed), seed_(seed), data_dir_(make_data_dir()) {
  log::Options logging;
  logging.level = log::Level::debug;
  const bool aloud = std::getenv("POSTERN_LOG") != nullptr;
  logging.sink = [this, aloud](std::string_view line) {
    log.append(line);
    log += '\n';
    if (aloud) {
      const auto at = world.steady().count();
      std::fprintf(stderr, "%lld.%03d %.*s\n", static_cast<long long>(at / 1000),
                   static_cast<int>(at % 1000), static_cast<int>(line.size()), line.data());
    }
  };
  log::configure(std::move(logging));
  gateway = std::make_unique<Gateway>(world, data_dir_, workers, options_);
}

Stage::~Stage() {
  if (gateway) kill();
  world.stop_servers();
  log::configure(log::Options());
  if (std::getenv("POSTERN_LOG") != nullptr) {
    std::fprintf(stderr, "%s", world.journal().c_str());
  }
  std::filesystem::remove_all(data_dir_);
}

void Stage::set_options(flows::FlowOptions options) {
  options_ = std::move(options);
  gateway->stop();
  gateway.reset();
  gateway = std::make_unique<Gateway>(world, data_dir_, workers, options_);
}

Account& Stage::add_account(const std::string& name, std::function<void(Integration&)> adjust) {
  auto& account = accounts.emplace_back();
  account.name = name;
  account.password = "open-sesame-" + name;
  const auto user = name + "@example.test";
  account.imap =
      std::make_unique<PlayedImap>(world, "imap." + name + ".test", user, account.password);
  account.smtp =
      std::make_unique<PlayedSmtp>(world, "smtp." + name + ".test", user, account.password, seed_);
  account.imap->serve();
  account.smtp->serve();
  IntegrationDraft draft;
  auto& value = draft.value;
  value.name = name;
  value.address = user;
  value.incoming.enabled = true;
  value.incoming.server.host = account.imap->host();
  value.incoming.auth.username = user;
  value.outgoing.enabled = true;
  value.outgoing.server.host = account.smtp->host();
  value.outgoing.auth.username = user;
  draft.incoming_password = Secret(account.password);
  draft.outgoing_password = Secret(account.password);
  if (adjust) adjust(value);
  const auto stored =
      gateway->ask(gateway->store().integrations().create(std::move(draft), "story", world.now()));
  account.id = stored.value.id;
  return account;
}

PlayedAuthority& Stage::add_authority(const std::string& host,
                                      std::function<void(OAuthApp&)> adjust) {
  auto& authority = authorities.emplace_back(world, host);
  authority.serve();
  OAuthAppDraft draft;
  draft.value.name = host;
  draft.value.client_id = "gate";
  draft.value.scopes = {"openid", "mail"};
  draft.value.issuer = "http://" + host;
  draft.value.authorization_endpoint = "http://" + host + "/authorize";
  draft.value.token_endpoint = "http://" + host + "/token";
  draft.value.device_authorization_endpoint = "http://" + host + "/device";
  draft.value.revocation_endpoint = "http://" + host + "/revoke";
  draft.client_secret = Secret("the-secret-of-" + host);
  if (adjust) adjust(draft.value);
  gateway->ask(gateway->store().oauth().create_app(std::move(draft), "story", world.now()));
  return authority;
}

void Stage::log_in_by_token(Integration& integration) {
  integration.incoming.auth.method = AuthMethod::oauth2;
  integration.outgoing.auth.method = AuthMethod::oauth2;
  auto& account = accounts.back();
  account.imap->takes_token = account.smtp->takes_token = [this](const std::string& token) {
    return std::any_of(authorities.begin(), authorities.end(),
                       [&](auto& each) { return each.takes(token); });
  };
}

PlayedWebhook& Stage::add_target(const std::string& name, std::function<void(Target&)> adjust) {
  const auto secret = "whsec_" + to_base64("the signing secret of " + name);
  auto& hook = hooks.emplace_back(world, "hook." + name + ".test", secret, seed_);
  hook.serve();
  TargetDraft draft;
  draft.value.name = name;
  draft.value.url = "http://" + hook.host() + "/in";
  draft.secret = Secret(secret);
  if (adjust) adjust(draft.value);
  const auto stored =
      gateway->ask(gateway->store().targets().create(std::move(draft), "story", world.now()));
  targets[name] = stored.value.id;
  return hook;
}

void Stage::start() {
  if (!gateway) gateway = std::make_unique<Gateway>(world, data_dir_, workers, options_);
  gateway->start();
  if (after_start) after_start();
}

void Stage::kill() {
  if (gateway->alive()) ++deaths;
  if (before_end) before_end();
  gateway->kill();
  EXPECT_EQ(gateway->env().open_count(), 0U) << "connections outlive the hub, seed " << seed_;
  gateway.reset();
  for (auto& call : calls) call.under_way = false;
}

void Stage::stop() {
  expect_no_secret();
  if (before_end) before_end();
  gateway->stop();
  EXPECT_EQ(gateway->env().open_count(), 0U) << "connections outlive the hub, seed " << seed_;
  gateway.reset();
  for (auto& call : calls) call.under_way = false;
}

bool Stage::run_until(const std::function<bool()>& done, Duration limit) {
  const auto end = world.steady() + limit;
  for (;;) {
    const bool ended = world.run_until([&] { return !gateway->alive() || done(); },
                                       std::max(end - world.steady(), Duration(0)));
    if (gateway->alive()) return ended;
    ++deaths;
    kill();
    start();
  }
}

void Stage::run_for(Duration duration) {
  run_until([] { return false; }, duration);
}

std::string Stage::mail_for(const Account& account, std::string_view date) {
  const auto number = ++offered_;
  return fmt::format(
      "From: Customer <customer@else.test>\r\nTo: {}@example.test\r\nSubject: question {}\r\n"
      "Message-ID: <offer-{}@else.test>\r\nDate: {}\r\n\r\n"
      "The body of mail {} for {}.\r\n",
      account.name, number, number, date, number, account.name);
}

std::string Stage::offer(Account& account, std::optional<Instant> internal_date) {
  auto bytes = mail_for(account);
  auto sha256 = net::sha256(bytes);
  account.imap->deliver(std::move(bytes), internal_date.value_or(world.now()));
  return sha256;
}

Call& Stage::send(Account& account, const std::vector<std::string>& to, bool sync,
                  std::optional<Duration> timeout) {
  auto& made = calls.emplace_back();
  made.key = fmt::format("key-{}", calls.size());
  made.request.integration = account.name;
  made.request.sync = sync;
  made.request.timeout = timeout;
  for (const auto& address : to) {
    MailAddress recipient;
    recipient.address = address;
    made.request.to.push_back(std::move(recipient));
  }
  made.request.subject = fmt::format("answer {}", calls.size());
  made.request.text = "Dear customer,\n.\nit works again.\n";
  repeat(made);
  return made;
}

void Stage::repeat(Call& made) {
  if (made.under_way) return;
  made.under_way = true;
  gateway->spawn(call(made, *gateway));
}

Task<void> Stage::call(Call& made, Gateway& life) {
  storage::IdempotencyKey key;
  key.scope = "story";
  key.key = made.key;
  key.body_sha256 = net::sha256(made.request.subject);
  std::optional<storage::IdempotencyKey> idempotency(std::move(key));
  auto request = made.request;
  const auto answer =
      co_await flows::submit(life.hub(), std::move(request), std::move(idempotency));
  if (!life.alive()) co_return;  // the answer does not leave any more
  made.under_way = false;
  if (const auto* refused = std::get_if<flows::Refusal>(&answer)) {
    made.refused = *refused;
    co_return;
  }
  const auto& sent = std::get<flows::SendAnswer>(answer);
  EXPECT_TRUE(!made.promised || *made.promised == sent.delivery.id)
      << made.key << " made two deliveries, seed " << seed_;
  made.promised = sent.delivery.id;
  made.answered = sent.delivery;
  ++made.answers;
}

Delivery Stage::delivery(const Call& made) {
  POSTERN_ASSERT(made.promised);
  return gateway->ask(gateway->store().deliveries().get(*made.promised));
}

IntegrationStatus Stage::status(const Account& account) {
  return gateway->ask(gateway->store().integrations().get(account.id)).status;
}

void Stage::set_enabled(const Account& account, bool enabled) {
  const auto done = world.run(gateway->hub().set_enabled(account.id, enabled, "story"));
  EXPECT_TRUE(done.has_value() || !gateway->alive()) << "seed " << seed_;
}

std::vector<Event> Stage::events(const std::string& kind) {
  std::vector<Event> all;
  storage::EventFilter filter;
  filter.kind = kind;
  storage::PageRequest request;
  request.limit = 500;
  for (;;) {
    auto page = gateway->ask(gateway->store().events().list(filter, request));
    for (auto& event : page.items) all.push_back(std::move(event));
    if (page.next_cursor.empty()) break;
    request.cursor = std::move(page.next_cursor);
  }
  return all;
}

void Stage::expect_no_secret() {
  std::string told = log;
  for (const auto& event : events()) told += event.message + event.hint + event.login;
  const auto expect_untold = [&](const std::string& secret) {
    EXPECT_EQ(told.find(secret), std::string::npos) << secret << " was told, seed " << seed_;
  };
  for (const auto& account : accounts) {
    using namespace std::string_literals;
    expect_untold(account.password);
    expect_untold(to_base64("\0"s + account.name + "@example.test\0"s + account.password));
  }
  for (const auto& hook : hooks) expect_untold(hook.secret());
  for (const auto& authority : authorities) {
    expect_untold("the-secret-of-" + authority.host());
    for (const auto& secret : authority.secrets()) expect_untold(secret);
  }
}

}  // namespace postern::sim
