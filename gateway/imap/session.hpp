// One IMAP connection as a state machine without I/O, from greeting to LOGOUT.
//
// The driver owns the stream and the clock: it calls next() and does what the step says. The
// session owns the dialogue: STARTTLS, login, tags, literals, IDLE, pipelined FETCH. Nothing said
// before TLS is believed; referrals are never followed. Policy (retry, limits in time, which
// UIDs) belongs to flows/. RFC 9051, RFC 3501, RFC 2177, RFC 4959, RFC 6851, RFC 7162, RFC 7888,
// RFC 2971, RFC 4978, RFC 5161, RFC 6855.
#pragma once

#include "imap/login.hpp"
#include "imap/search.hpp"
#include "imap/steps.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace postern::imap {

enum class Tls {
  established,    // the stream is TLS from its first byte (port 993)
  must_starttls,  // plain until STARTTLS; no TLS, no login
  none,           // plain for ever; a password only with allow_plain_password
};

/// Who we are (RFC 2971); printable ASCII without quotes and backslashes.
struct ClientId {
  std::string name, version;
};

struct Options {
  Tls tls = Tls::established;
  Credentials credentials;
  bool allow_plain_password = false;
  std::string folder;      // UTF-8; selected right after the login; empty: none
  bool read_only = false;  // EXAMINE instead of SELECT for `folder`
  std::uint64_t body_bytes_max = 50 * 1024 * 1024;  // a larger one is skipped, not an error
  ClientId client;             // told to servers that offer ID; empty: nothing is told
  bool mod_sequences = false;  // QRESYNC, else CONDSTORE, switched on where offered
  bool compress = false;       // COMPRESS=DEFLATE where offered: StartCompression before Ready
};

enum class Access { read_write, read_only };

/// What is known of a folder from an earlier session, for a select() that tells the differences.
struct KnownState {
  std::uint32_t uid_validity = 0;
  std::uint64_t mod_seq = 0;  // the HIGHESTMODSEQ of then
};

/// What a fetch asks for beside UID; the body comes last and is PEEKed: no \Seen is set.
struct FetchItems {
  bool internal_date = true;
  bool rfc822_size = true;
  bool flags = true;
  bool body = true;  // BODY.PEEK[]
  // These two are asked for only where the server has them (CONDSTORE or QRESYNC in use;
  // X-GM-EXT-1).
  bool mod_seq = false;
  bool gmail_message_id = true;
  bool any_size = false;  // body_bytes_max does not count

  /// Everything but the body.
  static FetchItems facts() { return {true, true, true, false, true, true, false}; }
};

/// A message for append(). Its bytes are given when SendBody asks for them.
struct NewMessage {
  std::uint64_t size_bytes = 0;
  std::string flags;                     // "\Seen $Done"; empty: none
  std::optional<Instant> internal_date;  // nothing: the time of the server
  bool utf8_header = false;              // its header fields hold UTF-8 (RFC 6532)
};

/// The loop of a driver:
///
///     for (;;) {
///       POSTERN_CO_TRY(auto step, session.next());
///       NeedInput → read, receive(bytes) or end_of_input();  Send → write;  StartTls → handshake;
///       anything else is news: handle it, queue commands, go on.
///     }
///
/// Commands may be queued at any time, also before Ready; they are sent in order, one after the
/// other, except that two fetches may be on the way at once (the second is sent while the first's
/// answer still streams). Each gives the id that its …Done step carries.
///
/// An Error from next() ends the session (alive() is false, each further next() gives it again),
/// but for those of is_refusal() (refusal.hpp), which in a session that was Ready answer a
/// select(): another may be queued. Other commands the server refuses are told in their …Done step
/// and end nothing; the error's code is the response code's where there is one (over_quota,
/// folder_to_create, …), else command_refused. Commands that say "not_supported" look at the
/// capabilities, as do search(), list() and status(): queue them after Ready.
class Session {
 public:
  static constexpr std::uint64_t header_bytes_max = 64 * 1024;  // of a fetched header

  explicit Session(Options options);
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  /// What to do or to know next. Errors: any of errc but those of the commands below.
  Result<Step> next();

  /// Takes bytes read from the stream; they are copied. Call it only after NeedInput.
  void receive(std::string_view bytes);

  /// The stream ended: what came is still told, then comes Closed or connection_closed.
  void end_of_input();

  bool alive() const;
  /// Whether a queued command is not yet answered (IDLE too).
  bool busy() const;
  const Capabilities& capabilities() const;
  /// Whether ENABLE switched it on: "QRESYNC", "CONDSTORE", "UTF8=ACCEPT".
  bool enabled(std::string_view extension) const;

  /// SELECT or EXAMINE → Selected, or from next() the Error folder_missing, command_refused or one
  /// by code (a trouble that passes: alive() tells it from one that ends the session),
  /// not_connected, throttled. Another folder may be selected at any time; after a refusal none is.
  /// `folder` in UTF-8. Errors: bad_argument (CR, LF, NUL, not UTF-8).
  Result<CommandId> select(std::string_view folder, Access access);

  /// The same, and the server tells what changed since `known`: MailboxChanged vanished_earlier,
  /// and flags with their facts, before Selected. With another UIDVALIDITY it tells nothing.
  /// Errors: bad_argument, not_supported (QRESYNC is not enabled). Source: RFC 7162 §3.2.5.
  Result<CommandId> select(std::string_view folder, Access access, KnownState known);

  /// Leaves the folder, removing nothing → CommandDone. Errors: not_supported (no UNSELECT).
  Result<CommandId> unselect();

  /// UID FETCH → (FetchStarted, FetchedPiece…)? FetchedMail …, FetchDone.
  ///
  /// A server may tell mails not asked for: `999:*` always gives the last one, even if its UID is
  /// below 999 (RFC 9051 §9, seq-range), so the caller filters by UID. Errors: bad_argument
  /// (an empty set, or one of over 8,000 bytes as text: ask in parts).
  Result<CommandId> fetch(const NumberSet& uids, FetchItems items);
  /// UID FETCH first:*; the caller filters, see above.
  Result<CommandId> fetch_from(std::uint32_t first_uid, FetchItems items);

  /// UID FETCH … (CHANGEDSINCE mod_seq): messages changed after it, as fetch(); with QRESYNC
  /// enabled also MailboxChanged vanished_earlier. Errors: bad_argument, not_supported (CONDSTORE
  /// is not in use: see Options::mod_sequences). Source: RFC 7162 §3.1.4.1, §3.2.6.
  Result<CommandId> fetch_changed(const NumberSet& uids, std::uint64_t mod_seq, FetchItems items);

  /// UID FETCH of some header fields ("Message-ID"); the body told is that header text, and one
  /// over header_bytes_max is skipped. `items.body` does not count. Steps as for fetch().
  /// Errors: bad_argument (also a name that is none).
  Result<CommandId> fetch_headers(const NumberSet& uids, const std::vector<std::string>& fields,
                                  FetchItems items);

  /// FETCH of From, Subject, Date and Message-ID header fields of the newest `count` messages of
  /// the selected folder, by its EXISTS: the body told is that header text. Steps as for fetch().
  /// Errors: bad_argument (no folder selected, an empty one, count 0).
  Result<CommandId> fetch_newest_headers(std::uint32_t count);

  /// UID SEARCH `criteria` → SearchDone. `criteria` is sent as is ("UID 1:5000 SINCE 1-Jan-2026"):
  /// never from outside. A plain answer is bounded by the 64 KiB of a line, so search windows of at
  /// most 5,000 UIDs where the server has no ESEARCH. Errors: bad_argument.
  Result<CommandId> search(std::string_view criteria);
  /// The same with criteria from anywhere. Some servers (Yahoo) answer HEADER searches wrong: look
  /// at what was found before anything is done with it. Errors: bad_argument.
  Result<CommandId> search(const SearchCriteria& criteria);

  /// STATUS (MESSAGES UIDNEXT UIDVALIDITY UNSEEN [HIGHESTMODSEQ]) → StatusDone; of another folder
  /// than the selected. Errors: bad_argument.
  Result<CommandId> status(std::string_view folder);

  CommandId noop();        // → MailboxChanged…, CommandDone
  CommandId capability();  // → CommandDone, then capabilities()
  CommandId logout();      // → Closed

  /// LIST "" pattern → ListedFolder…, CommandDone. `pattern` in UTF-8, "*" is all. Special uses
  /// (\Sent, \Trash; special_use.hpp) are asked for where offered, by XLIST on servers that have
  /// nothing better (Yandex). Errors: bad_argument.
  Result<CommandId> list(std::string_view pattern);

  /// NAMESPACE → NamespaceDone. Errors: not_supported. RFC 2342.
  Result<CommandId> name_spaces();

  /// CREATE → CommandDone, its error folder_exists where the server says so by code.
  /// Errors: bad_argument.
  Result<CommandId> create(std::string_view folder);

  /// SUBSCRIBE → CommandDone: mail programs show a new folder to people only then.
  /// Errors: bad_argument.
  Result<CommandId> subscribe(std::string_view folder);

  /// APPEND → SendBody (when the server is ready for it), AppendDone. A refused one may come
  /// without SendBody. Errors: bad_argument (also a size of 0), too_large (over the server's
  /// APPENDLIMIT). RFC 3501 §6.3.11, RFC 7889.
  Result<CommandId> append(std::string_view folder, const NewMessage& message);

  /// IDLE → IdleStarted, MailboxChanged…, CommandDone after done() or when the server ends it.
  /// Errors: not_supported. RFC 2177.
  Result<CommandId> idle();
  /// Ends IDLE; harmless when none runs; also right when IdleStarted has not come yet.
  void done();

  /// UID STORE +FLAGS.SILENT ("\Seen", "\Deleted", a keyword) → CommandDone. Errors: bad_argument.
  Result<CommandId> add_flags(const NumberSet& uids, std::string_view flags);
  /// UID STORE -FLAGS.SILENT, as above.
  Result<CommandId> remove_flags(const NumberSet& uids, std::string_view flags);
  /// UID COPY → CopyDone. Errors: bad_argument.
  Result<CommandId> copy(const NumberSet& uids, std::string_view folder);
  /// UID MOVE → CopyDone. Errors: bad_argument, not_supported (no MOVE, RFC 6851).
  Result<CommandId> move(const NumberSet& uids, std::string_view folder);
  /// UID EXPUNGE → CommandDone. Errors: bad_argument, not_supported (no UIDPLUS, RFC 4315: a plain
  /// EXPUNGE would remove what others marked).
  Result<CommandId> expunge(const NumberSet& uids);
  /// EXPUNGE of everything anyone marked \Deleted → CommandDone, for servers without UIDPLUS, when
  /// a person has asked for just that. Errors: not_supported (UIDPLUS is there: use expunge()).
  Result<CommandId> expunge_all_deleted();

 private:
  FetchItems offered(FetchItems items) const;
  Command search_command() const;

  class Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace postern::imap
