// What happened to an integration, as far as rows tell it, and the transcripts of its sessions.
#pragma once

#include "core/activity.hpp"
#include "core/ids.hpp"
#include "core/transcript.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

/// How many of each kind of row recent() looks at: an integration's newest.
inline constexpr int activity_window = 200;
/// How many acts of people are kept for each integration.
inline constexpr int acts_max = 200;

class ActivityLog {
 public:
  virtual ~ActivityLog() = default;

  /// Events, mails stored (counted by the minute), attempts of sends and hand-overs, acts of
  /// people; newest first, at most activity_window of each.
  virtual net::Task<Result<std::vector<Activity>>> recent(IntegrationId id) = 0;

  /// A person's act, in the background: nobody waits for its row. `key` is given here.
  virtual void add_act(IntegrationId id, Activity act) = 0;

  /// In the place of the former one of its direction, in the background: it shares the commit of
  /// what is written next.
  virtual void keep_transcript(IntegrationId id, Transcript transcript) = 0;
  /// Of the last session that failed in `direction`; empty: the later of both.
  virtual net::Task<Result<std::optional<Transcript>>> transcript(IntegrationId id,
                                                                  std::string direction) = 0;
};

}  // namespace postern::storage
