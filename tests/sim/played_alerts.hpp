// PlayedAlerts: a web server that event rules call. It remembers every request and answers as it is
// told.
#pragma once

#include "sim/dialogue.hpp"
#include "sim/world.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <vector>

namespace postern::sim {

struct AlertCall {
  Duration at;
  std::string line;                            // "POST /x HTTP/1.1"
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  boost::json::value json() const { return boost::json::parse(body); }
};

class PlayedAlerts {
 public:
  PlayedAlerts(World& world, std::string host) : world_(world), host_(std::move(host)) {
    world_.serve(host_, [this](std::unique_ptr<net::Stream> stream) -> net::Task<void> {
      return play(std::move(stream));
    });
  }

  std::string answer = "HTTP/1.1 204 No Content\r\n\r\n";
  bool hangs = false;
  std::vector<AlertCall> calls;

 private:
  net::Task<void> play(std::unique_ptr<net::Stream> stream) {
    Dialogue dialogue(std::move(stream));
    for (;;) {
      const auto head = co_await dialogue.until("\r\n\r\n");
      if (!head) co_return;
      AlertCall call;
      call.at = world_.steady();
      call.line = head->substr(0, head->find("\r\n"));
      read_headers(*head, call);
      std::size_t length = 0;
      const auto& said = call.headers["content-length"];
      std::from_chars(said.data(), said.data() + said.size(), length);
      auto body = co_await dialogue.bytes(length);
      if (!body) co_return;
      call.body = std::move(*body);
      calls.push_back(std::move(call));
      world_.note(host_ + " is called");
      if (hangs) {
        co_await dialogue.gone_within(std::chrono::hours(2));
        co_return;
      }
      const bool heard = co_await dialogue.say(answer);
      if (!heard) co_return;
    }
  }

  static void read_headers(const std::string& head, AlertCall& call) {
    std::size_t begin = head.find("\r\n") + 2;
    while (begin + 2 < head.size()) {
      const auto end = head.find("\r\n", begin);
      const auto line = head.substr(begin, end - begin);
      const auto colon = line.find(": ");
      auto name = line.substr(0, colon);
      std::ranges::transform(name, name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      });
      call.headers[name] = colon == line.npos ? "" : line.substr(colon + 2);
      begin = end + 2;
    }
  }

  World& world_;
  std::string host_;
};

}  // namespace postern::sim
