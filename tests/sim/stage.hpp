// Stage: a World with servers, a data directory and a Gateway, and the words in which stories are
// told of them. It collects the log, and every stop checks what must hold at any end.
#pragma once

#include "flows/submission.hpp"
#include "sim/gateway.hpp"
#include "sim/played_authority.hpp"
#include "sim/played_imap.hpp"
#include "sim/played_smtp.hpp"
#include "sim/played_webhook.hpp"

#include <deque>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace postern::sim {

/// One integration with its two servers.
struct Account {
  IntegrationId id;
  std::string name, password;
  std::unique_ptr<PlayedImap> imap;
  std::unique_ptr<PlayedSmtp> smtp;
};

/// One call of submit() and what came back; a call cut by a death is made again with its key.
struct Call {
  std::string key;
  flows::SendRequest request;
  std::optional<DeliveryId> promised;
  std::optional<Delivery> answered;  // in sync mode the end
  std::optional<flows::Refusal> refused;
  bool under_way = false;
  int answers = 0;
};

class Stage {
 public:
  explicit Stage(std::uint64_t seed);
  ~Stage();

  // The set-up. Accounts have imap.NAME.test and smtp.NAME.test; targets hook.NAME.test.
  Account& add_account(const std::string& name, std::function<void(Integration&)> adjust = nullptr);
  /// An authorization server at HOST (of loopback), and an app by it.
  PlayedAuthority& add_authority(const std::string& host,
                                 std::function<void(OAuthApp&)> adjust = nullptr);
  /// Has the account log in by OAuth at this authority; it has no grant yet.
  void log_in_by_token(Integration& integration);
  PlayedWebhook& add_target(const std::string& name, std::function<void(Target&)> adjust = nullptr);

  void start();  // a fresh life
  /// Before the set-up: the options of all lives.
  void set_options(flows::FlowOptions options);
  void stop();  // in order, and checked
  void kill();
  void restart() {
    kill();
    start();
  }
  /// Lets time pass; a gateway that dies meanwhile is started again at once.
  void run_for(Duration duration);
  bool run_until(const std::function<bool()>& done, Duration limit);

  /// A mail of its own; not yet in any mailbox.
  std::string mail_for(const Account& account,
                       std::string_view date = "Thu, 01 Jan 2026 00:00:00 +0000");
  /// The same in the INBOX; its sha256.
  std::string offer(Account& account, std::optional<Instant> internal_date = std::nullopt);
  /// Calls submit(); the answer is in the Call when it is there.
  Call& send(Account& account, const std::vector<std::string>& to, bool sync = false,
             std::optional<Duration> timeout = std::chrono::seconds(30));
  void repeat(Call& call);

  Delivery delivery(const Call& call);
  IntegrationStatus status(const Account& account);
  void set_enabled(const Account& account, bool enabled);
  std::vector<Event> events(const std::string& kind = "");

  World world;
  PlayedWorkers workers;
  std::unique_ptr<Gateway> gateway;
  std::deque<Account> accounts;
  std::deque<PlayedWebhook> hooks;
  std::deque<PlayedAuthority> authorities;
  std::map<std::string, TargetId> targets;
  std::deque<Call> calls;
  std::string log;
  std::size_t deaths = 0;
  std::function<void()> before_end, after_start;  // of each life

 private:
  net::Task<void> call(Call& call, Gateway& life);
  void expect_no_secret();

  std::uint64_t seed_;
  flows::FlowOptions options_;
  std::string data_dir_;
  std::size_t offered_ = 0;
};

}  // namespace postern::sim
