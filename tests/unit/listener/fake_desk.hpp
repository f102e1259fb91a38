// A desk that knows one login, and keeps what it is given.
#pragma once

#include "listener/desk.hpp"
#include "storage/errc.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace postern::listener {

class FakeDesk final : public Desk {
 public:
  net::Task<Result<std::optional<Account>>> log_in(std::string login, Secret password) override {
    if (login != "int_1" || password != Secret("word")) co_return std::optional<Account>();
    co_return std::optional(Account{IntegrationId{1}, "hash"});
  }
  net::Task<std::variant<message::RawHeaderPolicy, smtp::ServerReply>> begin(Account,
                                                                             std::string) override {
    message::RawHeaderPolicy policy;
    policy.own.address = "own@example.com";
    co_return policy;
  }
  Result<std::unique_ptr<storage::SpoolFile>> open_file() override {
    if (disk_full) return Error{storage::errc::disk_full, "no space"};
    return std::unique_ptr<storage::SpoolFile>(std::make_unique<File>(*this));
  }
  net::Task<std::variant<std::string, smtp::ServerReply>> take(flows::RawMail mail) override {
    if (disk_full) {
      smtp::ServerReply full{452, "4.3.1", "Insufficient system storage"};
      co_return full;
    }
    const std::lock_guard lock(mutex);
    mails.push_back(mail.bytes);
    co_return std::string("dlv_1");
  }

  std::string file;
  bool finished = false;
  std::atomic<bool> disk_full{false};
  std::mutex mutex;
  std::vector<std::string> mails;

 private:
  class File final : public storage::SpoolFile {
   public:
    explicit File(FakeDesk& desk) : desk_(desk) {}
    Result<void> append(std::string_view bytes) override {
      desk_.file += bytes;
      return success();
    }
    net::Task<Result<void>> finish() override {
      desk_.finished = true;
      co_return success();
    }
    std::string name() const override { return "file"; }

   private:
    FakeDesk& desk_;
  };
};

}  // namespace postern::listener
