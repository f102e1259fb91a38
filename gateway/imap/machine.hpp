// The inside of Session: its states, and who may be answered by what. Private to the .cpp files
// session (commands), machine (sending, frames, completions), machine_login (greeting to login),
// machine_prepare (login to Ready) and machine_data (untagged responses).
#pragma once

#include "imap/framer.hpp"
#include "imap/mail_gathering.hpp"
#include "imap/pending.hpp"
#include "imap/response.hpp"

#include <list>
#include <optional>
#include <string>
#include <vector>

namespace postern::imap {

class Session::Machine {
 public:
  static constexpr std::size_t fetches_max = 2;        // on the way at once
  static constexpr int noise_before_ready_max = 1000;  // responses between two tagged ones
  static constexpr int noise_max = 100000;
  static constexpr int challenges_max = 4;  // in one login

  explicit Machine(Options options) : options_(std::move(options)) {}

  Result<Step> next();
  void receive(std::string_view bytes);
  void end_of_input() { input_ended_ = true; }
  bool alive() const { return !failure_ && state_ != State::closed; }
  bool busy() const { return !queue_.empty() || !sent_.empty(); }
  const Capabilities& capabilities() const { return capabilities_; }
  std::uint32_t exists() const { return exists_; }
  bool enabled(std::string_view extension) const;
  std::string_view select_parameters() const;
  bool mod_sequences() const;

  CommandId queue(Pending pending);
  void end_idle();

 private:
  // State        | event                     | next state
  // greeting     | OK, TLS demanded          | plain (CAPABILITY, STARTTLS sent)
  // greeting     | OK                        | login
  // greeting     | PREAUTH                   | logged_in
  // plain        | OK to STARTTLS            | handshake (StartTls)
  // handshake    | next(): the driver is done | login
  // login        | OK to the login command   | logged_in
  // logged_in    | capabilities known        | preparing (ID, ENABLE, COMPRESS, as fits)
  // preparing    | OK to COMPRESS            | compressing (StartCompression)
  // compressing  | next(): the driver is done| ready (Ready)
  // preparing    | nothing left to ask for   | ready (Ready)
  // ready        | queued commands           | ready
  // any          | OK to LOGOUT, or its EOF  | closed (Closed)
  // any          | an error that ends it     | failure_ set
  enum class State {
    greeting,
    plain,
    handshake,
    login,
    logged_in,
    preparing,
    compressing,
    ready,
    closed
  };

  Result<Step> advance();
  bool goes_on(const Error& error) const;
  Result<void> turn();
  void start_queued();
  bool may_start(const Pending& pending) const;
  void send(Pending pending);
  void send_part(Pending& pending);
  Result<void> at_end_of_input();

  bool resting() const;

  Result<void> take_frame(const Frame& frame);
  Result<void> take(Response response);
  Result<void> take_literal(const LiteralBegin& literal);
  Result<void> take_continuation(const Continuation& continuation);
  Result<void> take_tagged(const Tagged& tagged);
  Result<void> complete(Pending& pending, const Status& status);
  Result<void> complete_select(Pending& pending, const Status& status);
  void complete_copy(Pending& pending, const Status& status, std::optional<Error> error);
  void complete_append(const Pending& pending, const Status& status, std::optional<Error> error);
  Result<void> count_noise();

  // machine_login
  Result<void> take_greeting(std::string_view text);
  Result<void> before_login();
  Result<void> start_tls_or_login();
  Result<void> send_login(LoginWay way);
  Result<void> answer_challenge(Pending& login, const Continuation& continuation);
  Result<void> complete_before_ready(const Pending& pending, const Status& status);
  Result<void> complete_starttls(const Status& status);
  Result<void> complete_login(const Status& status);
  Result<void> after_login();
  void take_capabilities(const std::vector<std::string>& names);

  // machine_prepare
  Result<void> prepare();
  bool ask_for_id();
  bool enable_extensions();
  bool ask_for_compression();
  Result<void> complete_preparation(const Pending& pending, const Status& status);
  void take_enabled(const EnabledList& list);
  void take_server_id(const ServerId& id);
  Result<void> become_ready();
  Dialect dialect() const { return {literals_of(capabilities_), enabled("UTF8=ACCEPT")}; }

  // machine_data
  Result<void> take_status(const Status& status);
  static void take_copied(Pending& pending, const Status& status);
  void take_selecting(Selected& selected, const Status& status);
  Result<void> take_data(Response& response);
  void take_answer(Response& response);
  void take_vanished(Vanished& vanished);
  Result<void> take_fetch(FetchResponse& fetch);
  Result<void> take_unsolicited_fetch(const FetchResponse& fetch);
  Result<void> check_body(const Pending* fetch, const FetchedBody& body) const;
  std::uint64_t body_bytes_max();
  void tell_quoted_body(FetchResponse& fetch);
  void change(MailboxChanged change);
  void take_exists(std::uint32_t count);
  Pending* running(CommandKind kind);

  void tell(Step step) { told_.push_back(std::move(step)); }
  bool logged_in() const { return state_ >= State::logged_in; }
  bool believes() const { return state_ != State::greeting && state_ != State::plain; }

  Options options_;
  State state_ = State::greeting;
  std::optional<Error> failure_;
  Framer framer_;
  bool input_ended_ = false;
  std::optional<char> first_byte_;  // of the connection

  std::vector<Step> told_;  // steps not yet given out, from told_next_ on
  std::size_t told_next_ = 0;

  CommandId last_id_ = 0;
  // Lists: an empty deque takes 576 bytes, and most sessions are in IDLE most of the time.
  std::list<Pending> queue_;  // not sent yet
  std::list<Pending> sent_;   // not answered yet, oldest first
  int noise_ = 0;

  std::string greeting_, server_id_;
  std::vector<std::string> enabled_;  // of those we asked for, in upper case
  std::size_t prepared_ = 0;          // steps of the preparation that are behind us
  Capabilities capabilities_;
  bool capabilities_fresh_ = false;  // told in the state we are in
  std::optional<LoginWay> login_way_;
  std::string login_response_, login_error_answer_;
  std::string login_challenge_;  // the error a challenge carried
  int challenges_ = 0;

  std::uint32_t exists_ = 0;
  bool logging_out_ = false;

  MailGathering gathering_;
  bool body_skipped_ = false;  // the literal under way is over the limit
  std::string quoted_body_;    // keeps the bytes of a FetchedPiece that was no streamed literal
};

}  // namespace postern::imap
