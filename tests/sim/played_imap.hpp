// PlayedImap: a small, honest IMAP4rev1 server with one mailbox. Its mailbox outlives every
// connection and every crash of what is tested; `manners` say how it misbehaves from now on.
#pragma once

#include "sim/dialogue.hpp"
#include "sim/world.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace postern::sim {

struct ImapMail {
  std::uint32_t uid = 0;
  std::string bytes;
  Instant internal_date;
};

struct ImapManners {
  bool offers_idle = true;
  bool offers_plain = true;    // else LOGIN
  bool tells_uid_next = true;  // at SELECT; STATUS always does
  bool announces = true;       // EXISTS during IDLE
  bool greets_with_bye = false;
  bool refuses_login = false;
  bool falls_silent = false;           // answers nothing any more after the login
  int commands_before_cut = -1;        // of each connection, counted after the login
  std::size_t fetched_before_cut = 0;  // mails, then the line breaks in the middle of one; 0: never
};

class PlayedImap {
 public:
  PlayedImap(World& world, std::string host, std::string user, std::string password);

  /// Serves `host`:993 from now on.
  void serve();

  std::uint32_t deliver(std::string bytes, Instant internal_date);
  std::uint32_t deliver(std::string bytes) { return deliver(std::move(bytes), world_.now()); }
  /// A new UIDVALIDITY, all mails under new UIDs; those connected are cut.
  void renumber();
  void kick();

  ImapManners manners;

  const std::string& host() const { return host_; }
  std::uint32_t uid_validity() const { return uid_validity_; }
  const std::vector<ImapMail>& mails() const { return mails_; }
  std::size_t connected() const { return sessions_.size(); }
  std::size_t logins() const { return logins_; }
  std::size_t idles() const { return idles_; }
  Duration longest_idle() const { return longest_idle_; }
  /// How long the server was silent until the other end hung up, the last time that it was.
  Duration last_silence() const { return last_silence_; }
  const std::string& foul() const { return foul_; }  // a command that a reader must not give

 private:
  struct Session;
  net::Task<void> play(std::unique_ptr<net::Stream> stream);
  net::Task<bool> log_in(Session& session, const std::string& tag, std::string_view command);
  net::Task<bool> obey(Session& session, const std::string& tag, std::string_view command);
  net::Task<bool> fetch(Session& session, const std::string& tag, std::string_view arguments);
  net::Task<bool> search(Session& session, const std::string& tag, std::string_view arguments);
  net::Task<bool> idle(Session& session, const std::string& tag);
  net::Task<bool> select(Session& session, const std::string& tag);
  net::Task<void> be_silent(Session& session);
  std::string news(Session& session) const;
  std::set<std::uint32_t> uids_in(std::string_view set) const;
  std::string capabilities() const;

  World& world_;
  std::string host_, user_, password_;
  std::uint32_t uid_validity_ = 100, uid_next_ = 1;
  std::vector<ImapMail> mails_;
  std::set<std::shared_ptr<Session>> sessions_;  // shared with what is still said to them
  std::size_t logins_ = 0, idles_ = 0;
  Duration longest_idle_{0}, last_silence_{0};
  std::string foul_;
};

}  // namespace postern::sim
