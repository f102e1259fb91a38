// PlayedImap: a small, honest IMAP4rev1 server with an INBOX and more folders. They outlive every
// connection and every crash of what is tested; `manners` say how it misbehaves from now on.
#pragma once

#include "sim/dialogue.hpp"
#include "sim/world.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace postern::sim {

struct ImapMail {
  std::uint32_t uid = 0;
  std::string bytes;
  Instant internal_date;
  std::set<std::string> flags = {};
  std::uint64_t mod_seq = 1;
  std::uint64_t gmail_id = 0;  // X-GM-MSGID
};

/// One folder; the INBOX is there from the start.
struct ImapFolder {
  std::uint32_t uid_validity = 100, uid_next = 1;
  std::vector<ImapMail> mails;
  std::uint64_t mod_seq = 1;  // HIGHESTMODSEQ
};

/// What is wrong with one mail when it is fetched.
enum class MailFault {
  refused,         // NO to every command that asks for it, and nothing of the others
  not_understood,  // BAD in its place
  left_out,        // OK, and not a word of it
  no_bytes,        // BODY[] NIL
  breaks_inside,   // the connection ends in the middle of it
  breaks_before,   // the connection ends when it is asked for
  silent,          // nothing is said any more when it is asked for
  other_uid,       // told under a UID that is not its own
  twice,           // told twice
  split,           // told in three answers
  false_size,      // RFC822.SIZE is three times its size
  small_size,      // RFC822.SIZE is 1
};

struct ImapManners {
  bool offers_idle = true;
  bool offers_move = true;
  bool offers_uidplus = true;
  std::string refuses;  // a command ("UID STORE") that is answered NO, with these words:
  std::string refusal = "not for you";
  std::string cuts_after;    // a command whose OK does not arrive any more: done, then cut
  bool offers_plain = true;  // else LOGIN
  bool offers_condstore = false, offers_qresync = false;
  bool offers_gmail = false;   // X-GM-EXT-1
  bool tells_uid_next = true;  // at SELECT; STATUS always does
  bool announces = true;       // EXISTS during IDLE
  bool hangs_above = false;    // answers no FETCH of UIDs that are all above its last mail's
  bool refuses_idle = false;   // NO, though it offers it
  bool ends_idle = false;      // OK at once
  bool ignores_idle = false;   // never says "+"
  bool mutes_idle = false;     // says that it is there, tells of no mail and hears nothing
  bool floods_idle = false;    // with untagged lines, without end
  bool greets_with_bye = false;
  bool refuses_login = false;
  std::string login_refusal = "NO [AUTHENTICATIONFAILED] wrong name or password";
  std::size_t logins_at_once = 0;           // a further one is refused, as Dovecot does it; 0: all
  bool falls_silent = false;                // answers nothing any more after the login
  int commands_before_cut = -1;             // of each connection, counted after the login
  std::string last_words;                   // said before that cut
  std::map<std::string, MailFault> faults;  // of mails that hold the text
  std::size_t fetched_before_cut = 0;  // mails, then the line breaks in the middle of one; 0: never
};

class PlayedImap {
 public:
  PlayedImap(World& world, std::string host, std::string user, std::string password);

  /// Serves `host`:993 from now on.
  void serve();

  std::uint32_t deliver(std::string bytes, Instant internal_date);
  std::uint32_t deliver(std::string bytes) { return deliver(std::move(bytes), world_.now()); }
  /// Into another folder, by its name on the wire (modified UTF-7); made when it is not there.
  std::uint32_t deliver_to(const std::string& folder, std::string bytes);
  void make_folder(const std::string& name) { folders_[name]; }
  void remove_folder(const std::string& name) { folders_.erase(name); }
  /// A new UIDVALIDITY, all mails under new UIDs; those connected are cut.
  void renumber();
  void kick();
  /// Says these last words to those in IDLE, and hangs up.
  void dismiss(const std::string& words);
  /// Into the INBOX, under a UID that was passed long ago, and announced to nobody.
  void slip_in(std::uint32_t uid, std::string bytes);
  /// At the INBOX's end and announced, under a UID that is passed, or even another mail's.
  void deliver_under(std::uint32_t uid, std::string bytes);
  /// Somebody deletes a mail; those in IDLE are told.
  void take_away(std::uint32_t uid);
  /// UIDs that are given to no mail.
  void skip_uids(std::uint32_t count) { inbox().uid_next += count; }
  /// The mails get new UIDs under the same UIDVALIDITY.
  void renumber_silently();
  /// Somebody reads a mail.
  void mark(std::uint32_t uid);

  ImapManners manners;
  /// When set, people log in by XOAUTH2 with a token that it takes, and not by password.
  std::function<bool(const std::string& token)> takes_token;

  const std::string& host() const { return host_; }
  ImapFolder& inbox() { return folders_["INBOX"]; }
  std::uint32_t uid_validity() const { return folders_.at("INBOX").uid_validity; }
  const std::vector<ImapMail>& mails() const { return folders_.at("INBOX").mails; }
  std::size_t connected() const { return sessions_.size(); }
  std::size_t logins() const { return logins_; }
  /// How often a folder was opened for more than reading.
  std::size_t selects() const { return selects_; }
  ImapFolder* folder(const std::string& name);
  std::size_t idles() const { return idles_; }
  std::size_t searches() const { return searches_; }
  std::size_t fetches() const { return fetches_; }
  std::size_t bodies() const { return bodies_; }  // told whole
  bool subscribed(const std::string& folder) const { return subscribed_.contains(folder); }
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
  net::Task<bool> tell_mail(Session& session, ImapMail mail, std::size_t sequence);
  std::optional<MailFault> fault_of(const ImapMail& mail) const;
  net::Task<bool> search(Session& session, const std::string& tag, std::string_view arguments);
  net::Task<bool> idle(Session& session, const std::string& tag);
  net::Task<bool> select(Session& session, const std::string& tag, std::string_view name,
                         bool read_only);
  std::optional<std::string> change(Session& session, std::string_view command);
  std::string copy(Session& session, std::string_view arguments, bool moves);
  static std::string expunge(ImapFolder& folder, const std::set<std::uint32_t>& uids);
  net::Task<void> be_silent(Session& session);
  net::Task<bool> enable(Session& session, const std::string& tag);
  net::Task<bool> fetch_changed(Session& session, const std::string& tag,
                                std::string_view arguments);
  static std::string changes_since(const ImapFolder& folder, std::uint64_t mod_seq);
  std::string news(Session& session) const;
  static std::set<std::uint32_t> uids_in(const ImapFolder& folder, std::string_view set);
  std::uint32_t put(const std::string& name, std::string bytes, Instant internal_date);
  const ImapFolder& selected(const Session& session) const;
  std::string capabilities() const;

  World& world_;
  std::string host_, user_, password_;
  std::map<std::string, ImapFolder> folders_{{"INBOX", {}}};
  std::set<std::shared_ptr<Session>> sessions_;  // shared with what is still said to them
  std::size_t logins_ = 0, idles_ = 0, selects_ = 0, searches_ = 0, fetches_ = 0, bodies_ = 0;
  std::set<std::string> subscribed_;
  Duration longest_idle_{0}, last_silence_{0};
  std::string foul_;
};

}  // namespace postern::sim
