// Channels: how a notification profile is told: its steps, its quiet hours, its channels. Used by
// the actions of event rules (event_actions) and, as Channels, by the monitor's notices.
//
// No channel waits for another: each telling is a row that is due at a time, and one of each
// channel is under way at once. Mail is passed on to notice_post. A way that fails brings the steps
// forward that were to follow, and is told to the monitor, which makes a problem of it.
#pragma once

#include "flows/action_calls.hpp"
#include "flows/actions.hpp"
#include "flows/context.hpp"
#include "net/scope.hpp"
#include "net/wake.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace postern::flows {

/// What follows when a step of a profile is due.
struct StepTold {
  std::vector<std::pair<std::size_t, Instant>> channels;  // each when it may be told
  std::optional<Instant> next;                            // when the next step is due
};

/// `step` is a place in profile.steps. Pure.
StepTold tell_step(const Profile& profile, std::size_t step, Instant now);

/// As the list of problems names a channel: "duty: phone"; for mail "mail", whatever the profile.
std::string told_name(const Profile& profile, std::size_t channel);

/// The notice as an action tells it.
ActionNotice action_notice(const storage::StoredNotice& notice, const std::string& public_url);

/// Tells notices at profiles.
class Channels {
 public:
  using ChannelTold = std::function<void(std::string channel, bool ok, std::string detail)>;

  Channels(Context& context, boost::asio::any_io_executor executor, ChannelTold channel_told);

  void start();
  /// Returns when nothing runs any more.
  net::Task<void> stop();
  void notify() { wake_.notify(); }

 private:
  using Lane = std::pair<ProfileId, int>;

  net::Task<void> run();
  net::Task<Result<Duration>> start_due();
  net::Task<void> attempt(storage::DueTelling due);
  net::Task<Result<storage::TellingEnd>> carry_out(const storage::DueTelling& due);
  net::Task<Result<storage::TellingEnd>> begin_step(const storage::DueTelling& due,
                                                    const Profile& profile);
  net::Task<Result<storage::TellingEnd>> tell(const storage::DueTelling& due,
                                              const Profile& profile);
  net::Task<Result<std::string>> why_not(const storage::DueTelling& due, const Profile& profile);
  net::Task<bool> is_taken_up(const storage::StoredNotice& notice);

  Context& context_;
  net::Wake wake_;
  ChannelTold channel_told_;
  std::set<Lane> under_way_;
  net::Scope scope_;
};

}  // namespace postern::flows
