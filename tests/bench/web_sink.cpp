// A webhook endpoint that only counts: HTTP/1.1 with keep-alive on loopback, one thread, 200 at
// once. At SIGTERM it tells how many requests it took and, with a MARK (the text right before a
// number in the bodies), when each number came. On its second port it tells whoever connects how
// many requests there are so far.
//
//   bench_web_sink PORT CONTROL_PORT [MARK]
#include "bench/tls_line.hpp"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <unordered_map>

namespace {

using namespace postern::bench;

constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

volatile sig_atomic_t ended = 0;
std::size_t requests = 0;
std::vector<std::pair<long, double>> times;

/// Of a header block. Ends the program when it is not told: nothing else is expected here.
std::size_t content_length(std::string_view head) {
  constexpr std::string_view wanted = "\r\ncontent-length:";
  const auto found = std::ranges::search(head, wanted, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == b;
  });
  if (found.empty()) give_up("a request without Content-Length");
  const char* at = found.data() + wanted.size();
  const char* end = head.data() + head.size();
  while (at != end && *at == ' ') ++at;
  std::size_t length = 0;
  std::from_chars(at, end, length);
  return length;
}

void note(std::string_view body, std::string_view mark) {
  if (mark.empty()) return;
  const auto at = body.find(mark);
  if (at == std::string_view::npos) return;
  long number = 0;
  std::from_chars(body.data() + at + mark.size(), body.data() + body.size(), number);
  times.emplace_back(number, wall_seconds());
}

/// Answers every whole request in `input`, removes it there.
void answer_all(int fd, std::string& input, std::string_view mark) {
  std::size_t begin = 0;
  std::string answers;
  for (;;) {
    const std::string_view rest = std::string_view(input).substr(begin);
    const auto head = rest.find("\r\n\r\n");
    if (head == std::string_view::npos) break;
    const auto length = content_length(rest.substr(0, head + 2));
    if (rest.size() < head + 4 + length) break;
    note(rest.substr(head + 4, length), mark);
    begin += head + 4 + length;
    answers += answer;
    ++requests;
  }
  input.erase(0, begin);
  if (!answers.empty()) ::send(fd, answers.data(), answers.size(), MSG_NOSIGNAL);
}

/// False at its end.
bool serve(int fd, std::string& input, std::string_view mark) {
  static std::array<char, 256 * 1024> buffer;
  const auto count = ::recv(fd, buffer.data(), buffer.size(), 0);
  if (count < 0) return errno == EAGAIN || errno == EINTR;
  if (count == 0) return false;
  input.append(buffer.data(), static_cast<std::size_t>(count));
  answer_all(fd, input, mark);
  return true;
}

void watch(int epoll, int fd) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = fd;
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

void tell_count(int control) {
  const int fd = ::accept4(control, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd < 0) return;
  const auto text = std::to_string(requests) + "\n";
  ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
  ::close(fd);
}

void tell() {
  std::printf("{\"requests\":%zu,\"cpu\":%.3f,\"times\":[", requests, cpu_seconds());
  const char* between = "";
  for (const auto& [number, at] : times) {
    std::printf("%s[%ld,%.6f]", between, number, at);
    between = ",";
  }
  std::printf("]}\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) give_up("usage: bench_web_sink PORT CONTROL_PORT [MARK]");
  const std::string_view mark = argc == 4 ? argv[3] : "";
  sigset_t ends, none;
  sigemptyset(&none);
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  ::sigprocmask(SIG_BLOCK, &ends, nullptr);  // it comes in epoll_pwait alone
  ::signal(SIGTERM, [](int) { ended = 1; });
  const int listening = listen_loopback(port_of(argv[1]));
  const int control = listen_loopback(port_of(argv[2]));
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  watch(epoll, listening);
  watch(epoll, control);
  std::unordered_map<int, std::string> inputs;
  std::array<epoll_event, 64> events;
  while (ended == 0) {
    const int count = ::epoll_pwait(epoll, events.data(), events.size(), -1, &none);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == control) {
        tell_count(control);
      } else if (fd == listening) {
        const int fresh = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fresh < 0) continue;
        set_no_delay(fresh);
        watch(epoll, fresh);
      } else if (!serve(fd, inputs[fd], mark)) {
        inputs.erase(fd);
        ::close(fd);
      }
    }
  }
  tell();
}
