// Outbound: sends the deliveries of one integration, over at most connections_max connections that
// are kept for the next mail.
//
// Order of rows and deeds: the attempt's row first, then the mail, then its result, and in the same
// transaction the attempt of the next. After the final dot nobody but the server's own 250 says
// "sent".
#pragma once

#include "flows/context.hpp"
#include "flows/smtp_link.hpp"
#include "flows/status_board.hpp"
#include "net/scope.hpp"
#include "net/wake.hpp"

#include <list>
#include <set>

namespace postern::flows {

/// How one attempt ended: the outcome to keep, and what it says of the integration.
struct SendResult {
  DeliveryOutcome outcome;
  bool connection_usable = false;
  std::optional<Error> fault;  // the integration's own
  std::string step;
  Verdict verdict;
};

class Outbound {
 public:
  /// `scope` runs the lanes and outlives this.
  Outbound(Context& context, const Integration& integration, const IntegrationSecrets& secrets,
           StatusBoard& board, net::Scope& scope);

  void queued() { wake_.notify(); }
  /// Tries now, whatever the back-off.
  void act_now();

  /// Until cancelled, or the direction is disabled.
  net::Task<void> run();

  /// One attempt of a sync delivery on a connection of its own.
  net::Task<Result<Delivery>> send_now(DeliveryId id, Duration limit);

 private:
  struct Recorded {
    std::optional<Error> error;     // why the result was not kept
    std::optional<Delivery> begun;  // the next one, begun in the same transaction
  };

  net::Task<Duration> fill();
  net::Task<void> lane();
  std::optional<DeliveryId> take_ready();
  net::Task<void> attempts(std::unique_ptr<SmtpLink>& link, DeliveryId id);
  net::Task<SendResult> send(std::unique_ptr<SmtpLink>& link, const Delivery& delivery,
                             std::optional<Duration> deadline);
  std::unique_ptr<SmtpLink> make_link();
  SendResult failed(SmtpLink& link, const Delivery& delivery, Error error, bool out_of_time);
  SendResult unknown(const Delivery& delivery, const Error& error, std::string step);
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
  net::Wake wake_;
  // Lists: an empty deque takes 576 bytes, and most integrations send nothing most of the time.
  std::list<DeliveryId> ready_;
  std::set<DeliveryId> taken_;  // ready, or in a lane
  int lanes_ = 0;
  std::list<net::Timer*> idle_timers_;  // of lanes with an open connection and nothing to send
  Duration suspended_until_{0};         // of Env::steady()
  bool in_haste_ = false;               // the next connection does not wait its turn
};

}  // namespace postern::flows
