// NoticePost: sends the notices that are due, and every mail that Postern writes by itself.
//
// By the integration that was wished for, else the default one; never by one that a notice tells
// of, nor by one with the same server and login, nor by one whose sending fails; else by the alert
// transport of the configuration. A notice is a row before (storage/problems), so a crash sends it
// again rather than not at all; what can't be sent is tried again for a day.
#pragma once

#include "flows/context.hpp"
#include "net/scope.hpp"
#include "net/wake.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace postern::flows {

class Hub;

/// Of every mail that Postern writes by itself: that it was sent is no news (event_actions).
inline constexpr std::string_view notice_tag = "postern:notice";

namespace limits {
inline constexpr Duration notice_by_integration = std::chrono::seconds(30);
inline constexpr Duration notice_first_retry = std::chrono::minutes(1);
inline constexpr Duration notice_retry_max = std::chrono::minutes(30);
inline constexpr Duration notice_for = std::chrono::hours(24);
inline constexpr int notices_at_once = 50;
}  // namespace limits

/// What a mail of Postern's own must not go by.
struct Avoided {
  std::vector<IntegrationId> integrations;
  std::vector<std::pair<std::string, std::string>> logins;  // server, login
};

/// Why this integration may not carry such a mail; nothing when it may.
std::optional<std::string> unfit_for_notice(const storage::StoredIntegration& stored,
                                            const Avoided& avoided);

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
  struct Attempt;
  net::Task<Duration> look();
  net::Task<void> post(storage::StoredNotice notice);
  net::Task<bool> by_integration(Attempt& attempt);
  net::Task<bool> send_by(Attempt& attempt, const Integration& integration);
  net::Task<bool> by_transport(Attempt& attempt);
  net::Task<Result<void>> transmit(Attempt& attempt, std::string sender);
  net::Task<bool> of_no_use(const storage::StoredNotice& notice);
  void tried(Attempt& attempt, std::string channel, bool ok, std::string detail);

  Hub& hub_;
  Context& context_;
  net::Wake wake_;
  ChannelTold channel_told_;
  std::optional<std::vector<std::string>> recipients_;
  std::map<NoticeId, Duration> not_before_;  // by the steady clock
};

}  // namespace postern::flows
