// ServerGate: where every connection waits its turn, and is counted while it is open. One for all
// shards: it lives on its home executor, its book is touched there alone, and who asks from another
// shard hops there and back.
#pragma once

#include "flows/gate_book.hpp"
#include "net/env.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>

namespace postern::flows {

/// The right to one connection; given back by its end. Its methods may be called from any thread.
class GateSeat {
 public:
  GateSeat() = default;  // of nobody: everything is ignored
  GateSeat(GateSeat&& other) noexcept;
  GateSeat& operator=(GateSeat&& other) noexcept;
  ~GateSeat();

  // What became of the connection, see GateBook.
  void answered();
  void failed(Error error, std::string_view step);
  void lost();
  void limited(bool of_login);
  /// From any executor; comes back to it.
  net::Task<bool> takes_turns() const;

 private:
  friend class ServerGate;
  struct Desk;
  GateSeat(std::shared_ptr<Desk> desk, GateBook::Ticket ticket);
  void leave();

  std::shared_ptr<Desk> desk_;  // shared by the gate, the seats and what is posted to the desk
  GateBook::Ticket ticket_ = 0;
};

/// A seat, or the failure of another's try that counts for us too.
struct Admission {
  GateSeat seat;
  std::optional<GateFailure> failure;
};

class ServerGate {
 public:
  ServerGate(net::Env& env, boost::asio::any_io_executor home, GateLimits limits);
  ~ServerGate();  // after stop(), if it was started

  /// Decides from now on; before it only those in haste pass. On `home`, as stop().
  void start();
  net::Task<void> stop();

  /// A ticket for enter(), with which the wait can be ended from elsewhere. Any thread.
  GateBook::Ticket ticket();

  /// Waits for its turn, without a limit: to be cancelled, or hastened. `asked_back` is called on
  /// `home` when others wait and this one has had its turn. From any executor; comes back to it.
  net::Task<Admission> enter(GateBook::Ticket ticket, GateRequest request,
                             std::function<void()> asked_back);

  /// The one who waits with this ticket goes at once. Any thread.
  void hasten(GateBook::Ticket ticket);

 private:
  std::shared_ptr<GateSeat::Desk> desk_;
};

}  // namespace postern::flows
