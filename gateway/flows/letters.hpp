// Letters: the mails that Postern writes by itself, and by which way each goes.
//
// By the integration that was wished for, else the default one; never by one that the letter tells
// of, nor by one with the same server and login, nor by one whose sending fails; else by the alert
// transport of the configuration. One try is made here; what is tried again is notice_post's.
#pragma once

#include "flows/context.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::flows {

class Hub;

/// Of every mail that Postern writes by itself: that it was sent is no news (event_actions).
inline constexpr std::string_view notice_tag = "postern:notice";

namespace limits {
inline constexpr Duration notice_by_integration = std::chrono::seconds(30);
/// So long an integration that failed a notice is passed over where there is another way; and
/// where there is none, one that refused the login: asked more often it locks the account.
inline constexpr Duration notice_detour = std::chrono::minutes(15);
inline constexpr Duration notice_after_refusal = std::chrono::hours(1);
}  // namespace limits

/// What a mail of Postern's own must not go by.
struct Avoided {
  std::vector<IntegrationId> integrations;
  std::vector<std::pair<std::string, std::string>> logins;  // server, login
};

/// What stands under "avoid" in a notice's data.
Avoided avoided_by(const boost::json::object& data);

/// Why this integration may not carry such a mail; nothing when it may.
std::optional<std::string> unfit_for_notice(const storage::StoredIntegration& stored,
                                            const Avoided& avoided);

/// The same for the state its sending is in: failing, or having failed a notice lately.
/// `other_way`: there is an alert transport.
std::optional<std::string> fails_to_send(const storage::StoredIntegration& stored, bool other_way,
                                         Instant now);

struct Letter {
  NoticeId notice;  // shown in the mail's header
  std::string key;  // the same mail is sent once, also when the end of a send was lost in a crash
  std::vector<std::string> to, cc;
  std::string subject, text, html;
  std::string thread;  // mails of one thread refer to one another; empty: none
  std::string wished;  // the integration to send by, id or name; empty: the default one
  Avoided avoided;
};

/// How it went, way by way.
struct LetterEnd {
  bool sent = false;
  std::string why_not_first;  // why the way that comes first was not taken
  boost::json::array tries;   // {channel, ok, detail, at}
};

class Letters {
 public:
  Letters(Hub& hub, Context& context) : hub_(hub), context_(context) {}

  net::Task<LetterEnd> send(Letter letter);

 private:
  net::Task<bool> by_integration(const Letter& letter, LetterEnd& end);
  net::Task<bool> send_by(const Letter& letter, const Integration& integration, LetterEnd& end);
  net::Task<bool> by_transport(const Letter& letter, LetterEnd& end);
  net::Task<Result<void>> transmit(const Letter& letter, const LetterEnd& end, std::string sender);
  void tried(const Letter& letter, LetterEnd& end, const std::string& channel, bool ok,
             const std::string& detail);

  Hub& hub_;
  Context& context_;
};

}  // namespace postern::flows
