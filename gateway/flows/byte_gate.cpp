#include "flows/byte_gate.hpp"

#include "net/scope.hpp"

#include <boost/asio/post.hpp>

#include <map>
#include <set>
#include <utility>

namespace postern::flows {

struct ByteShare::Desk {
  Desk(net::Env& world, boost::asio::any_io_executor at, std::uint64_t most)
      : env(world), home(std::move(at)), bytes_max(most) {}

  struct Guest {
    std::int64_t owner = 0;
    std::uint64_t bytes = 0;
    std::unique_ptr<net::Timer> timer;  // while it waits
    bool admitted = false;
  };

  net::Task<ByteShare> seat(std::int64_t owner, std::uint64_t bytes, std::shared_ptr<Desk> self);
  void settle();
  void leave(std::uint64_t ticket);

  net::Env& env;
  boost::asio::any_io_executor home;
  const std::uint64_t bytes_max;
  // What follows is touched on `home` only.
  bool closed = false;  // the gate is gone, and `env` may be: what is still posted is dropped
  std::uint64_t last_ticket = 0, out = 0;
  std::map<std::uint64_t, Guest> guests;  // in the order they came
  std::set<std::int64_t> owners_out;
};

namespace {

constexpr Duration as_long_as_it_takes = std::chrono::hours(24);

template <class Desk>
net::Task<ByteShare> seat_at(std::shared_ptr<Desk> desk, std::int64_t owner, std::uint64_t bytes) {
  co_return co_await desk->seat(owner, bytes, desk);
}

}  // namespace

/// The first that does not fit holds up those behind it, or a large one would never have its turn;
/// one whose owner has a share already holds up nobody.
void ByteShare::Desk::settle() {
  for (auto& [ticket, guest] : guests) {
    if (guest.admitted || owners_out.contains(guest.owner)) continue;
    if (out > 0 && out + guest.bytes > bytes_max) return;
    guest.admitted = true;
    out += guest.bytes;
    owners_out.insert(guest.owner);
    if (guest.timer) guest.timer->cancel();
  }
}

void ByteShare::Desk::leave(std::uint64_t ticket) {
  const auto guest = guests.find(ticket);
  if (guest == guests.end()) return;
  if (guest->second.admitted) {
    out -= guest->second.bytes;
    owners_out.erase(guest->second.owner);
  }
  guests.erase(guest);
  settle();
}

net::Task<ByteShare> ByteShare::Desk::seat(std::int64_t owner, std::uint64_t bytes,
                                           std::shared_ptr<Desk> self) {
  const auto ticket = ++last_ticket;
  auto& guest = guests[ticket];
  guest.owner = owner;
  guest.bytes = bytes;
  guest.timer = env.make_timer(home);
  // From here on the ticket leaves with this, also when the wait is cancelled.
  ByteShare share(std::move(self), ticket);
  settle();
  while (!guest.admitted) co_await guest.timer->wait(as_long_as_it_takes);
  guest.timer.reset();
  co_return share;
}

ByteShare::ByteShare(std::shared_ptr<Desk> desk, std::uint64_t ticket)
    : desk_(std::move(desk)), ticket_(ticket) {}

ByteShare::ByteShare(ByteShare&& other) noexcept
    : desk_(std::move(other.desk_)), ticket_(other.ticket_) {}

ByteShare& ByteShare::operator=(ByteShare&& other) noexcept {
  leave();
  desk_ = std::move(other.desk_);
  ticket_ = other.ticket_;
  return *this;
}

ByteShare::~ByteShare() {
  leave();
}

void ByteShare::leave() {
  const auto desk = std::exchange(desk_, nullptr);
  if (!desk) return;
  boost::asio::post(desk->home, [desk, ticket = ticket_] {
    if (!desk->closed) desk->leave(ticket);
  });
}

ByteGate::ByteGate(net::Env& env, boost::asio::any_io_executor home, std::uint64_t bytes_max)
    : desk_(std::make_shared<ByteShare::Desk>(env, std::move(home), bytes_max)) {}

ByteGate::~ByteGate() {
  desk_->closed = true;
}

net::Task<ByteShare> ByteGate::take(std::int64_t owner, std::uint64_t bytes) {
  auto seated = seat_at(desk_, owner, bytes);
  co_return co_await net::run_on(desk_->home, std::move(seated));
}

}  // namespace postern::flows
