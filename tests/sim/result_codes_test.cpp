// Every result code of the contract, and a story that ends with it. The switch over the codes has
// no default: a code without its story does not compile.
#include "flows/send_request.hpp"
#include "flows/submission.hpp"
#include "sim/dialogue.hpp"
#include "sim/oauth_story.hpp"
#include "sim/stage.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <variant>

namespace postern::sim {
namespace {

using namespace std::chrono_literals;

/// What a call ended with: refused before anything was queued, or a delivery's end.
int end_of(const std::variant<flows::SendAnswer, flows::Refusal>& answer) {
  if (const auto* refused = std::get_if<flows::Refusal>(&answer)) {
    return static_cast<int>(refused->code);
  }
  return std::get<flows::SendAnswer>(answer).delivery.outcome.result_code;
}

/// Of a body as the API reads it.
int refused(const char* body) {
  const auto read = flows::parse_send_request(boost::json::parse(body));
  const auto* refusal = std::get_if<flows::Refusal>(&read);
  return refusal == nullptr ? -1 : static_cast<int>(refusal->code);
}

/// One integration and what is asked of it.
class Story {
 public:
  explicit Story(const std::function<void(Integration&)>& adjust = nullptr)
      : account_(stage_.add_account("anna", adjust)) {
    request_.integration = account_.id.str();
    request_.sync = true;
    request_.timeout = 30s;
    request_.to.push_back({"", "one@else.test"});
    request_.subject = "a story";
    request_.text = "text";
    stage_.start();
  }
  ~Story() { stage_.stop(); }
  Story(const Story&) = delete;
  Story& operator=(const Story&) = delete;

  SmtpManners& manners() { return account_.smtp->manners; }
  World& world() { return stage_.world; }
  const std::string& host() const { return account_.smtp->host(); }
  flows::SendRequest& request() { return request_; }
  Stage& stage() { return stage_; }
  Account& account() { return account_; }

  int send() {
    return end_of(world().run(flows::submit(stage_.gateway->hub(), request_, std::nullopt)));
  }

  /// A server of few words in the place of the honest one; TLS as it is asked for.
  void play(std::string greeting, std::string ehlo, std::string login) {
    world().serve(host(), [=](std::unique_ptr<net::Stream> stream) -> net::Task<void> {
      Dialogue dialogue(std::move(stream));
      bool goes_on = co_await dialogue.say(greeting);
      while (goes_on) {
        const auto line = co_await dialogue.line();
        if (!line || *line == "QUIT") co_return;
        if (*line == "STARTTLS") {
          goes_on = co_await dialogue.say("220 2.0.0 go ahead\r\n");
          if (goes_on) goes_on = co_await dialogue.hear_tls();
        } else if (line->starts_with("EHLO")) {
          goes_on = co_await dialogue.say("250-smtp\r\n250-STARTTLS\r\n" + ehlo);
        } else {
          goes_on = co_await dialogue.say(login);
        }
      }
    });
  }

 private:
  Stage stage_{97};
  Account& account_;
  flows::SendRequest request_;
};

int story_of_connecting(ResultCode code) {
  Story story;
  if (code == ResultCode::dns) story.world().forget_name(story.host());
  if (code == ResultCode::unreachable) story.world().refuse(story.host());
  if (code == ResultCode::connect_timeout) story.world().blackhole(story.host());
  if (code == ResultCode::tls_handshake) {
    story.world().fail_tls(story.host(), net::errc::tls_handshake);
  }
  if (code == ResultCode::certificate) {
    story.world().fail_tls(story.host(), net::errc::certificate_untrusted);
  }
  if (code == ResultCode::starttls_not_offered) story.manners().offers_starttls = false;
  if (code == ResultCode::not_smtp) story.play("HTTP/1.1 400 Bad Request\r\n", "", "");
  story.request().timeout = 2min;
  return story.send();
}

int story_of_login(ResultCode code) {
  Story story;
  if (code == ResultCode::login_refused) story.manners().refuses_login = true;
  if (code == ResultCode::no_mechanism) {
    story.play("220 hi\r\n", "250 AUTH NTLM\r\n", "504 5.5.4 no\r\n");
  }
  if (code == ResultCode::login_deferred) {
    story.play("220 hi\r\n", "250 AUTH PLAIN\r\n", "454 4.7.0 try later\r\n");
  }
  return story.send();
}

int story_of_replies(ResultCode code) {
  Story story;
  auto& manners = story.manners();
  auto& to = story.request().to;
  if (code == ResultCode::sender_refused) manners.refuses_sender = "550 5.7.1 not you";
  if (code == ResultCode::all_recipients_refused) to = {{"", "refused@else.test"}};
  if (code == ResultCode::some_recipients_refused) to.push_back({"", "refused@else.test"});
  if (code == ResultCode::content_refused) manners.refuses_content = "554 5.6.0 not that";
  if (code == ResultCode::retries_ended) to = {{"", "later@else.test"}};
  if (code == ResultCode::rate_limited) {
    manners.refuses_content =
        "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed";
  }
  if (code == ResultCode::time_budget) story.world().silence(story.host());
  if (code == ResultCode::outcome_unknown) manners.cut_after_taking = 1;
  return story.send();
}

int story_of_whose_it_is(ResultCode code) {
  Story story(
      [&](Integration& value) { value.outgoing.enabled = code != ResultCode::outgoing_off; });
  auto& request = story.request();
  if (code == ResultCode::no_integration) request.integration.reset();  // and none is the default
  if (code == ResultCode::integration_disabled) story.stage().set_enabled(story.account(), false);
  if (code == ResultCode::from_not_allowed) request.from = MailAddress{"", "else@else.test"};
  if (code == ResultCode::charset) {
    request.text = "日本";
    request.encoding = "koi8-r";
    request.strict_encoding = true;
  }
  return story.send();
}

int story_of_waiting(ResultCode code) {
  Story story;
  story.request().sync = false;
  story.request().not_before = story.world().now() + 1h;
  const int queued = story.send();
  if (code == ResultCode::queued) return queued;
  auto& store = story.stage().gateway->store();
  const auto page = story.world().run(store.deliveries().list({}, {}));
  const auto id = page.value().items.front().id;
  const auto cancelled = story.world().run(store.deliveries().cancel(id, story.world().now()));
  return cancelled.value().outcome.result_code;
}

int story_of_the_gateway_itself() {
  Story story;
  story.stage().workers.composes = false;
  return story.send();
}

/// An authorization server that has no token to give.
class TokenStory final : public OAuthStory {
 public:
  int send() {
    authority->manners.lifetime = 8s;
    stage.start();
    authorise();
    EXPECT_TRUE(comes_to(DirectionState::ok));
    authority->manners.status = 503;
    stage.run_for(1min);
    flows::SendRequest request;
    request.integration = account->id.str();
    request.sync = true;
    request.timeout = 5min;
    request.to.push_back({"", "one@else.test"});
    const int end =
        end_of(stage.world.run(flows::submit(stage.gateway->hub(), request, std::nullopt)));
    stage.stop();
    return end;
  }

 private:
  void TestBody() override {}
};

/// The code that the story ends with; nothing where the story is told elsewhere.
std::optional<int> story_of(ResultCode code) {
  switch (code) {
    case ResultCode::sent:
      return story_of_replies(code);
    case ResultCode::queued:
    case ResultCode::cancelled:
      return story_of_waiting(code);
    case ResultCode::bad_request:
      return refused(R"({"to": "a@b.test", "subjct": "x"})");
    case ResultCode::bad_address:
      return refused(R"({"to": "nobody", "text": "x"})");
    case ResultCode::attachment:
      return refused(R"({"to": "a@b.test", "attachments": [{"filename": "a"}]})");
    case ResultCode::injection:
      return refused(R"({"to": "a@b.test", "subject": "x\r\nBcc: c@d.test"})");
    case ResultCode::charset:
    case ResultCode::no_integration:
    case ResultCode::integration_disabled:
    case ResultCode::outgoing_off:
    case ResultCode::from_not_allowed:
      return story_of_whose_it_is(code);
    case ResultCode::dns:
    case ResultCode::unreachable:
    case ResultCode::connect_timeout:
    case ResultCode::tls_handshake:
    case ResultCode::certificate:
    case ResultCode::starttls_not_offered:
    case ResultCode::not_smtp:
      return story_of_connecting(code);
    case ResultCode::login_refused:
    case ResultCode::no_mechanism:
    case ResultCode::login_deferred:
      return story_of_login(code);
    case ResultCode::sender_refused:
    case ResultCode::all_recipients_refused:
    case ResultCode::some_recipients_refused:
    case ResultCode::content_refused:
    case ResultCode::retries_ended:
    case ResultCode::rate_limited:
    case ResultCode::time_budget:
    case ResultCode::outcome_unknown:
      return story_of_replies(code);
    case ResultCode::token_refresh:
      return TokenStory().send();
    case ResultCode::internal:
      return story_of_the_gateway_itself();
    case ResultCode::suppressed:       // of POST /notify
    case ResultCode::frequency_limit:  // of POST /notify
      return std::nullopt;
  }
  return std::nullopt;
}

TEST(Result_codes, Are_reached_each_by_its_own_story) {
  std::set<int> told;
  for (int number = 0; number < 100; ++number) {
    const auto code = static_cast<ResultCode>(number);
    const auto reached = story_of(code);
    if (!reached) continue;
    EXPECT_EQ(*reached, number) << describe(code);
    told.insert(number);
  }
  EXPECT_EQ(told.size(), 32U);
}

}  // namespace
}  // namespace postern::sim
