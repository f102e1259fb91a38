// A process of its own that stores mail and tells each acknowledged one through a pipe, to be ended
// at any moment; and what must then be found.
#pragma once

#include "unit/storage/kit.hpp"

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>

namespace postern::storage {

/// What a child was told to be durable: ids by uid, and by number.
struct KeptPromises {
  std::map<std::uint32_t, MessageId> mails;
  std::map<int, DeliveryId> deliveries;
  std::size_t size() const { return mails.size() + deliveries.size(); }
};

class Child {
 public:
  /// Forks; the child runs `work` with the pipe's end and exits. No other thread may run.
  explicit Child(const std::function<void(int pipe)>& work);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child();

  /// Reads until `count` more are acknowledged, or the child ends.
  void wait_for(std::size_t count, KeptPromises& out);
  void kill();
  /// Reads the rest; gives the status of waitpid.
  int wait(KeptPromises& out);

 private:
  bool read_some(KeptPromises& out);

  pid_t id_ = -1;
  int pipe_ = -1;
  std::string buffer_;
  bool ended_ = false;
};

/// The bytes of the mail with this uid; each ninth is large.
std::string body_of(std::uint32_t uid);
std::string body_of_delivery(int number);

/// Stores mails and deliveries, the latter numbered from `first_number`, without an end; returns
/// when a call fails.
void store_until_ended(const StoreOptions& options, int first_number, int pipe);

/// Opens the store and checks that all of `acknowledged` is there with its bytes, that the cursor
/// passes no mail, and that no file is left over.
void check_nothing_lost(const StoreOptions& options, const KeptPromises& acknowledged);

}  // namespace postern::storage
