// The resolver against a name server played on a loopback port.
#include "net/resolver.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

#include "net/env.hpp"
#include "net/real_env.hpp"
#include "unit/net/loopback.hpp"

namespace postern::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using testing::run;

constexpr std::uint16_t type_a = 1;
constexpr std::uint16_t type_aaaa = 28;

// Answers by the first label: "good" has two A and one AAAA, "four" no AAAA, "lame" an A and no
// word about AAAA, "turns" another A the second time, "gone" does not exist, "bare" has no
// address; "dead" gets no answer at all.
class NameServer {
 public:
  NameServer() {
    fd_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    socklen_t size = sizeof address;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    address_ = address;
    thread_ = std::thread([this] { serve(); });
  }
  ~NameServer() {
    const int out = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    sendto(out, "", 0, 0, reinterpret_cast<sockaddr*>(&address_), sizeof address_);
    thread_.join();
    ::close(out);
    ::close(fd_);
  }
  int queries() const { return queries_; }
  std::string address() const { return "127.0.0.1:" + std::to_string(ntohs(address_.sin_port)); }

 private:
  void serve() {
    std::array<char, 512> buffer{};
    for (;;) {
      sockaddr_in from{};
      socklen_t size = sizeof from;
      const auto count =
          recvfrom(fd_, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
      if (count <= 12) return;
      ++queries_;
      const auto answer = reply({buffer.data(), static_cast<std::size_t>(count)}, turns_);
      if (answer.empty()) continue;
      sendto(fd_, answer.data(), answer.size(), 0, reinterpret_cast<sockaddr*>(&from), size);
    }
  }

  // RFC 1035 §4.1: header, the question again, answers that point to its name.
  static std::string reply(const std::string& query, int& turns) {
    const std::string label = query.substr(13, static_cast<unsigned char>(query[12]));
    std::size_t end = 12;
    while (query[end] != '\0') end += static_cast<unsigned char>(query[end]) + 1u;
    const auto type = static_cast<std::uint16_t>(static_cast<unsigned char>(query[end + 2]));
    std::vector<std::string> records;
    if (type == type_a && (label == "good" || label == "four" || label == "lame")) {
      records.emplace_back("\x7f\0\0\x02", 4);
      if (label == "good") records.emplace_back("\x7f\0\0\x01", 4);
    }
    if (type == type_a && label == "turns") {  // allowed to look at, then not
      records.emplace_back(turns++ == 0 ? "\x7f\0\0\x02" : "\x7f\0\0\x01", 4);
    }
    if (type == type_aaaa && label == "good") {
      records.emplace_back("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01", 16);
    }
    if (label == "dead" || (label == "lame" && type == type_aaaa)) return {};
    std::string text = query.substr(0, 2);
    text += '\x81';
    text += label == "gone" ? '\x83' : '\x80';
    text += std::string("\0\1\0", 3);
    text += static_cast<char>(records.size());
    text += std::string(4, '\0') + query.substr(12, end + 5 - 12);
    for (const auto& record : records) {
      text += std::string("\xc0\x0c\0", 3);
      text += static_cast<char>(type);
      text += std::string("\0\1\0\0\0\x3c\0", 7);
      text += static_cast<char>(record.size());
      text += record;
    }
    return text;
  }

  int fd_ = -1;
  int turns_ = 0;
  std::atomic<int> queries_ = 0;
  sockaddr_in address_{};
  std::thread thread_;
};

struct Names : ::testing::Test {
  NameServer server;
  std::unique_ptr<Resolver> resolver = Resolver::make({server.address()}).value();
  asio::io_context io;

  Result<std::vector<std::string>> resolve(std::string host, Duration limit = 20s) {
    return run(io, resolver->resolve(std::move(host), limit));
  }
};

using Addresses = std::vector<std::string>;

TEST_F(Names, Gives_both_families_interleaved) {
  EXPECT_EQ(resolve("good.test").value(), (Addresses{"::1", "127.0.0.2", "127.0.0.1"}));
  EXPECT_EQ(resolve("four.test").value(), (Addresses{"127.0.0.2"}));
}

TEST_F(Names, Knows_localhost_without_asking) {
  for (const char* host : {"localhost", "LOCALHOST.", "mail.localhost"}) {
    EXPECT_EQ(resolve(host).value(), (Addresses{"::1", "127.0.0.1"})) << host;
  }
  EXPECT_FALSE(resolve("notlocalhost", 50ms));
}

TEST_F(Names, A_name_without_address_fails) {
  EXPECT_EQ(resolve("gone.test").error().code, errc::resolve_failed);
  EXPECT_EQ(resolve("bare.test").error().code, errc::resolve_failed);
  EXPECT_EQ(resolve("").error().code, errc::resolve_failed);
  EXPECT_EQ(resolve(std::string("a\0b", 3)).error().code, errc::resolve_failed);
  EXPECT_EQ(resolve(std::string(Resolver::host_bytes_max + 1, 'a')).error().code,
            errc::resolve_failed);
}

TEST_F(Names, An_unanswered_name_ends_at_the_limit) {
  EXPECT_EQ(resolve("dead.test", 50ms).error().code, errc::resolve_timeout);
}

TEST_F(Names, A_server_silent_about_one_family_holds_up_the_other_only_a_moment) {
  EXPECT_EQ(resolve("lame.test", 1500ms).value(), (Addresses{"127.0.0.2"}));
}

Task<void> resolve_and_count(Resolver& resolver, std::string host, Duration limit, int& answered) {
  const auto addresses = co_await resolver.resolve(std::move(host), limit);
  if (addresses) ++answered;
}

TEST_F(Names, A_thousand_dead_names_do_not_hold_up_the_good_ones) {
  int answered = 0;
  Scope dead(io.get_executor());
  Scope good(io.get_executor());
  for (int i = 0; i < 1000; ++i) {
    dead.spawn(resolve_and_count(*resolver, "dead." + std::to_string(i), 20s, answered));
  }
  for (int i = 0; i < 100; ++i) {
    good.spawn(resolve_and_count(*resolver, "good." + std::to_string(i), 5s, answered));
  }

  testing::finish(good, io);
  EXPECT_EQ(answered, 100);
  EXPECT_EQ(dead.running(), 1000u);

  dead.stop();
  testing::finish(dead, io);
}

TEST_F(Names, Asks_once_for_all_who_want_a_name_now) {
  int answered = 0;
  Scope scope(io.get_executor());
  for (int i = 0; i < 1000; ++i) {
    // Nobody answers: the look-up is under way as long as anyone waits, however slow the machine.
    scope.spawn(resolve_and_count(*resolver, "dead.test", 500ms, answered));
  }

  testing::finish(scope, io);

  EXPECT_EQ(answered, 0);
  EXPECT_LT(server.queries(), 20);
}

TEST_F(Names, Can_go_while_look_ups_are_under_way) {
  int answered = 0;
  Scope scope(io.get_executor());
  scope.spawn(resolve_and_count(*resolver, "dead.test", 20s, answered));
  io.poll();

  resolver.reset();
  testing::finish(scope, io);

  EXPECT_EQ(answered, 0);
}

TEST(Resolver, Refuses_a_server_that_is_no_address) {
  EXPECT_FALSE(Resolver::make({"not an address"}));
}

TEST_F(Names, Connect_tries_all_addresses_of_a_name) {
  RealEnvOptions options;
  options.dns_servers = {server.address()};
  const auto env = make_real_env(std::move(options)).value();
  std::uint16_t port = 0;
  {
    const testing::Server on_the_last([](int) {});
    port = on_the_last.port();
    Endpoint endpoint{"good.test", port};
    const auto stream = run(io, env->connect(std::move(endpoint), 10s));
    ASSERT_TRUE(stream) << describe(stream.error());
    EXPECT_EQ(stream.value()->peer_address(), "127.0.0.1:" + std::to_string(port));
  }
  Endpoint endpoint{"good.test", port};

  const auto stream = run(io, env->connect(std::move(endpoint), 10s));

  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().code, errc::refused);
  for (const char* address : {"[::1]:", "127.0.0.2:", "127.0.0.1:"}) {
    EXPECT_NE(stream.error().detail.find(address), std::string::npos) << stream.error().detail;
  }
}

TEST_F(Names, Connect_leaves_out_denied_addresses) {
  RealEnvOptions options;
  options.dns_servers = {server.address()};
  options.egress_deny = {"127.0.0.1/32", "::1/128"};
  const auto env = make_real_env(std::move(options)).value();
  const testing::Server on_the_last([](int) {});
  Endpoint endpoint{"good.test", on_the_last.port()};

  const auto stream = run(io, env->connect(std::move(endpoint), 10s));

  EXPECT_EQ(stream.error().code, errc::refused);
  EXPECT_EQ(on_the_last.connections(), 0);
}

TEST_F(Names, A_name_that_turns_to_a_denied_address_is_refused_when_it_has_turned) {
  RealEnvOptions options;
  options.dns_servers = {server.address()};
  options.egress_deny = {"127.0.0.1/32", "::1/128"};
  const auto env = make_real_env(std::move(options)).value();
  const testing::Server inside([](int) {});
  Endpoint first{"turns.test", inside.port()};
  Endpoint second{"turns.test", inside.port()};

  const auto allowed = run(io, env->connect(std::move(first), 10s));
  const auto turned = run(io, env->connect(std::move(second), 10s));

  EXPECT_EQ(allowed.error().code, errc::refused) << "nobody listens on 127.0.0.2";
  EXPECT_EQ(turned.error().code, errc::egress_denied) << describe(turned.error());
  EXPECT_EQ(inside.connections(), 0);
}

}  // namespace
}  // namespace postern::net
