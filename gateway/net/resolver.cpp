#include "net/resolver.hpp"

#include "net/clock.hpp"
#include "net/env.hpp"
#include "net/handoff.hpp"

#include <ares.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>

namespace postern::net {
namespace {

// A burst of look-ups loses packets: the first repeat comes soon, and an answer to any try counts.
constexpr int try_timeout_milliseconds = 800;  // doubled by c-ares at each further try
constexpr int tries_max = 4;
// RFC 8305 §3 calls it the resolution delay: servers that never answer AAAA are common.
constexpr Duration second_family_grace{250};

using Addresses = Result<std::vector<std::string>>;

// Both families of one name, asked once for all who want it now (a thousand accounts of one
// provider). Shared by its two queries; answered once.
struct Lookup {
  std::string host;
  std::vector<std::shared_ptr<Handoff<Addresses>>> askers;
  std::vector<std::string> v6, v4;
  int pending = 2;
  int status = ARES_SUCCESS;  // the one worth telling, of the queries that failed
  Duration grace_ends = Duration::max();
  bool answered = false;

  void answer();
};

std::vector<std::string> interleave(const std::vector<std::string>& first,
                                    const std::vector<std::string>& second) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i < first.size()) all.push_back(first[i]);
    if (i < second.size()) all.push_back(second[i]);
  }
  if (all.size() > Resolver::addresses_max) all.resize(Resolver::addresses_max);
  return all;
}

bool is_silence(int status) {
  return status == ARES_ETIMEOUT || status == ARES_ECONNREFUSED;
}

void Lookup::answer() {
  if (std::exchange(answered, true)) return;
  auto addresses = interleave(v6, v4);
  const auto code = is_silence(status) ? errc::resolve_timeout : errc::resolve_failed;
  Addresses result = Error{code, host + ": " + ares_strerror(status)};
  if (!addresses.empty()) result = std::move(addresses);
  for (const auto& asker : askers) asker->give(result);
}

void append_addresses(const ares_addrinfo* info, Lookup& lookup) {
  for (const auto* node = info->nodes; node != nullptr; node = node->ai_next) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (node->ai_family == AF_INET) {
      const auto* in = reinterpret_cast<const sockaddr_in*>(node->ai_addr);
      inet_ntop(AF_INET, &in->sin_addr, text.data(), text.size());
      lookup.v4.emplace_back(text.data());
    } else if (node->ai_family == AF_INET6) {
      const auto* in6 = reinterpret_cast<const sockaddr_in6*>(node->ai_addr);
      inet_ntop(AF_INET6, &in6->sin6_addr, text.data(), text.size());
      lookup.v6.emplace_back(text.data());
    }
  }
}

// RFC 6761 §6.3: never asked of a name server. (c-ares 1.18 knows that too, and leaks memory.)
bool is_localhost(std::string_view host) {
  constexpr std::string_view name = "localhost";
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.size() < name.size()) return false;
  const auto prefix = host.substr(0, host.size() - name.size());
  const auto label = host.substr(prefix.size());
  const bool same = std::equal(label.begin(), label.end(), name.begin(),
                               [](char have, char want) { return (have | 0x20) == want; });
  return same && (prefix.empty() || prefix.ends_with('.'));
}

std::string comma_separated(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

}  // namespace

// The channel, the look-ups and the sockets belong to the thread; the queue is what others fill.
struct Resolver::State {
  ares_channel channel = nullptr;
  int wake_fd = -1;
  std::map<int, short> sockets;  // c-ares' own, and what it waits for
  std::unordered_map<std::string, std::shared_ptr<Lookup>> lookups;  // under way, by host
  std::mutex mutex;
  std::vector<std::shared_ptr<Lookup>> queue;
  bool stopping = false;
  std::thread thread;

  ~State();
  void wake() const;
  void run();
  void start(const std::shared_ptr<Lookup>& lookup);
  void query(const std::shared_ptr<Lookup>& lookup, int family);
  void wait_for_sockets();
  void end_graces();
  static void on_socket(void* data, ares_socket_t fd, int readable, int writable);
  static void on_answer(void* data, int status, int timeouts, ares_addrinfo* info);
};

Resolver::State::~State() {
  if (thread.joinable()) {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    wake();
    thread.join();
  }
  if (channel != nullptr) ares_destroy(channel);  // its callbacks come now, with ARES_EDESTRUCTION
  for (const auto& lookup : queue) {
    lookup->status = ARES_EDESTRUCTION;
    lookup->answer();
  }
  if (wake_fd >= 0) ::close(wake_fd);
}

void Resolver::State::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_fd, &one, sizeof one);
}

void Resolver::State::on_socket(void* data, ares_socket_t fd, int readable, int writable) {
  auto& state = *static_cast<State*>(data);
  const int events = (readable != 0 ? POLLIN : 0) | (writable != 0 ? POLLOUT : 0);
  if (events == 0) {
    state.sockets.erase(fd);
  } else {
    state.sockets[fd] = static_cast<short>(events);
  }
}

void Resolver::State::on_answer(void* data, int status, int /*timeouts*/, ares_addrinfo* info) {
  const std::unique_ptr<std::shared_ptr<Lookup>> held(static_cast<std::shared_ptr<Lookup>*>(data));
  Lookup& lookup = **held;
  --lookup.pending;
  if (info != nullptr) {
    append_addresses(info, lookup);
    ares_freeaddrinfo(info);
  }
  if (status != ARES_SUCCESS && !is_silence(lookup.status)) lookup.status = status;
  if (lookup.pending == 0) return lookup.answer();
  if (!lookup.v4.empty() || !lookup.v6.empty()) {
    lookup.grace_ends = steady_now() + second_family_grace;
  }
}

void Resolver::State::query(const std::shared_ptr<Lookup>& lookup, int family) {
  ares_addrinfo_hints hints{};
  hints.ai_flags = ARES_AI_NOSORT;
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  ares_getaddrinfo(channel, lookup->host.c_str(), nullptr, &hints, on_answer,
                   new std::shared_ptr<Lookup>(lookup));
}

void Resolver::State::start(const std::shared_ptr<Lookup>& lookup) {
  if (lookup->askers.front()->abandoned()) return;
  const auto [place, is_new] = lookups.try_emplace(lookup->host, lookup);
  if (!is_new && !place->second->answered) {
    place->second->askers.push_back(lookup->askers.front());
    return;
  }
  place->second = lookup;
  query(lookup, AF_INET6);
  query(lookup, AF_INET);
}

void Resolver::State::end_graces() {
  const auto now = steady_now();
  std::erase_if(lookups, [&](const auto& entry) {
    if (entry.second->grace_ends <= now) entry.second->answer();
    return entry.second->answered;
  });
}

void Resolver::State::wait_for_sockets() {
  std::vector<pollfd> fds{{wake_fd, POLLIN, 0}};
  for (const auto& [fd, events] : sockets) fds.push_back({fd, events, 0});
  Duration wait = std::chrono::hours(1);
  for (const auto& [host, lookup] : lookups) {
    if (lookup->grace_ends == Duration::max()) continue;
    wait = std::clamp(lookup->grace_ends - steady_now(), Duration(0), wait);
  }
  timeval longest{3600, 0};
  timeval next{};
  if (const auto* due = ares_timeout(channel, &longest, &next)) {
    wait = std::min(wait, Duration(due->tv_sec * 1000 + due->tv_usec / 1000 + 1));
  }
  if (poll(fds.data(), fds.size(), static_cast<int>(wait.count())) < 0) return;
  if (fds[0].revents != 0) {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(wake_fd, &count, sizeof count);
  }
  for (const auto& fd : fds) {
    if (fd.fd == wake_fd || fd.revents == 0) continue;
    const bool in = (fd.revents & (POLLIN | POLLERR | POLLHUP)) != 0;
    const bool out = (fd.revents & POLLOUT) != 0;
    ares_process_fd(channel, in ? fd.fd : ARES_SOCKET_BAD, out ? fd.fd : ARES_SOCKET_BAD);
  }
  ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // what has timed out
}

void Resolver::State::run() {
  for (;;) {
    std::vector<std::shared_ptr<Lookup>> fresh;
    {
      const std::lock_guard lock(mutex);
      if (stopping) return;
      fresh.swap(queue);
    }
    for (const auto& lookup : fresh) start(lookup);
    wait_for_sockets();
    end_graces();
  }
}

Resolver::Resolver(std::unique_ptr<State> state) : state_(std::move(state)) {}
Resolver::~Resolver() = default;

Result<std::unique_ptr<Resolver>> Resolver::make(const std::vector<std::string>& servers) {
  static const int library = ares_library_init(ARES_LIB_INIT_ALL);
  if (library != ARES_SUCCESS) return Error{errc::io, ares_strerror(library)};
  auto state = std::make_unique<State>();
  state->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  ares_options options{};
  std::array<char, 3> lookups{"fb"};  // the hosts file, then the name servers
  options.timeout = try_timeout_milliseconds;
  options.tries = tries_max;
  options.lookups = lookups.data();
  options.sock_state_cb = &State::on_socket;
  options.sock_state_cb_data = state.get();
  int status = ares_init_options(
      &state->channel, &options,
      ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB);
  if (status == ARES_SUCCESS && !servers.empty()) {
    status = ares_set_servers_ports_csv(state->channel, comma_separated(servers).c_str());
  }
  if (state->wake_fd < 0) return Error{errc::io, "no eventfd"};
  if (status != ARES_SUCCESS) return Error{errc::io, ares_strerror(status)};
  state->thread = std::thread([running = state.get()] { running->run(); });
  return std::unique_ptr<Resolver>(new Resolver(std::move(state)));
}

Task<Result<std::vector<std::string>>> Resolver::resolve(std::string host, Duration limit) {
  if (host.empty() || host.size() > host_bytes_max || host.find('\0') != std::string::npos) {
    co_return Error{errc::resolve_failed, "not a host name"};
  }
  if (is_localhost(host)) co_return std::vector<std::string>{"::1", "127.0.0.1"};
  auto lookup = std::make_shared<Lookup>();
  auto asker = std::make_shared<Handoff<Addresses>>(co_await boost::asio::this_coro::executor);
  lookup->host = host;
  lookup->askers.push_back(asker);
  {
    const std::lock_guard lock(state_->mutex);
    state_->queue.push_back(std::move(lookup));
  }
  state_->wake();
  auto answer = co_await Handoff<Addresses>::take(std::move(asker), limit);
  if (!answer) co_return Error{errc::resolve_timeout, host};
  co_return std::move(*answer);
}

}  // namespace postern::net
