#include "sim/played_webhook.hpp"

#include "core/base64.hpp"
#include "net/hashing.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>

namespace postern::sim {
namespace {

using net::Task;
namespace json = boost::json;

constexpr std::int64_t clock_skew_max_s = 300;  // Standard Webhooks 1.0

std::string text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return "";
  return std::string(value->get_string());
}

std::size_t number(const std::string& text) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

PlayedWebhook::PlayedWebhook(World& world, std::string host, std::string secret, std::uint64_t seed)
    : world_(world),
      host_(std::move(host)),
      secret_(std::move(secret)),
      chance_(seed ^ std::hash<std::string>()(host_)) {}

void PlayedWebhook::serve() {
  world_.serve(host_, [this](std::unique_ptr<net::Stream> stream) -> Task<void> {
    return play(std::move(stream));
  });
}

std::vector<std::string> PlayedWebhook::ids_of(const std::string& mail_sha256) const {
  std::vector<std::string> ids;
  for (const auto& [id, mail] : mails_) {
    if (mail.mail_sha256 == mail_sha256) ids.push_back(id);
  }
  return ids;
}

Task<void> PlayedWebhook::play(std::unique_ptr<net::Stream> stream) {
  Dialogue dialogue(std::move(stream));
  bool goes_on = true;
  while (goes_on) {
    const auto request = co_await hear(dialogue);
    if (!request) co_return;
    struct Flight {
      int& count;
      ~Flight() { --count; }
    };
    in_flight_max_ = std::max(in_flight_max_, ++in_flight_);
    const Flight flight{in_flight_};
    goes_on = co_await answer(dialogue, *request);
  }
}

Task<std::optional<PlayedWebhook::Request>> PlayedWebhook::hear(Dialogue& dialogue) {
  const auto head = co_await dialogue.until("\r\n\r\n");
  if (!head) co_return std::nullopt;
  Request request;
  std::size_t begin = head->find("\r\n") + 2;
  while (begin + 2 < head->size()) {
    const auto end = head->find("\r\n", begin);
    const auto line = head->substr(begin, end - begin);
    const auto colon = line.find(": ");
    auto name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    request.headers[name] = line.substr(colon + 2);
    begin = end + 2;
  }
  auto body = co_await dialogue.bytes(number(request.headers["content-length"]));
  if (!body) co_return std::nullopt;
  request.body = std::move(*body);
  std::optional<Request> heard = std::move(request);
  co_return heard;
}

void PlayedWebhook::check_signature(const Request& request) {
  const auto value = [&](const char* name) {
    const auto found = request.headers.find(name);
    return found == request.headers.end() ? std::string() : found->second;
  };
  const auto timestamp = value("webhook-timestamp");
  const auto key = from_base64(secret_.substr(std::string("whsec_").size()));
  const auto content = value("webhook-id") + "." + timestamp + "." + request.body;
  const auto wanted = "v1," + to_base64(net::hmac_sha256(key.value_or(""), content));
  if (value("webhook-signature") != wanted) mistakes_.push_back("a wrong signature");
  const auto now = to_milliseconds(world_.now()) / 1000;
  const auto said = static_cast<std::int64_t>(number(timestamp));
  if (std::abs(now - said) > clock_skew_max_s) mistakes_.push_back("an old timestamp");
}

HookMail& PlayedWebhook::keep(const Request& request) {
  check_signature(request);
  const auto id = request.headers.contains("webhook-id") ? request.headers.at("webhook-id") : "";
  auto& mail = mails_[id];
  const auto sha256 = net::sha256(request.body);
  if (mail.calls++ > 0) {
    if (mail.body_sha256 != sha256) mistakes_.push_back("two bodies under " + id);
    return mail;
  }
  mail.body_sha256 = sha256;
  const auto body = json::parse(request.body);
  if (text_of(body.as_object(), "type") == "test") return mail;
  const auto& data = body.at("data").as_object();
  mail.mail_sha256 = text_of(data, "sha256");
  mail.message_id = text_of(data, "message_id");
  mail.raw = from_base64(text_of(data, "raw_base64")).value_or("");
  for (const auto& defect : data.at("defects").as_array()) {
    mail.defects.emplace_back(defect.as_string());
  }
  return mail;
}

Task<bool> PlayedWebhook::answer(Dialogue& dialogue, const Request& request) {
  auto& mail = keep(request);
  const auto index = calls_.size();
  HookCall call;
  call.at = world_.steady();
  call.id = request.headers.at("webhook-id");
  calls_.push_back(call);
  if (manners.thinks > Duration(0)) co_await net::sleep_for(world_, manners.thinks);
  if (draw(manners.hangs, chance_)) {
    co_await dialogue.gone_within(std::chrono::hours(2));
    co_return false;
  }
  std::string answer = "HTTP/1.1 204 No Content\r\n\r\n";
  int status = 204;
  if (manners.gone) {
    status = 410;
    answer = "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n";
  } else if (draw(manners.answers_500, chance_)) {
    status = 500;
    answer = "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops";
  } else if (draw(manners.answers_503, chance_)) {
    status = 503;
    answer = "HTTP/1.1 503 Busy\r\nRetry-After: " + std::to_string(manners.retry_after_s) +
             "\r\nContent-Length: 0\r\n\r\n";
  }
  world_.note(host_ + " " + call.id + " " + std::to_string(status));
  if (status == 204 && draw(manners.cuts_after_taking, chance_)) co_return false;
  calls_[index].status = status;
  const bool said = co_await dialogue.say(std::move(answer));
  if (said && status == 204) {
    if (mail.acknowledged++ == 0) mail.first_acknowledged = world_.steady();
  }
  co_return said;
}

}  // namespace postern::sim
