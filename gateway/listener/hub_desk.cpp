// Desk over the flows and the store.
#include "flows/hub.hpp"
#include "flows/promise.hpp"
#include "flows/submission_login.hpp"
#include "listener/desk.hpp"

namespace postern::listener {
namespace {

using smtp::ServerReply;

ServerReply try_later() {
  return {451, "4.3.0", "The gateway is in trouble; try again"};
}

ServerReply from_refusal(const flows::Refusal& refusal) {
  if (refusal.disk_full) return {452, "4.3.1", "Insufficient system storage"};
  if (refusal.code == ResultCode::internal) return try_later();
  return {550, "5.7.1", "The integration does not send"};
}

/// Replies are ASCII (RFC 5321 §4.2): no names in them.
std::optional<ServerReply> unfit(const storage::StoredIntegration& stored) {
  if (!stored.value.enabled) return ServerReply{550, "5.7.1", "The integration is disabled"};
  if (!stored.value.outgoing.enabled) {
    return ServerReply{550, "5.7.1", "The integration does not send: outgoing is off"};
  }
  if (flows::unfit(stored)) {
    return ServerReply{454, "4.7.0",
                       "The integration failed too often; it has to be enabled again"};
  }
  return std::nullopt;
}

class HubDesk final : public Desk {
 public:
  explicit HubDesk(flows::Hub& hub) : hub_(hub) {}

  net::Task<Result<std::optional<Account>>> log_in(std::string login, Secret password) override {
    const auto id = IntegrationId::parse(login);
    if (!id) co_return std::optional<Account>();
    POSTERN_CO_TRY(const auto row, co_await store().submission_logins().find(*id));
    if (!row || !flows::fits(*row, password)) co_return std::optional<Account>();
    co_return std::optional(Account{*id, row->password_hash});
  }

  net::Task<std::variant<message::RawHeaderPolicy, ServerReply>> begin(
      Account account, std::string sender) override {
    const auto row = co_await store().submission_logins().find(account.integration);
    if (!row) co_return try_later();
    if (!row.value() || row.value()->password_hash != account.password_hash) {
      ServerReply replaced{535, "5.7.8", "The password was replaced; log in again"};
      co_return replaced;
    }
    const auto stored = co_await store().integrations().get(account.integration);
    if (!stored) co_return try_later();
    if (auto reply = unfit(stored.value())) co_return std::move(*reply);
    const auto& integration = stored.value().value;
    if (!sender.empty() && !flows::may_send_as(integration, sender)) {
      ServerReply foreign{553, "5.7.1", "The sender is not an address of this integration"};
      co_return foreign;
    }
    co_return flows::header_policy(hub_.context(), integration);
  }

  Result<std::unique_ptr<storage::SpoolFile>> open_file() override {
    return store().messages().open_spool_file();
  }

  net::Task<std::variant<std::string, ServerReply>> take(flows::RawMail mail) override {
    auto taken = co_await flows::submit_mail(hub_, std::move(mail));
    if (const auto* refusal = std::get_if<flows::Refusal>(&taken)) co_return from_refusal(*refusal);
    co_return std::get<Delivery>(taken).id.str();
  }

 private:
  storage::Store& store() { return hub_.context().store; }
  flows::Hub& hub_;
};

}  // namespace

std::unique_ptr<Desk> make_desk(flows::Hub& hub) {
  return std::make_unique<HubDesk>(hub);
}

}  // namespace postern::listener
