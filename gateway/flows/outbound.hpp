// Outbound: sends the deliveries of one integration, over at most connections_max connections that
// are kept for the next mail.
//
// Order of rows and deeds: the attempt's row first, then the mail's final dot, then its result, and
// in the same transaction the attempt of the next. While that transaction goes to the disk, the
// next mail is already said, up to its final dot: a line never waits for the disk alone. Where all
// lanes are busy and the server has PIPELINING, the next mail's MAIL, RCPT and DATA leave behind
// the final dot itself, so that a mail costs one way to the server and back; it is nobody's attempt
// yet and goes to another lane where this one waits for long. After the final dot nobody but the
// server's own 250 says "sent".
#pragma once

#include "flows/clock_watch.hpp"
#include "flows/context.hpp"
#include "flows/pace.hpp"
#include "flows/smtp_link.hpp"
#include "flows/status_board.hpp"
#include "net/errand.hpp"
#include "net/wake.hpp"

#include <functional>
#include <list>
#include <set>

namespace postern::flows {

/// How one attempt ended: the outcome to keep, and what it says of the integration.
struct SendResult {
  DeliveryOutcome outcome;  // of those the attempt was for
  bool taken = false;       // the server took it, for one recipient or more
  bool connection_usable = false;
  bool withdrawn = false;      // its attempt was refused before the final dot: nothing to keep
  std::optional<Error> fault;  // the integration's own
  std::string step;
  Verdict verdict;
  std::vector<std::string> notes;        // for the delivery
  std::optional<Transcript> transcript;  // of what did not end well
};

class Outbound {
 public:
  /// `scope` runs the lanes and outlives this.
  /// `copy_due` is told that a sent mail waits for its copy in the Sent folder.
  Outbound(Context& context, const Integration& integration, const IntegrationSecrets& secrets,
           StatusBoard& board, net::Scope& scope, std::function<void()> copy_due);

  /// On the scope's executor, as all that follows.
  void start() { errand_.start(); }
  void queued() { errand_.notify(); }
  /// Tries now, whatever the back-off.
  void act_now();

  /// One attempt of a sync delivery on a connection of its own.
  net::Task<Result<Delivery>> send_now(DeliveryId id, Duration limit);

 private:
  /// What became of a mail's result and, in the same transaction, of the next one's attempt.
  struct Recorded {
    std::optional<Error> error;     // why the result was not kept
    std::optional<Delivery> begun;  // the next one
  };
  /// A mail that is due, and its bytes where they were read ahead.
  struct Mail {
    Delivery delivery;
    std::optional<std::string> bytes;
    bool recoded = false;  // to 7 bits, for this server
  };
  /// That transaction on its way, while the next mail is being said.
  struct Turnover {
    Turnover(net::Env& env, boost::asio::any_io_executor executor)
        : ended(env, std::move(executor)) {}
    std::optional<Recorded> recorded;
    net::Wake ended;
  };

  /// Said behind the end of the mail that `link` is sending.
  struct LinedUp {
    Mail mail;
    const SmtpLink* link;
    Duration since;  // Env::steady()
  };

  // outbound_lined_up.cpp
  std::string line_up(SmtpLink& link);
  std::optional<Mail> take_lined_up(const SmtpLink* link);
  void put_back(Mail mail);
  void take_back_waiting();
  bool lane_to_spare() const;
  void learn_of_line_up(const Result<smtp::TransactionDone>& sent);

  // outbound_calls.cpp
  class Seat;
  int calls_max() const;
  bool room_for_one() const;
  bool gives_way() const;
  void call_those_who_wait();
  net::Task<bool> turn_comes(Duration deadline);

  net::Task<Duration> look();
  net::Task<Duration> fill();
  net::Task<void> read_ahead(std::list<Mail>& mails);
  net::Task<void> lane();
  bool may_send() const;
  std::optional<Mail> take_ready();
  void let_go(DeliveryId id);
  net::Task<std::optional<Delivery>> begin(DeliveryId id);
  net::Task<void> attempts(std::unique_ptr<SmtpLink>& link, Mail mail);
  net::Task<std::optional<Mail>> attempt(std::unique_ptr<SmtpLink>& link, Mail mail,
                                         std::shared_ptr<Turnover>& turnover);
  net::Task<void> turn_over(std::shared_ptr<Turnover> turnover, Delivery mail, SendResult result,
                            DeliveryId next);
  static net::Task<void> ended(Turnover& turnover);
  static net::Task<Result<void>> until_begun(std::shared_ptr<Turnover> turnover,
                                             const Delivery& said);
  static bool is_begun(const Turnover& turnover, const Delivery& said);
  net::Task<SendResult> send(std::unique_ptr<SmtpLink>& link, Mail& mail,
                             std::optional<Duration> deadline, std::shared_ptr<Turnover> turnover);
  net::Task<std::optional<Error>> fit(SmtpLink& link, Mail& mail);
  static bool add(smtp::TransactionDone& done, smtp::TransactionDone group, Envelope& rest);
  net::Task<bool> renewed(std::unique_ptr<SmtpLink>& link, Result<void>& opened);
  std::unique_ptr<SmtpLink> make_link();
  SendResult judged(SmtpLink& link, const Mail& mail, const smtp::TransactionDone& done);
  static std::vector<std::string> notes_of(SmtpLink& link, const Mail& mail);
  void keep_waiting(const Delivery& delivery, SendResult& result) const;
  SendResult failed(SmtpLink& link, const Delivery& delivery, Error error, bool out_of_time,
                    const smtp::TransactionDone& done);
  SendResult not_sent(SmtpLink& link, const Delivery& delivery, Error error, bool out_of_time,
                      const smtp::TransactionDone& done);
  SendResult unknown(SmtpLink& link, const Delivery& delivery, const Error& error,
                     const smtp::TransactionDone& done);
  void wait_for_others(const Delivery& delivery, const std::vector<RecipientResult>& decided,
                       SendResult& result) const;
  net::Task<Recorded> record(const Delivery& delivery, SendResult result,
                             std::optional<DeliveryId> next);
  net::Task<Recorded> keep(storage::AttemptEnd end, std::optional<DeliveryId> next);
  std::vector<NewEvent> events_of(const Delivery& delivery, const SendResult& result);
  Instant retry_at(const Delivery& delivery) const;
  bool time_is_up(const Delivery& delivery) const;

  Context& context_;
  const Integration& integration_;
  const IntegrationSecrets& secrets_;
  StatusBoard& board_;
  net::Scope& scope_;
  const std::function<void()> copy_due_;
  net::Errand errand_;
  // Lists: an empty deque takes 576 bytes, and most integrations send nothing most of the time.
  std::list<Mail> ready_;
  std::set<DeliveryId> taken_;  // ready, or in a lane
  bool more_is_due_ = false;    // than the last look brought
  std::list<LinedUp> lined_up_;
  int line_ups_lost_ = 0;  // in a row
  bool chunking_ = true;   // false once this server has failed at it
  int lanes_ = 0;
  int calls_ = 0;                       // send_now() on connections of their own
  std::list<net::Timer*> waiting_;      // send_now() that have no turn yet
  std::list<net::Timer*> idle_timers_;  // of lanes with an open connection and nothing to send
  Duration suspended_until_{0};         // of Env::steady()
  bool in_haste_ = false;               // the next connection does not wait its turn
  Pace pace_;
  mutable ClockDoubt clock_doubt_;  // it remembers when it was asked
};

}  // namespace postern::flows
