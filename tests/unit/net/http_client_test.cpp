// The HTTP client against servers played in the simulated world.
#include "net/http_client.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "net/http_message.hpp"
#include "sim/world.hpp"

namespace postern::net {
namespace {

using namespace std::chrono_literals;
using sim::World;

TEST(AnswerParser, Reads_chunks_however_they_are_cut) {
  const std::string answer =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "1\r\na\r\n3;x=y\r\nbcd\r\n0\r\nTrailer: t\r\n\r\n";
  const std::string empty = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (std::size_t piece = 1; piece < answer.size(); ++piece) {
    for (const auto* whole : {&answer, &empty}) {
      AnswerParser parser(false, 100);
      for (std::size_t at = 0; at < whole->size(); at += piece) {
        ASSERT_FALSE(parser.done());
        ASSERT_TRUE(parser.receive(whole->substr(at, piece)));
      }

      EXPECT_TRUE(parser.done()) << "in pieces of " << piece;
      EXPECT_EQ(parser.body(), whole == &answer ? "abcd" : "");
    }
  }
}

TEST(ParseUrl, Takes_a_url_apart) {
  const auto url = parse_url("HTTPS://Hooks.Example.com:8443/a/b?c=d#e").value();
  EXPECT_TRUE(url.tls);
  EXPECT_EQ(url.host, "hooks.example.com");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.target, "/a/b?c=d");

  EXPECT_EQ(parse_url("http://a.test").value().target, "/");
  EXPECT_EQ(parse_url("http://a.test?x=1").value().target, "/?x=1");
  EXPECT_EQ(parse_url("http://a.test").value().port, 80);
  EXPECT_EQ(parse_url("https://a.test:").value().port, 443);
  EXPECT_EQ(parse_url("http://[2001:db8::1]:81/").value().host, "2001:db8::1");
}

TEST(ParseUrl, Refuses_what_is_odd) {
  for (const char* url : {"",
                          "a.test",
                          "ftp://a.test/",
                          "http:/a.test",
                          "http://",
                          "http:///x",
                          "http://u@a.test/",
                          "http://u:p@a.test/",
                          "http://a.test:0/",
                          "http://a.test:65536/",
                          "http://a.test:x/",
                          "http://a.test:80:81/",
                          "http://[::1",
                          "http://[::1]x/",
                          "http://[x]/",
                          "http://a b.test/",
                          "http://a.test/a b",
                          "http://a.test/\r\nX: y",
                          "http://a.test/\x01",
                          "http://a\\b.test/",
                          "http://b\xc3\xbc"
                          "cher.test/",
                          "http://a.test/\xc3\xbc",
                          "http://a%2etest/"}) {
    EXPECT_FALSE(parse_url(url)) << url;
  }
  EXPECT_FALSE(parse_url("http://a.test/" + std::string(10'000, 'x')));
}

HttpRequest post(std::string body) {
  HttpRequest request;
  request.url = "http://hook.test/in?x=1";
  request.headers = {{"Content-Type", "application/json"}};
  request.body = std::move(body);
  return request;
}

TEST(FormatRequest, Writes_one_request_and_nothing_else) {
  const auto url = parse_url("http://hook.test:8080/in").value();

  EXPECT_EQ(format_request(post("{}"), url).value(),
            "POST /in HTTP/1.1\r\nHost: hook.test:8080\r\nContent-Type: application/json\r\n"
            "User-Agent: Postern\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_NE(
      format_request(post(""), parse_url("https://[::1]/").value()).value().find("Host: [::1]\r\n"),
      std::string::npos);
}

TEST(FormatRequest, Refuses_what_would_be_something_else_on_the_wire) {
  const auto url = parse_url("http://hook.test/").value();
  auto request = post("");
  request.method = "GET / HTTP/1.1\r\nX:";
  EXPECT_FALSE(format_request(request, url));
  const std::vector<std::pair<std::string, std::string>> bad_headers{
      {"X", "a\r\nY: b"},
      {"X", "a\nb"},
      {"X", std::string("a\0b", 3)},
      {"X\r\nY", "a"},
      {"X y", "a"},
      {"", "a"},
      {"X:", "a"},
      {"Host", "other.test"},
      {"Content-Length", "10"},
      {"transfer-encoding", "chunked"}};
  for (const auto& header : bad_headers) {
    request = post("");
    request.headers = {header};
    EXPECT_FALSE(format_request(request, url)) << header.first << ": " << header.second;
  }
}

// What a scripted server does with each request on a connection: says the next of `answers`, one
// connection after the other; an empty answer ends the connection.
struct Script {
  std::vector<std::string> answers;
  bool ends_after_last = false;
  std::size_t next = 0;
  std::vector<std::string> requests;
};

bool has_whole_request(const std::string& bytes) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  const auto at = bytes.find("Content-Length: ");
  const auto length = at == std::string::npos ? 0 : std::stoul(bytes.substr(at + 16));
  return bytes.size() >= end + 4 + length;
}

Task<void> play(Script& script, std::unique_ptr<Stream> stream) {
  while (script.next < script.answers.size()) {
    std::string request;
    std::array<char, 4096> buffer{};
    while (!has_whole_request(request)) {
      const auto count = co_await stream->read_some(buffer, 10min);
      if (!count) co_return;
      request.append(buffer.data(), count.value());
    }
    script.requests.push_back(request);
    const auto answer = script.answers[script.next++];
    if (answer.empty()) co_return;
    const auto sent = co_await stream->write_all(answer, 10min);
    if (!sent) co_return;
  }
  if (script.ends_after_last) co_return;
  std::array<char, 1> byte{};
  const auto more = co_await stream->read_some(byte, 24h);
  EXPECT_FALSE(more);
}

struct Http : ::testing::Test {
  World world{1};
  HttpClient client{world};
  Script script;

  void serve(std::vector<std::string> answers, bool ends_after_last = false) {
    script.answers = std::move(answers);
    script.ends_after_last = ends_after_last;
    world.serve("hook.test",
                [this](std::unique_ptr<Stream> stream) { return play(script, std::move(stream)); });
  }
  Result<HttpResponse> call(HttpRequest request = post("{}"), HttpLimits limits = {}) {
    return world.run(client.call(std::move(request), TlsPolicy{}, limits));
  }
};

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Id: 7\r\n\r\nhi";

TEST_F(Http, Gives_status_headers_and_body) {
  serve({ok});

  const auto answer = call().value();

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "hi");
  EXPECT_EQ(*answer.header("x-id"), "7");
  EXPECT_EQ(answer.header("x-none"), nullptr);
  EXPECT_TRUE(script.requests[0].starts_with("POST /in?x=1 HTTP/1.1\r\nHost: hook.test\r\n"));
}

TEST_F(Http, Reads_the_same_answer_in_any_pieces) {
  sim::Faults faults;
  faults.split_reads = true;
  world.set_faults(faults);
  const std::string chunked =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n5;x=y\r\ndefgh\r\n0\r\nTrailer: x\r\n\r\n";
  serve(std::vector<std::string>(50, chunked));

  for (int i = 0; i < 50; ++i) {
    const auto answer = call().value();
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(answer.body, "abcdefgh");
  }
  EXPECT_EQ(world.connection_count("hook.test"), 1u);
}

TEST_F(Http, Keeps_a_connection_for_half_a_minute) {
  serve({ok, ok, ok});

  ASSERT_TRUE(call());
  world.run_for(29s);
  ASSERT_TRUE(call());
  EXPECT_EQ(world.connection_count("hook.test"), 1u);
  world.run_for(31s);
  ASSERT_TRUE(call());

  EXPECT_EQ(world.connection_count("hook.test"), 2u);
}

TEST_F(Http, Does_not_reuse_what_the_peer_will_close) {
  const std::string closing = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  const std::string old = "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n";
  const std::string surplus = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n";
  serve({closing, old, surplus, ok});

  for (int i = 0; i < 4; ++i) ASSERT_TRUE(call());

  EXPECT_EQ(world.connection_count("hook.test"), 4u);
}

TEST_F(Http, Does_not_reuse_a_connection_the_peer_has_ended) {
  serve({ok}, true);
  ASSERT_TRUE(call());
  serve({ok, ok});
  script.next = 0;

  ASSERT_TRUE(call());

  EXPECT_EQ(world.connection_count("hook.test"), 2u);
}

TEST_F(Http, Asks_once_more_when_a_reused_connection_ends_without_a_word) {
  serve({ok, "", ok});

  ASSERT_TRUE(call());
  ASSERT_TRUE(call());

  EXPECT_EQ(script.requests.size(), 3u);
  EXPECT_EQ(world.connection_count("hook.test"), 2u);
}

TEST_F(Http, Does_not_ask_again_what_is_to_be_asked_once) {
  serve({ok, "", ok});
  ASSERT_TRUE(call());
  auto request = post("{}");
  request.once = true;

  EXPECT_EQ(call(std::move(request)).error().code, errc::closed);

  EXPECT_EQ(script.requests.size(), 2u);
}

TEST_F(Http, Does_not_ask_again_on_a_fresh_connection) {
  serve({"", ok});

  EXPECT_EQ(call().error().code, errc::closed);

  EXPECT_EQ(script.requests.size(), 1u);
}

TEST_F(Http, Reads_a_body_that_ends_with_the_connection) {
  serve({"HTTP/1.1 200 OK\r\n\r\nall of it"}, true);

  EXPECT_EQ(call().value().body, "all of it");
}

TEST_F(Http, An_answer_broken_off_is_malformed) {
  for (const char* answer : {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "HTTP/1.1 20",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    script.next = 0;
    serve({answer}, true);
    EXPECT_EQ(call().error().code, errc::http_malformed) << answer;
  }
}

TEST_F(Http, Refuses_what_is_not_http) {
  const std::string change = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
  std::string interim;
  for (int i = 0; i <= AnswerParser::interim_answers_max; ++i)
    interim += "HTTP/1.1 103 Hints\r\n\r\n";
  for (const auto& answer :
       {std::string("220 mail.test ESMTP\r\n"), std::string("\r\n\r\n\r\n"),
        std::string("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx"), change,
        interim}) {
    script.next = 0;
    serve({answer}, true);
    EXPECT_EQ(call().error().code, errc::http_malformed) << answer;
  }
}

TEST_F(Http, Cuts_the_body_at_the_limit_and_the_connection_with_it) {
  HttpLimits limits;
  limits.body_bytes_max = 10;
  const std::string eleven = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n12345678901";
  const std::string endless =
      "HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n" + std::string(200'000, 'x');
  serve({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n1234567890", eleven, endless, ok});

  EXPECT_EQ(call(post(""), limits).value().body, "1234567890");
  EXPECT_EQ(call(post(""), limits).value().body, "1234567890");
  EXPECT_EQ(call(post(""), limits).value().body, "xxxxxxxxxx");
  ASSERT_TRUE(call());
}

TEST_F(Http, Refuses_a_header_block_over_the_limit) {
  serve({"HTTP/1.1 200 OK\r\nX: " + std::string(AnswerParser::header_bytes_max, 'x') + "\r\n\r\n"});

  EXPECT_EQ(call().error().code, errc::http_too_large);
}

Task<void> drip(std::unique_ptr<Stream> stream, Env& env) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n";
  auto sent = co_await stream->write_all(head, 1min);
  while (sent) {
    co_await sleep_for(env, 5s);
    sent = co_await stream->write_all("x", 1min);
  }
}

TEST_F(Http, A_dripping_answer_ends_at_the_limit_for_the_whole) {
  world.serve("hook.test",
              [this](std::unique_ptr<Stream> stream) { return drip(std::move(stream), world); });
  HttpLimits limits;
  limits.whole = 30s;

  EXPECT_EQ(call(post(""), limits).error().code, errc::timeout);

  EXPECT_EQ(world.steady(), 30s);
}

TEST_F(Http, A_silent_host_ends_at_the_limit_for_connecting) {
  world.blackhole("hook.test");
  HttpLimits limits;
  limits.connect = 5s;

  EXPECT_EQ(call(post(""), limits).error().code, errc::connect_timeout);

  EXPECT_EQ(world.steady(), 5s);
}

TEST_F(Http, An_answer_to_head_has_no_body_whatever_it_says) {
  serve({"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", ok});
  auto request = post("");
  request.method = "HEAD";

  EXPECT_EQ(call(std::move(request)).value().status, 200);
  ASSERT_TRUE(call());

  EXPECT_EQ(world.connection_count("hook.test"), 1u);
}

TEST_F(Http, Https_shakes_hands_first_and_keeps_its_connections_apart) {
  serve({ok, ok, ok});
  auto request = post("");
  request.url = "https://hook.test:80/";

  ASSERT_TRUE(call());
  ASSERT_TRUE(call(request));
  EXPECT_EQ(world.connection_count("hook.test"), 2u);
  world.fail_tls("hook.test", errc::certificate_expired);
  ASSERT_TRUE(call(request));  // on the kept one
  world.run_for(1min);

  EXPECT_EQ(call(request).error().code, errc::certificate_expired);
}

TEST_F(Http, Redirects_are_not_followed) {
  serve({"HTTP/1.1 302 Found\r\nLocation: http://other.test/\r\nContent-Length: 0\r\n\r\n"});

  EXPECT_EQ(call().value().status, 302);

  EXPECT_EQ(world.connection_count("other.test"), 0u);
}

}  // namespace
}  // namespace postern::net
