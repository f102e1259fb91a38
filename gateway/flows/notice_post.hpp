// NoticePost: sends the notices that are due by mail, and every mail that Postern writes by itself.
//
// A notice is a row before (storage/problems), so a crash sends it again rather than not at all.
// What can't be sent is tried again for days, and several that could not be sent go out as one
// summary when there is a way again. By which way: letters.
#pragma once

#include "flows/letters.hpp"
#include "net/wake.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace postern::flows {

namespace limits {
inline constexpr Duration notice_first_retry = std::chrono::minutes(1);
inline constexpr Duration notice_retry_max = std::chrono::minutes(15);
inline constexpr Duration notice_for = std::chrono::hours(24 * 7);
inline constexpr int notices_at_once = 200;
inline constexpr std::size_t summary_texts_max = 20;  // in full; of the others the subject
}  // namespace limits

/// The name under which mail is told of as a channel.
inline constexpr std::string_view mail_channel = "mail";

/// Of a failure that is over before it could be told, and of a recovery from one that was told to
/// nobody, nobody need hear.
net::Task<bool> of_no_use(Context& context, const storage::StoredNotice& notice);

/// Whether the notice tells that this channel fails.
bool is_about_channel(const storage::StoredNotice& notice, std::string_view channel);

class NoticePost {
 public:
  /// `channel_told`: how a way of sending did, by its name; for a problem of its own.
  using ChannelTold = std::function<void(std::string channel, bool ok, std::string detail)>;

  NoticePost(Hub& hub, Context& context, boost::asio::any_io_executor executor,
             ChannelTold channel_told);

  /// As long as nobody cancels it; `recipients` may change meanwhile.
  net::Task<void> run();
  void notify() { wake_.notify(); }
  /// Before the first call nothing is sent: it is not known yet to whom.
  void set_recipients(std::vector<std::string> recipients);

 private:
  /// One that waits for a way, in company.
  struct Late {
    storage::StoredNotice notice;
    bool over = false;   // what it tells of
    bool rides = false;  // along with a mail by the account whose sending it tells of
  };
  using Company = std::vector<Late>;

  net::Task<Duration> look();
  net::Task<bool> post(storage::StoredNotice notice);
  net::Task<bool> post_late(Company company, bool sent, Duration& pause);
  net::Task<bool> post_summary(Company company);
  net::Task<void> end(storage::StoredNotice& notice, std::string state,
                      const boost::json::array& tries);
  net::Task<void> told_first_failure(const storage::StoredNotice& notice);
  Letter letter_of(const storage::StoredNotice& notice) const;
  bool waits(const storage::StoredNotice& notice, Duration& pause) const;

  Context& context_;
  Letters letters_;
  net::Wake wake_;
  ChannelTold channel_told_;
  std::optional<std::vector<std::string>> recipients_;
  std::map<NoticeId, Duration> not_before_;  // by the steady clock
};

}  // namespace postern::flows
