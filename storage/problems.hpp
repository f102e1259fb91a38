// Problems and the notices of them: what the monitor has made of the event log. A notice is a row
// before it is sent anywhere, in the transaction of the problems it tells of.
#pragma once

#include "core/event.hpp"
#include "core/problem.hpp"
#include "core/profile.hpp"
#include "net/task.hpp"
#include "storage/errc.hpp"
#include "storage/page.hpp"

#include <boost/json/array.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

/// One notice, as it was worded when it became due.
struct NewNotice {
  NoticeKind kind = NoticeKind::failing;
  Instant at;
  std::vector<ProblemKey> problems;
  std::string thread, subject, text;
  boost::json::object data;         // the fields that channels and templates take
  std::vector<ProfileId> profiles;  // told beside the recipients, step by step
  std::optional<NoticeId> parent;   // queue_mail: the notice that a profile's channel tells
};

struct StoredNotice {
  NoticeId id;
  std::string kind;
  Instant at;
  std::vector<ProblemId> problems;
  std::string thread, subject, text;
  boost::json::object data;
  /// due, sent, failed, unsent (nobody to send it to), dropped (there was no use in it any more)
  std::string state;
  int tries = 0;
  boost::json::array channels;  // {channel, ok, detail, at} of each try
};

struct TellingTag {
  static constexpr std::string_view prefix = "tel";
};
using TellingId = Id<TellingTag>;

/// waiting; passed_on (a mail of its own was queued); sent; failed; dropped.
enum class TellingState { waiting, passed_on, sent, failed, dropped };
std::string_view to_string(TellingState state);

/// A notice at one profile: a step that is due, or one channel that is to be told.
struct Telling {
  TellingId id;
  NoticeId notice;
  ProfileId profile;
  int step = 0;
  int channel = -1;  // of the profile; -1: the step itself, which makes one of each channel
  TellingState state = TellingState::waiting;
  Instant due;
  int tries = 0;
  std::string error;
};

struct DueTelling {
  Telling value;
  StoredNotice notice;
  bool overtaken = false;  // a later notice of its thread waits for the same channel
};

/// How one try of a telling ended. `more` follow it, with the same notice and profile.
struct TellingEnd {
  TellingState state = TellingState::sent;  // waiting: again at `due`
  Instant due;
  std::string error;
  std::vector<Telling> more;
  std::optional<boost::json::object> record;  // for the notice's channels
};

/// A channel of a profile that was told in a thread, or is about to be.
struct ChannelBegun {
  int channel = 0;
  bool told = false;
};

/// What the monitor has made of some events.
struct AlertChanges {
  std::vector<Problem> problems;  // id 0: a new row
  std::vector<NewNotice> notices;
  std::vector<NewEvent> events;
  std::string consumer;  // whose cursor moves to `last`, when there is one
  std::optional<EventId> last;
};

struct KeptAlerts {
  std::map<ProblemKey, ProblemId> ids;  // of the new rows
  int notices = 0;
};

struct ProblemFilter {
  std::optional<ProblemState> state;  // none: all that are not closed
  std::optional<IntegrationId> integration;
};

class Problems {
 public:
  virtual ~Problems() = default;

  /// Those that are not closed, and those closed since `since`, for the monitor to go on with.
  virtual net::Task<Result<std::vector<Problem>>> recent(Instant since) = 0;
  /// All of it or nothing.
  virtual net::Task<Result<KeptAlerts>> keep(AlertChanges changes) = 0;
  virtual net::Task<Result<Page<Problem>>> list(ProblemFilter filter, PageRequest page) = 0;
  virtual net::Task<Result<Problem>> get(ProblemId id) = 0;

  /// Notices that are to be sent, oldest first.
  virtual net::Task<Result<std::vector<StoredNotice>>> due_notices(int limit) = 0;
  /// A mail of Postern's own that tells of no problem, to be sent like a notice.
  virtual net::Task<Result<void>> queue_mail(NewNotice mail) = 0;
  /// Whether any notice of this thread was sent: else there is nothing to recover from.
  virtual net::Task<Result<bool>> was_told(std::string thread) = 0;
  virtual net::Task<Result<void>> notice_done(NoticeId id, std::string state, int tries,
                                              boost::json::array channels) = 0;
  /// What is to be told at profiles by `now`, oldest first.
  virtual net::Task<Result<std::vector<DueTelling>>> due_tellings(Instant now, int limit) = 0;
  virtual net::Task<Result<std::optional<Instant>>> next_telling() = 0;
  /// Errors: not_found, wrong_state (it has ended already).
  virtual net::Task<Result<void>> telling_done(TellingId id, TellingEnd end) = 0;
  virtual net::Task<Result<std::vector<ChannelBegun>>> channels_begun(std::string thread,
                                                                      ProfileId profile) = 0;
  /// Steps of this notice that wait for their time have come: a way before them failed.
  virtual net::Task<Result<void>> bring_forward(NoticeId notice, Instant now) = 0;

  virtual net::Task<Result<Page<StoredNotice>>> notices(std::optional<ProblemId> problem,
                                                        PageRequest page) = 0;

  /// How many mails of each integration are quarantined, and how many hand-overs of each target
  /// are parked: what people have to look at.
  virtual net::Task<Result<std::map<IntegrationId, int>>> quarantined() = 0;
  virtual net::Task<Result<std::map<TargetId, int>>> parked() = 0;

  /// Closed problems and ended notices from before `before` go.
  virtual net::Task<Result<void>> forget(Instant before) = 0;
};

}  // namespace postern::storage
