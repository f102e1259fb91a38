#include "cli/service_manager.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace postern::cli {
namespace {

std::string taken(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value == nullptr ? "" : value;
  ::unsetenv(name);
  return text;
}

std::optional<std::int64_t> number(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value <= 0) return std::nullopt;
  return value;
}

}  // namespace

ServiceManager ServiceManager::of_environment() {
  ServiceManager manager;
  manager.socket_ = taken("NOTIFY_SOCKET");
  const auto every_us = number(taken("WATCHDOG_USEC"));
  const auto pid = taken("WATCHDOG_PID");
  const bool meant = pid.empty() || number(pid) == ::getpid();
  if (every_us && meant) manager.watchdog_ = Duration(*every_us / 1000);
  return manager;
}

void ServiceManager::ready(std::string_view status) const {
  tell(fmt::format("READY=1\nSTATUS={}", status));
}

void ServiceManager::reloading() const {
  tell("RELOADING=1");
}

void ServiceManager::stopping() const {
  tell("STOPPING=1");
}

void ServiceManager::alive() const {
  tell("WATCHDOG=1");
}

void ServiceManager::tell(const std::string& state) const {
  sockaddr_un address{};
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_[0] == '@') address.sun_path[0] = '\0';  // an abstract name
  const auto size = socklen_t(offsetof(sockaddr_un, sun_path) + socket_.size());
  const int channel = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (channel < 0) return;
  // The address of a local socket is handed over as any address is.
  [[maybe_unused]] const auto sent = ::sendto(channel, state.data(), state.size(), MSG_NOSIGNAL,
                                              reinterpret_cast<const sockaddr*>(&address), size);
  ::close(channel);
}

}  // namespace postern::cli
