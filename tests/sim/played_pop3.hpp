// PlayedPop3: a small, honest POP3 server with one maildrop. The maildrop outlives every connection
// and every crash of what is tested; `manners` say how it misbehaves from now on.
#pragma once

#include "sim/dialogue.hpp"
#include "sim/world.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace postern::sim {

struct PopMail {
  std::string uid;
  std::string bytes;
};

struct PopManners {
  bool has_uidl = true;
  bool has_top = true;
  bool knows_capa = true;
  bool refuses_login = false;
  bool is_in_use = false;                  // by somebody else
  bool falls_silent = false;               // answers nothing any more after the login
  bool drips = false;                      // a byte every 30 s after the login
  std::size_t retrieved_before_cut = 0;    // mails, then the line breaks within one; 0: never
  std::set<std::string> cuts_at, refuses;  // mails by uid: the line breaks, or -ERR
  std::set<std::string> keeps;             // mails by uid: -ERR to DELE
  std::set<std::string> belittles;         // mails by uid: LIST says they have ten bytes
  bool cuts_at_quit = false;               // before it removes anything
  bool cuts_after_update = false;          // it removes, and says nothing of it
  std::string quit_refusal;                // -ERR in these words, and it removes nothing
  std::string greeting = "ready";
};

class PlayedPop3 {
 public:
  PlayedPop3(World& world, std::string host, std::string user, std::string password);

  /// Serves `host`:995 from now on.
  void serve();

  /// Gives the unique-id.
  std::string deliver(std::string bytes);
  /// Somebody else's doing.
  void remove(const std::string& uid);
  /// All mails under new unique-ids.
  void renumber();

  PopManners manners;

  const std::string& host() const { return host_; }
  const std::vector<PopMail>& mails() const { return mails_; }
  std::size_t logins() const { return logins_; }
  std::size_t retrieved() const { return retrieved_; }
  std::size_t deletions_asked() const { return deletions_asked_; }
  std::size_t most_at_once() const { return most_at_once_; }
  /// How long the last connection lasted that was treated badly.
  Duration last_silence() const { return last_silence_; }
  const std::string& foul() const { return foul_; }  // a command that is none

 private:
  struct Session;
  net::Task<void> play(std::unique_ptr<net::Stream> stream);
  net::Task<bool> log_in(Session& session, const std::string& command);
  net::Task<bool> obey(Session& session, const std::string& command);
  net::Task<bool> retrieve(Session& session, std::size_t index, bool head);
  net::Task<bool> quit(Session& session);
  net::Task<void> be_slow(Session& session);
  std::string capabilities() const;

  World& world_;
  std::string host_, user_, password_;
  std::vector<PopMail> mails_;
  int next_uid_ = 1;
  std::size_t logins_ = 0, retrieved_ = 0, deletions_asked_ = 0, at_once_ = 0, most_at_once_ = 0;
  Duration last_silence_{0};
  std::string foul_;
};

}  // namespace postern::sim
