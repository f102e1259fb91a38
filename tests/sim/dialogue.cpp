#include "sim/dialogue.hpp"

#include <array>

namespace postern::sim {
namespace {

constexpr Duration patience = std::chrono::hours(2);

}  // namespace

net::Task<bool> Dialogue::fill(Duration limit) {
  std::array<char, 16 * 1024> buffer;
  const auto count = co_await stream_->read_some(buffer, limit);
  if (!count) co_return false;
  input_.append(buffer.data(), count.value());
  co_return true;
}

net::Task<std::optional<std::string>> Dialogue::until(std::string end) {
  std::size_t searched = 0;
  for (;;) {
    const auto at = input_.find(end, searched);
    if (at != std::string::npos) {
      std::optional<std::string> taken = input_.substr(0, at + end.size());
      input_.erase(0, at + end.size());
      co_return taken;
    }
    searched = input_.size() - std::min(input_.size(), end.size() - 1);
    const bool more = co_await fill(patience);
    if (!more) co_return std::nullopt;
  }
}

net::Task<std::optional<std::string>> Dialogue::line() {
  auto taken = co_await until("\r\n");
  if (taken) taken->resize(taken->size() - 2);
  co_return taken;
}

net::Task<std::optional<std::string>> Dialogue::bytes(std::size_t count) {
  while (input_.size() < count) {
    const bool more = co_await fill(patience);
    if (!more) co_return std::nullopt;
  }
  std::optional<std::string> taken = input_.substr(0, count);
  input_.erase(0, count);
  co_return taken;
}

net::Task<bool> Dialogue::say(std::string words) {
  const auto written = co_await stream_->write_all(words, patience);
  co_return written.has_value();
}

net::Task<bool> Dialogue::hear_tls() {
  TlsPolicy policy;
  const auto heard = co_await stream_->start_tls("", std::move(policy), patience);
  co_return heard.has_value();
}

net::Task<bool> Dialogue::gone_within(Duration limit) {
  std::array<char, 1024> buffer;
  const auto count = co_await stream_->read_some(buffer, limit);
  co_return !count && count.error().code != net::errc::timeout;
}

std::string token_in(const std::string& message, const std::string& user) {
  const std::string begin = "user=" + user +
                            "\x01"
                            "auth=Bearer ";
  if (!message.starts_with(begin) || !message.ends_with("\x01\x01")) return "";
  return message.substr(begin.size(), message.size() - begin.size() - 2);
}

}  // namespace postern::sim
