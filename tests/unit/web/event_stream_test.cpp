// GET /events as a stream: what comes, from where on, for whom, and how it ends.
#include "unit/web/people_fixture.hpp"
#include "web/event_streams.hpp"

#include <memory>

namespace postern::web::test {
namespace {

class EventStreamTest : public PeopleApiTest {
 protected:
  EventStreamTest() { integration_ = *IntegrationId::parse(make_integration("Support")); }

  std::string append(const std::string& kind) {
    NewEvent event;
    event.kind = kind;
    event.integration = integration_;
    event.at = env_.now();
    event.message = "line one\nline two";
    EXPECT_TRUE(run(store_->events().append({event})));
    return text_at(get("/api/v1/events?limit=1"), "/items/0/id");
  }

  std::unique_ptr<HttpConnection> open(const Lines& headers, std::string_view query = "") {
    auto connection = std::make_unique<HttpConnection>(port());
    auto lines = headers;
    lines["Accept"] = "text/event-stream";
    connection->send(request_text("GET", "/api/v1/events" + std::string(query), lines, ""));
    return connection;
  }
  /// Its head, and that the stream has begun.
  std::unique_ptr<HttpConnection> begun(const Lines& headers, std::string_view query = "") {
    auto connection = open(headers, query);
    const auto head = connection->read_until("retry: 2000");
    EXPECT_NE(std::string::npos, head.find("200 OK")) << head;
    EXPECT_NE(std::string::npos, head.find("Content-Type: text/event-stream")) << head;
    // The queues are told once the stream follows the log.
    EXPECT_NE("", connection->read_until("event: queues"));
    return connection;
  }

  IntegrationId integration_;
};

TEST_F(EventStreamTest, An_event_comes_as_it_is_written_in_one_line_of_data) {
  const auto stream = begun(with_admin());

  const auto id = append("imap.login_failed");

  const auto text = stream->read_until("line two");
  EXPECT_NE(std::string::npos, text.find("id: " + id + "\nevent: event\ndata: {")) << text;
  EXPECT_NE(std::string::npos, text.find(R"("name":"Support")")) << text;
  EXPECT_NE(std::string::npos, text.find(R"(line one\n)")) << text;
}

TEST_F(EventStreamTest, Nothing_is_missed_over_a_broken_line) {
  const auto first = append("imap.login_failed");
  const auto second = append("imap.recovered");

  auto lines = with_admin();
  lines["Last-Event-ID"] = first;
  const auto stream = open(lines);
  const auto text = stream->read_until("imap.recovered");

  EXPECT_NE(std::string::npos, text.find("id: " + second)) << text;
  EXPECT_EQ(std::string::npos, text.find("id: " + first)) << text;
}

TEST_F(EventStreamTest, A_stream_takes_the_filters_of_the_list) {
  const auto stream = begun(with_admin(), "?kind=imap.recovered&integration=Support");

  append("imap.login_failed");
  append("imap.recovered");

  const auto text = stream->read_until("imap.recovered");
  EXPECT_EQ(std::string::npos, text.find("imap.login_failed")) << text;
}

TEST_F(EventStreamTest, A_change_is_told_with_who_made_it_and_which_fields) {
  const auto stream = begun(with_admin());

  patch("/api/v1/integrations/Support", R"({"description":"new"})");

  const auto text = stream->read_until(R"("fields":["/description"]})");
  EXPECT_NE(std::string::npos, text.find("event: change\ndata: {")) << text;
  EXPECT_NE(std::string::npos, text.find(R"("who":"admin")")) << text;
}

TEST_F(EventStreamTest, Who_is_signed_out_is_cut_off) {
  add("bob", "viewer");
  const auto bob = browser("bob");
  const auto stream = begun({{"Cookie", bob.cookie}});
  as(bob, "DELETE", "/api/v1/sessions");
  env_.advance(std::chrono::minutes(1));  // its next beat is due

  append("imap.login_failed");  // wakes it

  EXPECT_NE("", stream->read_until("\r\n0\r\n\r\n"));
}

TEST_F(EventStreamTest, One_caller_has_so_many_streams_and_no_more) {
  std::vector<std::unique_ptr<HttpConnection>> streams;
  for (std::size_t i = 0; i < event_streams_each_max; ++i) streams.push_back(begun(with_admin()));

  const auto lines = with_admin({{"Accept", "text/event-stream"}});
  EXPECT_EQ(429, call(port(), "GET", "/api/v1/events", lines).status);
  EXPECT_EQ(200, get("/api/v1/events").status) << "the list is there still";
}

TEST_F(EventStreamTest, The_server_stops_though_streams_are_open) {
  ServerOptions options;
  options.limits.stop = std::chrono::minutes(10);  // nothing is cut: all has to end by itself
  restart(std::move(options));
  const auto stream = begun(with_admin());

  server_->stop();

  EXPECT_TRUE(stream->ended());
}

TEST(EventStreams, A_message_has_an_id_when_it_can_be_gone_on_from) {
  EXPECT_EQ("id: evt_1\nevent: event\ndata: {}\n\n", stream_message("event", "{}", "evt_1"));
  EXPECT_EQ("event: queues\ndata: {}\n\n", stream_message("queues", "{}"));
}

}  // namespace
}  // namespace postern::web::test
