// The server under clients that are slow, large, malformed or many: each limit is reached.
#include "unit/web/api_fixture.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>

namespace postern::web::test {
namespace {

using ServerTest = ApiTest;

constexpr std::string_view hello = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

ServerOptions with(ServerLimits limits) {
  ServerOptions options;
  options.limits = limits;
  return options;
}

TEST_F(ServerTest, Answers_requests_one_after_another_on_one_connection) {
  HttpConnection connection(port());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(connection.send(hello));

    const auto reply = connection.read_reply();

    EXPECT_EQ(200, reply.status);
    EXPECT_EQ("ok\n", reply.body);
    EXPECT_EQ("keep-alive", reply.header("connection"));
  }
}

TEST_F(ServerTest, Answers_pipelined_requests_in_their_order) {
  HttpConnection connection(port());
  const auto body = request_text("POST", "/api/v1/session", {{"Content-Type", "application/json"}},
                                 R"({"name":"x"})");
  ASSERT_TRUE(connection.send(std::string(hello) + body + std::string(hello)));

  EXPECT_EQ(200, connection.read_reply().status);
  EXPECT_EQ(400, connection.read_reply().status);
  EXPECT_EQ(200, connection.read_reply().status);
}

TEST_F(ServerTest, Answers_head_with_the_length_and_no_body) {
  HttpConnection connection(port());
  connection.send("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + std::string(hello));

  const auto head = connection.read_reply(true);
  const auto get = connection.read_reply();

  EXPECT_EQ("3", head.header("content-length"));
  EXPECT_EQ(200, head.status);
  EXPECT_EQ("ok\n", get.body);
}

TEST_F(ServerTest, Reads_a_request_that_comes_byte_by_byte) {
  HttpConnection connection(port());
  for (const char c : hello) connection.send(std::string_view(&c, 1));

  EXPECT_EQ(200, connection.read_reply().status);
}

TEST_F(ServerTest, Reads_a_chunked_body) {
  HttpConnection connection(port());
  connection.send(
      "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"nam\r\n7\r\ne\": 12}\r\n0\r\n\r\n");

  const auto reply = connection.read_reply();

  EXPECT_EQ(400, reply.status);
  EXPECT_NE(std::string::npos, reply.body.find("\"/name\"")) << reply.body;
}

TEST_F(ServerTest, Reads_a_chunked_body_that_comes_byte_by_byte) {
  HttpConnection connection(port());
  connection.send(
      "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n");
  // Some of them are read by themselves, however fast this is.
  for (const char c : std::string_view("1;a=b\r\n{\r\nc\r\n\"name\": 12}\r\n\r\n0\r\n\r\n")) {
    connection.send(std::string_view(&c, 1));
  }

  EXPECT_EQ(400, connection.read_reply().status);
}

TEST_F(ServerTest, Closes_after_a_malformed_request_with_a_problem) {
  for (const std::string text :
       {"nonsense\r\n\r\n", "GET /healthz HTTP/1.1\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n"
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n", "GET  HTTP/1.1\r\nHost: a\r\n\r\n"}) {
    HttpConnection connection(port());
    connection.send(text);

    const auto reply = connection.read_reply();

    EXPECT_EQ(400, reply.status) << text;
    EXPECT_EQ("application/problem+json", reply.media()) << text;
    EXPECT_EQ("close", reply.header("connection")) << text;
    EXPECT_TRUE(connection.ended()) << text;
  }
}

TEST_F(ServerTest, Refuses_other_transfer_codings) {
  HttpConnection connection(port());
  connection.send(
      "POST /healthz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n");

  EXPECT_EQ(501, connection.read_reply().status);
}

TEST_F(ServerTest, Takes_a_header_up_to_its_limit_and_none_over_it) {
  ServerLimits limits;
  limits.header_bytes = 1024;
  restart(with(limits));
  const std::string start = "GET /healthz HTTP/1.1\r\nHost: x\r\nX: ";

  HttpConnection small(port());
  small.send(start + std::string(1024 - start.size() - 4, 'a') + "\r\n\r\n");
  HttpConnection large(port());
  large.send(start + std::string(1024, 'a') + "\r\n\r\n");

  EXPECT_EQ(200, small.read_reply().status);
  const auto reply = large.read_reply();
  EXPECT_EQ(431, reply.status);
  EXPECT_EQ("application/problem+json", reply.media());
}

TEST_F(ServerTest, Refuses_a_body_over_the_limit_before_reading_it) {
  HttpConnection connection(port());
  connection.send(
      "POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
      "Authorization: Bearer " +
      std::string(admin_token) + "\r\nContent-Length: 1048577\r\n\r\n{");

  const auto reply = connection.read_reply();

  EXPECT_EQ(413, reply.status);
  EXPECT_EQ("application/problem+json", reply.media());
}

TEST_F(ServerTest, Refuses_chunks_that_grow_over_the_limit) {
  HttpConnection connection(port());
  connection.send(
      "POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
      "Authorization: Bearer " +
      std::string(admin_token) + "\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(65536, ' ') + "\r\n";
  for (int i = 0; i < 17; ++i) connection.send(chunk);

  EXPECT_EQ(413, connection.read_reply().status);
}

TEST_F(ServerTest, Takes_a_body_of_send_that_others_may_not_have) {
  make_integration("Support");
  const std::string body =
      R"({"to":"a@example.com","subject":"s","text":")" + std::string(2 * 1024 * 1024, 'x') + "\"}";

  EXPECT_EQ(202, post("/api/v1/send", body).status);
}

TEST_F(ServerTest, Bounds_the_body_of_send_as_configured) {
  make_integration("Support");
  ServerOptions options;
  options.body_bytes_max = 2 * 1024 * 1024;
  restart(options);
  const std::string body =
      R"({"to":"a@example.com","text":")" + std::string(2 * 1024 * 1024, 'x') + "\"}";

  EXPECT_EQ(413, post("/api/v1/send", body).status);
}

TEST_F(ServerTest, Takes_little_from_those_who_need_no_token) {
  const Lines lines{{"Content-Type", "application/json"}};

  EXPECT_EQ(413, call(port(), "POST", "/api/v1/session", lines, std::string(16385, ' ')).status);
  EXPECT_EQ(400, call(port(), "POST", "/api/v1/session", lines, std::string(16384, ' ')).status);
}

TEST_F(ServerTest, Asks_for_the_body_only_after_the_token_is_known) {
  const std::string head =
      "POST /api/v1/tokens HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
      "Content-Length: 29\r\nExpect: 100-continue\r\nAuthorization: Bearer ";
  HttpConnection nobody(port());
  nobody.send(head + "wrong\r\n\r\n");
  HttpConnection admin(port());
  admin.send(head + admin_token + "\r\n\r\n");

  EXPECT_EQ(401, nobody.read_reply().status);
  EXPECT_EQ(100, admin.read_reply().status);
  admin.send(R"({"name":"n","scopes":["send"]})");
  EXPECT_EQ(0u, admin.read_until("\r\n").find("HTTP/1.1 "));
}

TEST_F(ServerTest, Refuses_other_expectations) {
  HttpConnection connection(port());
  connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: a-miracle\r\n\r\n");

  EXPECT_EQ(417, connection.read_reply().status);
}

TEST_F(ServerTest, Drops_a_client_whose_header_does_not_end) {
  ServerLimits limits;
  limits.header = Duration(200);
  restart(with(limits));
  HttpConnection silent(port());
  HttpConnection dripping(port());
  dripping.send("GET /healthz HTTP/1.1\r\nHost: x\r\nX: ");

  EXPECT_TRUE(dripping.ended());
  EXPECT_TRUE(silent.ended());
}

TEST_F(ServerTest, Drops_a_client_whose_body_does_not_end) {
  ServerLimits limits;
  limits.body = Duration(200);
  restart(with(limits));
  HttpConnection connection(port());
  connection.send(
      "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
      "Content-Length: 100\r\n\r\n{");

  EXPECT_TRUE(connection.ended());
}

TEST_F(ServerTest, Drops_an_idle_connection) {
  ServerLimits limits;
  limits.idle = Duration(200);
  restart(with(limits));
  HttpConnection connection(port());
  connection.send(hello);

  EXPECT_EQ(200, connection.read_reply().status);
  EXPECT_TRUE(connection.ended());
}

TEST_F(ServerTest, Drops_a_client_that_does_not_read_its_answer) {
  ServerLimits limits;
  limits.write = Duration(300);
  restart(with(limits));
  HttpConnection connection(port());
  const std::string request = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n";

  bool open = true;
  // Fills the buffers between us; from then on send() waits, until the server has had enough.
  for (int i = 0; i < 10000000 && open; ++i) open = connection.send(request);

  EXPECT_FALSE(open);
}

TEST_F(ServerTest, Waits_no_longer_than_45_seconds_for_anything) {
  const ServerLimits limits;

  EXPECT_LE(limits.handshake + limits.header + limits.body, Duration(45000));
  EXPECT_LE(limits.idle + limits.header, Duration(45000));
  EXPECT_LE(limits.write, Duration(45000));
}

TEST_F(ServerTest, Lets_the_longest_waiting_connection_make_room) {
  ServerLimits limits;
  limits.connections = 3;
  restart(with(limits));
  HttpConnection first(port());
  first.send(hello);
  EXPECT_EQ(200, first.read_reply().status);
  std::vector<std::unique_ptr<HttpConnection>> others;
  for (int i = 0; i < 3; ++i) {
    others.push_back(std::make_unique<HttpConnection>(port()));
    others.back()->send(hello);

    EXPECT_EQ(200, others.back()->read_reply().status) << i;
  }

  EXPECT_TRUE(first.ended());
}

TEST_F(ServerTest, Closes_after_the_last_request_a_connection_may_have) {
  ServerLimits limits;
  limits.requests_per_connection = 2;
  restart(with(limits));
  HttpConnection connection(port());
  connection.send(std::string(hello) + std::string(hello));

  EXPECT_EQ("keep-alive", connection.read_reply().header("connection"));
  EXPECT_EQ("close", connection.read_reply().header("connection"));
  EXPECT_TRUE(connection.ended());
}

TEST_F(ServerTest, Bounds_the_bodies_that_are_being_received) {
  ServerLimits limits;
  limits.bodies_bytes = 1000;
  restart(with(limits));
  const std::string head =
      "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
  HttpConnection first(port());
  first.send(head + "Expect: 100-continue\r\nContent-Length: 900\r\n\r\n");
  EXPECT_EQ(100, first.read_reply().status);
  // The first one's place is taken between its 100 and its first byte, on the server's thread; a
  // byte of it makes sure that the reading has begun.
  first.send("{");
  HttpConnection second(port());
  second.send(head + "Content-Length: 900\r\n\r\n{");

  EXPECT_EQ(503, second.read_reply().status);
  first.send(std::string(899, ' '));
  EXPECT_EQ(400, first.read_reply().status);
}

TEST_F(ServerTest, Says_which_port_is_taken) {
  ServerOptions options;
  options.listen = "127.0.0.1:" + std::to_string(port());
  Server second(options, fake_gateway(), *store_, env_);

  const auto started = second.start();

  ASSERT_FALSE(started);
  EXPECT_NE(std::string::npos, describe(started.error()).find(options.listen));
}

TEST_F(ServerTest, Says_which_certificate_cannot_be_read) {
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  options.tls_certificate = (folder_ / "none.pem").string();
  options.tls_key = options.tls_certificate;
  Server second(options, fake_gateway(), *store_, env_);

  const auto started = second.start();

  ASSERT_FALSE(started);
  EXPECT_NE(std::string::npos, started.error().detail.find("none.pem"));
}

TEST_F(ServerTest, Stops_with_idle_and_half_sent_requests_open) {
  HttpConnection idle(port());
  HttpConnection half(port());
  half.send("GET /hea");
  HttpConnection kept(port());
  kept.send(hello);
  EXPECT_EQ(200, kept.read_reply().status);

  server_->stop();

  EXPECT_TRUE(idle.ended());
  EXPECT_TRUE(half.ended());
  EXPECT_TRUE(kept.ended());
}

TEST_F(ServerTest, Puts_the_security_headers_on_every_answer) {
  for (const char* target : {"/", "/healthz", "/nothing", "/api/v1/integrations", "/%zz"}) {
    const auto reply = call(port(), "GET", target);

    EXPECT_EQ("nosniff", reply.header("x-content-type-options")) << target;
    EXPECT_EQ("no-referrer", reply.header("referrer-policy")) << target;
    EXPECT_NE("", reply.header("content-security-policy")) << target;
    EXPECT_NE("", reply.header("x-request-id")) << target;
    EXPECT_NE("", reply.header("cache-control")) << target;
    EXPECT_NE("", reply.header("date")) << target;
    EXPECT_EQ(std::string::npos, reply.header("content-security-policy").find("unsafe")) << target;
  }
}

TEST_F(ServerTest, Turns_what_a_handler_throws_into_a_problem_and_goes_on) {
  make_integration("Support");
  flows_.throws = true;

  const auto reply = post("/api/v1/integrations/Support/check");

  EXPECT_EQ(500, reply.status);
  EXPECT_EQ("internal", text_at(reply, "/code"));
  EXPECT_EQ(std::string::npos, reply.body.find("mistake"));
  EXPECT_EQ(200, get("/healthz").status);
}

}  // namespace
}  // namespace postern::web::test
