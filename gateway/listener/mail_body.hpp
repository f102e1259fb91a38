// MailBody: a message on its way in. Its header is prepared as soon as it is there; the rest stays
// in memory, or goes into a file when it grows.
#pragma once

#include "flows/raw_submission.hpp"
#include "listener/desk.hpp"
#include "listener/limits.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace postern::listener {

class MailBody {
 public:
  /// `in_memory`: the octets of all bodies; it, `desk` and `limits` outlive the body.
  MailBody(message::RawHeaderPolicy policy, Desk& desk, const Limits& limits,
           std::uint64_t& in_memory);
  MailBody(const MailBody&) = delete;
  MailBody& operator=(const MailBody&) = delete;
  ~MailBody();

  /// A piece, dots unstuffed. What goes wrong is told by finish().
  void push(std::string_view piece);

  /// The mail, without its envelope; a file is fsynced.
  /// Errors: message's header_too_big and from_not_allowed; storage's disk_full, io.
  net::Task<Result<flows::RawMail>> finish();

 private:
  void prepare();
  void keep(std::string_view bytes);
  Result<void> spill();
  void forget_memory();

  const message::RawHeaderPolicy policy_;
  Desk& desk_;
  const Limits& limits_;
  std::uint64_t& in_memory_;
  std::uint64_t counted_ = 0;  // of in_memory_, ours
  bool prepared_ = false;
  std::string head_;  // until it is prepared
  flows::RawMail mail_;
  std::optional<Error> error_;
};

}  // namespace postern::listener
