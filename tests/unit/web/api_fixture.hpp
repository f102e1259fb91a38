// A running server for each test: a real store in a folder of its own, a gateway that only takes
// notes, a clock that can be moved.
#pragma once

#include "net/real_env.hpp"
#include "storage/store.hpp"
#include "unit/web/http_client.hpp"
#include "web/gateway.hpp"
#include "web/server.hpp"

#include <gtest/gtest.h>
#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace postern::web::test {

/// The real world, later by as much as the test says.
class LaterEnv final : public net::Env {
 public:
  LaterEnv();
  void advance(Duration by) { ahead_ += by.count(); }
  Instant now() override { return real_->now() + Duration(ahead_); }
  Duration steady() override { return real_->steady() + Duration(ahead_); }
  std::uint64_t random() override { return real_->random(); }
  std::unique_ptr<net::Timer> make_timer(boost::asio::any_io_executor executor) override;
  net::Task<Result<std::vector<std::string>>> resolve(std::string host, Duration limit) override;
  net::Task<Result<std::unique_ptr<net::Stream>>> connect(net::Endpoint endpoint,
                                                          Duration limit) override;

 private:
  std::unique_ptr<net::Env> real_;
  std::atomic<std::int64_t> ahead_{0};
};

/// What the API told the flows, in order: "integration_changed", …
class Notes {
 public:
  void add(std::string note);
  std::vector<std::string> all() const;
  int count(const std::string& note) const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> notes_;
};

/// What the fake gateway does; set by tests before they call.
struct FakeFlows {
  Notes notes;
  std::atomic<bool> ready{true};
  std::atomic<bool> throws{false};  // the next check throws, as a mistake of ours would
  std::mutex mutex;
  Integration tested;  // of the last connection test
  IntegrationSecrets test_secrets;
  flows::TestDirections directions{};
  flows::AuthorisationWish wish;  // of the last authorisation, and what came back of it
  oauth::AuthorizationAnswer answer;
  std::string answer_session, answer_browser;
  std::optional<Error> authorisation_error;
};

/// Runs a coroutine to its end on this thread.
void run_to_end(net::Task<void> task);

template <class T>
net::Task<void> keep_result(net::Task<T> task, std::optional<T>& out) {
  out.emplace(co_await std::move(task));
}

/// Runs `task` to its end and gives what it returns.
template <class T>
T run(net::Task<T> task) {
  std::optional<T> result;
  run_to_end(keep_result(std::move(task), result));
  return std::move(*result);
}

inline constexpr const char* admin_token = "test-admin-token-0123456789abcdef";

class ApiTest : public ::testing::Test {
 protected:
  ApiTest();
  ~ApiTest() override;

  /// Stops the server and starts one with these options (listen and token are set).
  void restart(ServerOptions options);
  std::unique_ptr<Gateway> fake_gateway();
  std::uint16_t port() const { return server_->port(); }
  storage::Store& store() { return *store_; }

  // Calls with the admin token; bodies are JSON.
  Reply get(std::string_view target, Lines headers = {});
  Reply post(std::string_view target, std::string_view body = "", Lines headers = {});
  Reply put(std::string_view target, std::string_view body, Lines headers = {});
  Reply patch(std::string_view target, std::string_view body, Lines headers = {});
  Reply remove(std::string_view target, Lines headers = {});

  std::string make_token(const std::string& scopes_json, const std::string& name);
  /// The id of a new integration that sends and receives.
  std::string make_integration(const std::string& name);
  std::string make_target(const std::string& name);
  /// A received and digested mail with one attachment, for the targets there are.
  MessageId make_message(const std::string& integration_id, std::uint32_t uid);

  std::filesystem::path folder_;
  LaterEnv env_;
  FakeFlows flows_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<Server> server_;
};

inline Lines with_admin(Lines headers = {}) {
  headers.emplace("Authorization", std::string("Bearer ") + admin_token);
  return headers;
}

/// The text at a JSON pointer of the reply's body; "" when there is none.
std::string text_at(const Reply& reply, std::string_view pointer);

}  // namespace postern::web::test
