// What storage's tests share: a data directory that goes with the test, and a way to run a
// coroutine to its end.
#pragma once

#include "storage/store.hpp"

#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace postern::storage {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = std::filesystem::temp_directory_path() / "postern-storage-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Runs `task` on a context of its own, to its end; throws what it throws.
void run_to_end(net::Task<void> task);

/// The same for many at once, on one context.
void run_all_to_end(std::vector<net::Task<void>> tasks);

template <class T>
net::Task<void> keep_value(net::Task<T> task, std::optional<T>& value) {
  value.emplace(co_await std::move(task));
}

/// Gives what `task` returns.
template <class T>
T run(net::Task<T> task) {
  std::optional<T> value;
  run_to_end(keep_value(std::move(task), value));
  return std::move(*value);
}

/// As run, for a task that must go well.
template <class T>
T good(net::Task<Result<T>> task) {
  auto result = run(std::move(task));
  if (result.has_error()) throw std::runtime_error(describe(result.error()));
  if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

/// The code of a task that must fail.
template <class T>
error_code failure(net::Task<Result<T>> task) {
  const auto result = run(std::move(task));
  return result.has_error() ? result.error().code : error_code();
}

constexpr Instant at(std::int64_t seconds) {
  return Instant(std::chrono::seconds(seconds));
}

/// A sha256 that is no one else's: 64 hexadecimal digits made of `number`.
inline std::string fake_sha256(std::uint64_t number) {
  const auto digits = std::to_string(number);
  return std::string(64 - digits.size(), '0') + digits;
}

inline IntegrationDraft integration_draft(std::string name) {
  IntegrationDraft draft;
  draft.value.name = std::move(name);
  draft.value.address = "support@example.com";
  draft.value.incoming.enabled = true;
  draft.value.incoming.server.host = "imap.example.com";
  draft.value.incoming.auth.username = "support@example.com";
  return draft;
}

inline TargetDraft target_draft(std::string name, bool required = true) {
  TargetDraft draft;
  draft.value.name = std::move(name);
  draft.value.url = "https://helpdesk.example.com/hook";
  draft.value.required = required;
  return draft;
}

inline IncomingMail mail(std::uint32_t uid, std::string bytes) {
  IncomingMail incoming;
  incoming.uid = uid;
  incoming.received_at = at(1000 + uid);
  incoming.size_bytes = bytes.size();
  incoming.sha256 = fake_sha256(uid);
  incoming.message_id = "<" + std::to_string(uid) + "@example.com>";
  incoming.bytes = std::move(bytes);
  return incoming;
}

inline IncomingBatch batch(IntegrationId integration, std::uint32_t next_uid) {
  IncomingBatch incoming;
  incoming.integration = integration;
  incoming.folder = "INBOX";
  incoming.cursor.uid_validity = 7;
  incoming.cursor.next_uid = next_uid;
  incoming.at = at(5000);
  return incoming;
}

inline NewDelivery new_delivery(IntegrationId integration, std::string bytes) {
  NewDelivery delivery;
  delivery.integration = integration;
  delivery.envelope.sender = "support@example.com";
  delivery.envelope.recipients = {"a@example.com", "b@example.com"};
  delivery.bytes = std::move(bytes);
  delivery.message_id = "<out@example.com>";
  delivery.subject = "Hello";
  delivery.at = at(100);
  delivery.due = at(100);
  return delivery;
}

/// A store in a directory of its own, with one integration.
class StoreTest : public testing::Test {
 protected:
  void SetUp() override { open(); }

  void open() {
    options_.data_dir = directory_.path() + "/data";
    options_.exclusive = true;
    auto opened = open_store(options_);
    if (opened.has_error()) throw std::runtime_error(describe(opened.error()));
    store_ = std::move(opened).value();
  }
  void reopen() {
    store_.reset();
    open();
  }
  IntegrationId make_integration(const std::string& name = "Support") {
    return good(store_->integrations().create(integration_draft(name), "admin", at(1))).value.id;
  }
  TargetId make_target(const std::string& name, bool required = true) {
    return good(store_->targets().create(target_draft(name, required), "admin", at(1))).value.id;
  }
  /// Stores one mail and records its digest with hand-overs to `targets`.
  MessageId make_message(IntegrationId integration, std::uint32_t uid,
                         std::vector<TargetId> targets = {}) {
    auto incoming = batch(integration, uid + 1);
    incoming.mails.push_back(mail(uid, "body " + std::to_string(uid)));
    const auto id = good(store_->messages().store(std::move(incoming))).front().id;
    good(store_->messages().record_digest(id, {}, std::move(targets), {}, at(6000)));
    return id;
  }

  TemporaryDirectory directory_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
};

}  // namespace postern::storage
