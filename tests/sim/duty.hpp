// Duty: a stage with an account that carries notices, one that has trouble, and people on duty.
#pragma once

#include "sim/stage.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::sim {

using Lines = std::vector<std::string>;

inline std::string field(const std::string& mail, const std::string& name) {
  const auto at = ("\r\n" + mail).find("\r\n" + name + ": ");
  if (at == std::string::npos) return {};
  const auto begin = at + name.size() + 2;
  auto end = mail.find("\r\n", begin);
  while (end != std::string::npos && (mail[end + 2] == ' ' || mail[end + 2] == '\t')) {
    end = mail.find("\r\n", end + 2);
  }
  auto value = mail.substr(begin, end - begin);
  for (auto fold = value.find("\r\n"); fold != std::string::npos; fold = value.find("\r\n")) {
    value.erase(fold, 2);
  }
  return value;
}

/// "FAILING", "RECOVERED", … of each notice that this server took, in their order.
inline Lines told(const PlayedSmtp& smtp) {
  Lines lines;
  for (const auto& mail : smtp.taken()) {
    if (field(mail.bytes, "X-Postern-Notice").empty()) continue;
    const auto subject = field(mail.bytes, "Subject");
    lines.push_back(subject.substr(10, subject.find(':') - 10));
  }
  return lines;
}

/// A default account that carries the notices, an alert transport if wanted, and people.
class Duty {
 public:
  explicit Duty(std::uint64_t seed, bool with_transport = false)
      : stage(seed), alerts(stage.world, "smtp.alerts.test", "alert", "open-sesame-alert", seed) {
    alerts.serve();
    flows::FlowOptions options;
    options.monitoring.recipients = {"duty@else.test"};
    if (with_transport) {
      auto& transport = options.alerts;
      transport.outgoing.server = {"smtp.alerts.test", 465, Security::tls};
      transport.outgoing.auth.username = "alert";
      transport.password = Secret("open-sesame-alert");
      transport.from = "alerts@else.test";
    }
    stage.set_options(options);
    post = &stage.add_account("post", [](Integration& value) { value.is_default = true; });
    anna = &stage.add_account("anna");
  }
  ~Duty() {
    if (stage.gateway) stage.kill();
    stage.world.stop_servers();
  }
  /// So many more integrations with anna's server and login.
  void add_to_server_of_anna(int count) {
    auto& life = *stage.gateway;
    for (int i = 1; i <= count; ++i) {
      IntegrationDraft draft;
      draft.value.name = "anna-" + std::to_string(i);
      draft.value.address = "anna@example.test";
      draft.value.incoming.enabled = true;
      draft.value.incoming.server.host = anna->imap->host();
      draft.value.incoming.auth.username = "anna@example.test";
      draft.incoming_password = Secret(anna->password);
      life.ask(life.store().integrations().create(std::move(draft), "story", stage.world.now()));
    }
  }
  void down(Account& account) {
    stage.world.refuse(account.imap->host());
    account.imap->kick();
  }
  bool comes_to_a_problem() {
    const auto open = [this] { return !problems(ProblemState::open).empty(); };
    return stage.run_until(open, std::chrono::minutes(10));
  }
  std::vector<Problem> problems(std::optional<ProblemState> state = std::nullopt) {
    storage::ProblemFilter filter;
    filter.state = state;
    storage::PageRequest page;
    page.limit = 500;
    return stage.gateway->ask(stage.gateway->store().problems().list(filter, page)).items;
  }

  Stage stage;
  PlayedSmtp alerts;
  Account* post = nullptr;
  Account* anna = nullptr;
};

}  // namespace postern::sim
