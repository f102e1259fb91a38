// The listener over loopback: its limits in number and time, and its stop.
#include "listener/server.hpp"

#include "net/login_limit.hpp"
#include "net/real_env.hpp"
#include "unit/listener/fake_desk.hpp"

#include <gtest/gtest.h>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace postern::listener {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr std::string_view login = "EHLO here\r\nAUTH PLAIN AGludF8xAHdvcmQ=\r\n";
constexpr std::string_view wrong = "EHLO here\r\nAUTH PLAIN AGludF8xAHdyb25n\r\n";
constexpr std::string_view begin = "MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n";

/// A client that says and waits; each read is bounded by the server, which ends every connection.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(io_) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
  }
  void say(std::string_view text) {
    boost::system::error_code ignored;
    asio::write(socket_, asio::buffer(text), ignored);
  }
  /// Everything up to and with `words`, or to the end of the connection.
  std::string hear(std::string_view words) {
    std::string heard;
    std::array<char, 1> octet{};
    boost::system::error_code ec;
    while (heard.find(words) == std::string::npos) {
      if (asio::read(socket_, asio::buffer(octet), ec) == 0) break;
      heard += octet[0];
    }
    return heard;
  }
  std::string hear_all() { return hear("\x01"); }

 private:
  asio::io_context io_;
  tcp::socket socket_;
};

class ListenerTest : public ::testing::Test {
 protected:
  void start() {
    options_.listen = net::Endpoint();
    options_.listen->host = "127.0.0.1";
    options_.hostname = "gw.test";
    server_ = std::make_unique<Server>(options_, desk_, *env_);
    ASSERT_TRUE(server_->start());
  }
  std::uint16_t port() const { return server_->port(); }

  std::unique_ptr<net::Env> env_ = net::make_real_env({}).value();
  FakeDesk desk_;
  ServerOptions options_;
  std::unique_ptr<Server> server_;
};

TEST_F(ListenerTest, Takes_a_mail_and_says_250) {
  start();
  Client client(port());
  client.say(login);
  client.hear("235 ");
  client.say(begin);
  client.hear("354 ");
  client.say("Subject: s\r\n\r\nx\r\n.\r\nQUIT\r\n");

  const auto heard = client.hear_all();

  EXPECT_NE(heard.find("250 2.0.0 Ok: queued as dlv_1\r\n221 "), std::string::npos) << heard;
  ASSERT_EQ(desk_.mails.size(), 1u);
  EXPECT_TRUE(desk_.mails[0].ends_with("Subject: s\r\n\r\nx\r\n"));
}

TEST_F(ListenerTest, Bounds_connections_of_an_address) {
  options_.limits.connections_per_address = 2;
  start();
  Client first(port()), second(port());
  first.hear("220 ");
  second.hear("220 ");

  EXPECT_TRUE(Client(port()).hear_all().starts_with("421 4.7.0 "));
}

TEST_F(ListenerTest, The_longest_waiting_client_without_a_login_makes_room) {
  options_.limits.connections = 2;
  start();
  Client logged_in(port());
  logged_in.say(login);
  logged_in.hear("235 ");
  Client idle(port());
  idle.hear("220 ");

  Client next(port());

  EXPECT_NE(next.hear("220 ").find("220 "), std::string::npos);
  EXPECT_NE(idle.hear_all().find("421 4.3.2 "), std::string::npos);
  logged_in.say("NOOP\r\n");
  EXPECT_NE(logged_in.hear("250 2.0.0").find("250 2.0.0"), std::string::npos);
}

TEST_F(ListenerTest, Drops_who_says_nothing) {
  options_.limits.command = Duration(50);
  start();

  EXPECT_NE(Client(port()).hear_all().find("421 4.4.2 gw.test Timeout"), std::string::npos);
}

TEST_F(ListenerTest, Drops_a_message_that_stops_or_drips) {
  options_.limits.body_pause = Duration(50);
  options_.limits.body_grace = Duration(0);
  options_.limits.body_bytes_per_s = 1'000'000;
  start();
  Client silent(port()), slow(port());
  for (auto* client : {&silent, &slow}) {
    client->say(login);
    client->hear("235 ");
    client->say(begin);
    client->hear("354 ");
  }
  for (int i = 0; i < 100; ++i) slow.say("x");

  EXPECT_NE(silent.hear_all().find("421 4.4.2 "), std::string::npos);
  EXPECT_NE(slow.hear_all().find("421 4.4.2 "), std::string::npos);
  EXPECT_TRUE(desk_.mails.empty());
}

TEST_F(ListenerTest, Slows_and_then_stops_hearing_wrong_logins) {
  options_.limits.wrong_login_pause = Duration(1);
  start();
  for (std::size_t i = 0; i <= net::wrong_logins_max; ++i) {
    Client client(port());
    client.say(wrong);
    EXPECT_NE(client.hear("535 5.7.8").find("535 5.7.8"), std::string::npos);
  }
  Client client(port());
  client.say(login);

  EXPECT_NE(client.hear("454 4.7.0").find("454 4.7.0"), std::string::npos);
}

TEST_F(ListenerTest, A_full_disk_is_452_and_the_next_mail_is_not_asked_for) {
  desk_.disk_full = true;
  start();
  Client client(port());
  client.say(login);
  client.hear("235 ");
  client.say(begin);
  client.hear("354 ");
  client.say("x\r\n.\r\n");
  EXPECT_NE(client.hear("452 4.3.1").find("452 4.3.1"), std::string::npos);
  client.say(begin);

  EXPECT_EQ(client.hear("452 4.3.1").find("354 "), std::string::npos);
}

TEST_F(ListenerTest, Bounds_the_mails_an_integration_gives_in_a_minute) {
  options_.limits.mails_per_minute = 1;
  start();
  Client client(port());
  client.say(login);
  client.hear("235 ");
  client.say("MAIL FROM:<a@b.test>\r\nRSET\r\nMAIL FROM:<a@b.test>\r\n");

  EXPECT_NE(client.hear("451 4.7.1").find("451 4.7.1"), std::string::npos);
}

TEST_F(ListenerTest, A_stop_tells_those_who_wait_and_lets_a_message_end) {
  start();
  Client idle(port()), busy(port());
  idle.hear("220 ");
  busy.say(login);
  busy.hear("235 ");
  busy.say(begin);
  busy.hear("354 ");
  server_->begin_stop();
  EXPECT_NE(idle.hear_all().find("421 4.3.2 "), std::string::npos);
  busy.say("x\r\n.\r\n");

  const auto heard = busy.hear_all();
  server_->stop();

  EXPECT_NE(heard.find("250 2.0.0 Ok: queued"), std::string::npos) << heard;
  EXPECT_NE(heard.find("421 4.3.2 "), std::string::npos) << heard;
  EXPECT_EQ(desk_.mails.size(), 1u);
}

TEST_F(ListenerTest, A_stop_ends_what_takes_too_long) {
  options_.limits.stop = Duration(50);
  start();
  Client busy(port());
  busy.say(login);
  busy.hear("235 ");
  busy.say(begin);
  busy.hear("354 ");

  server_->stop();

  EXPECT_EQ(busy.hear_all().find("250 2.0.0"), std::string::npos);
}

}  // namespace
}  // namespace postern::listener
