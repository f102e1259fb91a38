// Calls an HTTP/1.1 server on loopback as fast as it answers, over some kept connections, and tells
// how long the answers took. "%N%" in the path and in the body stands for the call's number.
//
//   bench_http_load PORT CONNECTIONS CALLS TOKEN METHOD PATH [BODY_FILE]
#include "bench/tls_line.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>

namespace {

using namespace postern::bench;

constexpr int calls_a_connection = 900;  // below what the server allows

struct Load {
  std::uint16_t port;
  long calls;
  std::string token, method, path, body;
  std::atomic<long> next = 0;
  std::mutex mutex;  // of what follows
  std::vector<double> seconds;
  std::map<int, long> statuses;
};

std::string with_number(std::string text, long number) {
  constexpr std::string_view place = "%N%";
  for (auto at = text.find(place); at != std::string::npos; at = text.find(place, at)) {
    text.replace(at, place.size(), std::to_string(number));
  }
  return text;
}

std::string request_of(const Load& load, long number) {
  const auto body = with_number(load.body, number);
  std::string text = load.method + " " + with_number(load.path, number) + " HTTP/1.1\r\n";
  text += "Host: localhost\r\nAuthorization: Bearer " + load.token + "\r\n";
  if (!body.empty() || load.method == "POST") {
    text += "Content-Type: application/json\r\n";
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return text + "\r\n" + body;
}

/// The value of the header line, if it is that header's.
bool header_value(std::string_view line, std::string_view name, std::string_view& value) {
  if (line.size() <= name.size() || line[name.size()] != ':') return false;
  const bool same = std::equal(name.begin(), name.end(), line.begin(), [](char a, char b) {
    return a == (b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b);
  });
  value = line.substr(name.size() + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  return same;
}

/// Reads one answer. Gives its status; `closes`: the connection is good for no other.
int read_answer(TlsLine& line, bool& closes) {
  const auto* text = line.line();
  if (text == nullptr || text->size() < 12) give_up("the server closed the line");
  int status = 0;
  std::from_chars(text->data() + 9, text->data() + 12, status);
  std::size_t length = 0;
  for (text = line.line(); text != nullptr && !text->empty(); text = line.line()) {
    std::string_view value;
    if (header_value(*text, "content-length", value)) {
      std::from_chars(value.data(), value.data() + value.size(), length);
    } else if (header_value(*text, "connection", value)) {
      closes = value == "close";
    } else if (header_value(*text, "transfer-encoding", value)) {
      give_up("an answer without a length");
    }
  }
  line.skip(length);
  return status;
}

/// Calls over one connection. False when there is nothing left to call.
bool call_some(Load& load, std::vector<double>& seconds, std::map<int, long>& statuses) {
  TlsLine line(connect_loopback(load.port));
  bool closes = false;
  for (int i = 0; i < calls_a_connection && !closes; ++i) {
    const long number = load.next++;
    if (number >= load.calls) return false;
    const auto request = request_of(load, number);
    const double begun = wall_seconds();
    line.write(request);
    ++statuses[read_answer(line, closes)];
    seconds.push_back(wall_seconds() - begun);
  }
  return true;
}

void call_all(Load& load) {
  std::vector<double> seconds;
  std::map<int, long> statuses;
  while (call_some(load, seconds, statuses)) {
  }
  const std::lock_guard lock(load.mutex);
  load.seconds.insert(load.seconds.end(), seconds.begin(), seconds.end());
  for (const auto& [status, count] : statuses) load.statuses[status] += count;
}

double at_share(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto last = static_cast<double>(sorted.size() - 1);
  return sorted[static_cast<std::size_t>(share * last + 0.5)] * 1000;
}

void tell(Load& load, double begun) {
  const double took = wall_seconds() - begun;
  std::sort(load.seconds.begin(), load.seconds.end());
  std::printf(
      "{\"calls\":%ld,\"begun\":%.6f,\"seconds\":%.4f,\"cpu\":%.3f,\"p50_ms\":%.3f,"
      "\"p99_ms\":%.3f,\"max_ms\":%.3f,\"statuses\":{",
      load.calls, begun, took, cpu_seconds(), at_share(load.seconds, 0.5),
      at_share(load.seconds, 0.99), at_share(load.seconds, 1));
  const char* between = "";
  for (const auto& [status, count] : load.statuses) {
    std::printf("%s\"%d\":%ld", between, status, count);
    between = ",";
  }
  std::printf("}}\n");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 7 || argc > 8) {
    give_up("usage: bench_http_load PORT CONNECTIONS CALLS TOKEN METHOD PATH [BODY_FILE]");
  }
  Load load;
  load.port = port_of(argv[1]);
  load.calls = std::atol(argv[3]);
  load.token = argv[4];
  load.method = argv[5];
  load.path = argv[6];
  if (argc == 8) {
    std::ifstream file(argv[7], std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) give_up(std::string(argv[7]) + " cannot be read");
    load.body = text.str();
  }
  const double begun = wall_seconds();
  std::vector<std::thread> threads;
  for (int i = 0; i < std::atoi(argv[2]); ++i) threads.emplace_back(call_all, std::ref(load));
  for (auto& thread : threads) thread.join();
  tell(load, begun);
}
