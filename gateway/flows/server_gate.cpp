#include "flows/server_gate.hpp"

#include "net/scope.hpp"
#include "net/wake.hpp"

#include <boost/asio/post.hpp>

#include <atomic>
#include <map>
#include <optional>

namespace postern::flows {

using Ticket = GateBook::Ticket;

struct GateSeat::Desk {
  Desk(net::Env& world, boost::asio::any_io_executor at, GateLimits limits)
      : env(world), home(at), book(limits), wake(world, at), scope(std::move(at)) {}

  /// One coroutine in enter(), or the seat it was given.
  struct Guest {
    std::unique_ptr<net::Timer> timer;  // while it waits
    std::function<void()> asked_back;
    bool admitted = false;
    std::optional<GateFailure> failure;
  };

  net::Task<void> run();
  Duration decide();
  net::Task<Admission> seat(Ticket ticket, GateRequest request, std::function<void()> asked_back,
                            std::shared_ptr<Desk> self);
  void leave(Ticket ticket) {
    guests.erase(ticket);
    book.leave(ticket, env.steady());
    wake.notify();
  }

  net::Env& env;
  boost::asio::any_io_executor home;
  std::atomic<Ticket> last_ticket{0};
  // What follows is touched on `home` only.
  bool closed = false;  // the gate is gone, and `env` may be: what is still posted is dropped
  GateBook book;
  std::map<Ticket, Guest> guests;
  net::Wake wake;
  net::Scope scope;
};

namespace {

constexpr Duration as_long_as_it_takes = std::chrono::hours(24);

template <class Desk>
net::Task<Admission> seat_at(std::shared_ptr<Desk> desk, Ticket ticket, GateRequest request,
                             std::function<void()> asked_back) {
  co_return co_await desk->seat(ticket, std::move(request), std::move(asked_back), desk);
}

template <class Desk, class Act>
void post_to(const std::shared_ptr<Desk>& desk, Act act) {
  if (!desk) return;
  boost::asio::post(desk->home, [desk, act = std::move(act)]() mutable {
    if (desk->closed) return;
    act(*desk);
    desk->wake.notify();
  });
}

}  // namespace

Duration GateSeat::Desk::decide() {
  const auto decisions = book.settle(env.steady());
  for (const auto ticket : decisions.admitted) {
    const auto guest = guests.find(ticket);
    if (guest == guests.end()) continue;
    guest->second.admitted = true;
    if (guest->second.timer) guest->second.timer->cancel();
  }
  for (const auto& [ticket, failure] : decisions.turned_away) {
    const auto guest = guests.find(ticket);
    if (guest == guests.end()) continue;
    guest->second.failure = failure;
    if (guest->second.timer) guest->second.timer->cancel();
  }
  for (const auto ticket : decisions.asked_back) {
    const auto guest = guests.find(ticket);
    if (guest != guests.end() && guest->second.asked_back) guest->second.asked_back();
  }
  return decisions.look_again;
}

net::Task<void> GateSeat::Desk::run() {
  for (;;) {
    const Duration pause = decide();
    co_await wake.wait(pause);
  }
}

net::Task<Admission> GateSeat::Desk::seat(Ticket ticket, GateRequest request,
                                          std::function<void()> asked_back,
                                          std::shared_ptr<Desk> self) {
  const bool in_haste = request.in_haste;
  auto& guest = guests[ticket];
  guest.timer = env.make_timer(home);
  guest.asked_back = std::move(asked_back);
  // From here on the ticket leaves with this, also when the wait is cancelled.
  GateSeat seat(std::move(self), ticket);
  book.queue(ticket, std::move(request), env.steady());
  if (in_haste) decide();
  wake.notify();
  while (!guest.admitted && !guest.failure) co_await guest.timer->wait(as_long_as_it_takes);
  guest.timer.reset();
  Admission admission;
  admission.failure = std::move(guest.failure);
  if (!admission.failure) admission.seat = std::move(seat);
  co_return admission;
}

GateSeat::GateSeat(std::shared_ptr<Desk> desk, Ticket ticket)
    : desk_(std::move(desk)), ticket_(ticket) {}

GateSeat::GateSeat(GateSeat&& other) noexcept
    : desk_(std::move(other.desk_)), ticket_(other.ticket_) {}

GateSeat& GateSeat::operator=(GateSeat&& other) noexcept {
  leave();
  desk_ = std::move(other.desk_);
  ticket_ = other.ticket_;
  return *this;
}

GateSeat::~GateSeat() {
  leave();
}

void GateSeat::leave() {
  const auto desk = std::exchange(desk_, nullptr);
  post_to(desk, [ticket = ticket_](Desk& at) { at.leave(ticket); });
}

void GateSeat::answered() {
  post_to(desk_, [ticket = ticket_](Desk& at) { at.book.answered(ticket); });
}

void GateSeat::failed(Error error, std::string_view step) {
  GateFailure failure{std::move(error), std::string(step)};
  post_to(desk_, [ticket = ticket_, failure = std::move(failure)](Desk& at) {
    at.book.failed(ticket, failure, at.env.steady());
  });
}

void GateSeat::lost() {
  post_to(desk_, [ticket = ticket_](Desk& at) { at.book.lost(ticket); });
}

void GateSeat::limited(bool of_login) {
  post_to(desk_, [ticket = ticket_, of_login](Desk& at) {
    at.book.limited(ticket, of_login, at.env.steady());
  });
}

namespace {

template <class Desk>
net::Task<bool> turns_at(std::shared_ptr<Desk> desk, Ticket ticket) {
  co_return desk->book.takes_turns(ticket);
}

}  // namespace

net::Task<bool> GateSeat::takes_turns() const {
  if (!desk_) co_return false;
  auto asked = turns_at(desk_, ticket_);
  co_return co_await net::run_on(desk_->home, std::move(asked));
}

ServerGate::ServerGate(net::Env& env, boost::asio::any_io_executor home, GateLimits limits)
    : desk_(std::make_shared<GateSeat::Desk>(env, std::move(home), limits)) {}

ServerGate::~ServerGate() {
  desk_->closed = true;
}

void ServerGate::start() {
  desk_->scope.spawn(desk_->run());
}

net::Task<void> ServerGate::stop() {
  desk_->scope.stop();
  co_await desk_->scope.join();
}

Ticket ServerGate::ticket() {
  return ++desk_->last_ticket;
}

net::Task<Admission> ServerGate::enter(Ticket ticket, GateRequest request,
                                       std::function<void()> asked_back) {
  auto seated = seat_at(desk_, ticket, std::move(request), std::move(asked_back));
  co_return co_await net::run_on(desk_->home, std::move(seated));
}

void ServerGate::hasten(Ticket ticket) {
  post_to(desk_, [ticket](GateSeat::Desk& at) { at.book.hasten(ticket); });
}

}  // namespace postern::flows
