// Which mail belongs to which: every Message-ID that was met keeps the thread it was met in.
#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

/// How long a thread's keys are remembered after they were met last.
constexpr std::chrono::hours thread_keys_for{24 * 400};
constexpr std::chrono::hours thread_rates_for{24 * 2};

struct ThreadQuestion {
  IntegrationId integration;
  std::string message_id;         // the mail's own, or empty
  std::vector<std::string> keys;  // what it refers to, the best first
  std::string fallback;           // the thread's name when nothing of it is known
  std::string sender;             // in lower case
  Instant at;
};

struct ThreadAnswer {
  std::string thread;
  std::optional<std::size_t> matched;  // the first of the keys that is known
  std::string
      matched_id;      // a Message-ID of ours that stands behind it, where a provider renamed it
  int sent_today = 0;  // mails of this sender in this thread that were met today, without this
  std::vector<IntegrationId> also_in;  // others that have a mail of this Message-ID
};

/// What is noted of a mail once, with its digest.
struct ThreadNote {
  std::string thread;
  std::string message_id;
  std::vector<std::string> keys;
  std::string sender;
};

class Threads {
 public:
  virtual ~Threads() = default;
  /// An answer to each, in their order.
  virtual net::Task<Result<std::vector<ThreadAnswer>>> find(
      std::vector<ThreadQuestion> questions) = 0;
  /// Other integrations that have a mail of this Message-ID now.
  virtual net::Task<Result<std::vector<IntegrationId>>> also_in(std::string message_id,
                                                                IntegrationId integration) = 0;
};

}  // namespace postern::storage
