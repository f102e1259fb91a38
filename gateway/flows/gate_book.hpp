// GateBook: who may connect to which server, and when. Pure: time is an argument, nothing waits.
//
// It counts the connections of each integration, server and login against their caps; sends one try
// at a time, and after a failed one at most one a second, to a server that is not known to answer;
// shares that try's failure among all who wait for the server; and spreads a start over time, least
// recently checked first. Who is haste itself (a person asked for it) waits for nothing and is
// counted. ServerGate does the waiting.
#pragma once

#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace postern::flows {

namespace limits {
inline constexpr int connections_per_integration = 10;
/// Below the 28,232 local ports that Linux has for connections to one address and port.
inline constexpr int connections_per_server = 20000;
inline constexpr int connects_per_second = 250;  // begun, to all servers together
inline constexpr int connects_under_way = 20;    // to one server, until it says its first word
inline constexpr Duration outage_pace{1000};     // between two tries after a failed one
inline constexpr Duration seat_turn{15'000};     // then a seat that others wait for is asked back
inline constexpr Duration learned_cap{900'000};  // how long a server's own limit is remembered
inline constexpr Duration learned_cap_max{86'400'000};  // where it is met again and again
inline constexpr Duration learned_pace{1000};  // for the server to notice that one has left
}  // namespace limits

struct GateLimits {
  int per_integration = limits::connections_per_integration;
  int per_server = limits::connections_per_server;
};

struct GateRequest {
  std::string server;    // "imap.example.com:993"
  std::string security;  // tls, starttls, none: each has outages of its own
  std::string login;     // empty: none
  IntegrationId integration;
  bool in_haste = false;
  Instant last_check;   // the order: the longest ago goes first
  bool yields = false;  // may be asked to give its seat to one who waits
};

/// Why the try of another ended; it counts for all who waited for the same server.
struct GateFailure {
  Error error;
  std::string step;  // dns, tcp, tls, greeting
};

class GateBook {
 public:
  using Ticket = std::uint64_t;

  explicit GateBook(GateLimits limits) : limits_(limits) {}

  /// A request to be decided on. A ticket is used once.
  void queue(Ticket ticket, GateRequest request, Duration now);
  /// One who waits need wait no longer.
  void hasten(Ticket ticket);
  /// Out of the queue, or off the seat: the connection is closed.
  void leave(Ticket ticket, Duration now);

  // What became of the connection of an admitted ticket.
  void answered(Ticket ticket);  // the server said its first word
  void failed(Ticket ticket, const GateFailure& failure, Duration now);  // before it
  void lost(Ticket ticket);  // the server or the network ended a connection that had worked
  /// The server takes no more connections: of anybody (before the login), or of this login.
  void limited(Ticket ticket, bool of_login, Duration now);
  /// Whether the places that a server lacks are held by others of ours, who give them up in turn.
  bool takes_turns(Ticket ticket) const;

  struct Decisions {
    std::vector<Ticket> admitted;
    std::vector<std::pair<Ticket, GateFailure>> turned_away;
    std::vector<Ticket> asked_back;
    Duration look_again{0};  // at the latest, if nothing else happens before
  };
  Decisions settle(Duration now);

  std::size_t seated() const { return seats_.size(); }
  std::size_t waiting() const { return waiters_.size(); }

 private:
  using Key = std::pair<Instant, Ticket>;  // the order of a queue
  struct Waiter {
    GateRequest request;
    std::vector<std::string> groups;
    Duration since{0};
  };
  struct Seat {  // thousands of them: what its request tells is not kept beside it
    GateRequest holder;
    Duration since{0};
    bool under_way = true;  // the server has not answered yet
    bool asked_back = false;
  };
  /// Connections that are counted together: an integration's, a server's, a login's.
  struct Group {
    std::set<Ticket> open;
    int learned = 0;  // the server's own limit; 0: not known
    Duration learned_until{0}, learned_for{0}, last_left{0};
  };
  struct Server {
    bool answers = false;  // the last that was heard of it
    int under_way = 0;
    Duration not_before{0};
    std::set<Key> queue;
  };

  static std::string name_of(const GateRequest& request);
  static std::vector<std::string> groups_of(const GateRequest& request);
  int cap_of(const std::string& name, const Group& group) const;
  bool is_free(const std::string& name, Duration now);
  const std::string* full_group(const Waiter& waiter, Duration now);
  static void learn(Group& group, int others, Duration now);
  std::optional<Key> next_of(Server& server, Duration now);
  void admit_next(Duration now, Decisions& decisions);
  bool may_ask(const Waiter& waiter, Duration now);
  void admit(Ticket ticket, Duration now);
  void unqueue(Ticket ticket);
  void end_try(Seat& seat);
  void settle_full(Duration now, Decisions& decisions);
  void look_again_at(Duration at, Duration now);

  GateLimits limits_;
  std::map<Ticket, Waiter> waiters_;
  std::map<Ticket, Seat> seats_;
  std::map<std::string, Server> servers_;
  std::map<std::string, Group> groups_;
  std::set<std::string> tight_;  // the groups that may be full
  std::set<Ticket> hasty_;
  std::vector<std::pair<Ticket, GateFailure>> turned_away_;
  std::int64_t allowance_ms_ = 1000;  // at most a second's worth of connects
  Duration refilled_{0};
  Duration look_again_{0};
};

}  // namespace postern::flows
