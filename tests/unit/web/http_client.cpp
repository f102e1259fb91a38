// Sockets of the system, with a receive time-out, so that no test waits for ever.
#include "unit/web/http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include <array>
#include <cstdlib>

namespace postern::web::test {
namespace {

constexpr int limit_s = 20;

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return text;
}

void read_head(std::string_view head, Reply& reply) {
  reply.status = std::atoi(std::string(head.substr(9, 3)).c_str());
  head.remove_prefix(head.find("\r\n") + 2);
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    const auto line = head.substr(0, end);
    const auto colon = line.find(": ");
    reply.headers.emplace(lower(std::string(line.substr(0, colon))), line.substr(colon + 2));
    head.remove_prefix(end + 2);
  }
}

}  // namespace

std::string Reply::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::string Reply::media() const {
  const auto type = header("content-type");
  return type.substr(0, type.find(';'));
}

boost::json::value Reply::json() const {
  boost::system::error_code ec;
  auto value = boost::json::parse(body, ec);
  EXPECT_FALSE(ec) << status << " " << body.substr(0, 300);
  return value;
}

HttpConnection::HttpConnection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  const timeval limit{limit_s, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(0, ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address));
}

HttpConnection::~HttpConnection() {
  ::close(socket_);
}

bool HttpConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool HttpConnection::fill() {
  std::array<char, 65536> buffer;
  const auto count = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (count <= 0) return false;
  input_.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

bool HttpConnection::read_chunks(std::string& body) {
  for (;;) {
    auto end = input_.find("\r\n");
    while (end == std::string::npos) {
      if (!fill()) return false;
      end = input_.find("\r\n");
    }
    const auto size = std::strtoul(input_.c_str(), nullptr, 16);
    while (input_.size() < end + 2 + size + 2) {
      if (!fill()) return false;
    }
    body += input_.substr(end + 2, size);
    input_.erase(0, end + 2 + size + 2);
    if (size == 0) return true;
  }
}

Reply HttpConnection::read_reply(bool head_only) {
  Reply reply;
  auto end = input_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!fill()) return reply;
    end = input_.find("\r\n\r\n");
  }
  read_head(std::string_view(input_).substr(0, end + 2), reply);
  input_.erase(0, end + 4);
  const bool bodyless = head_only || reply.status == 204 || reply.status == 304;
  if (bodyless || reply.status == 100) return reply;
  if (reply.header("transfer-encoding") == "chunked") {
    EXPECT_TRUE(read_chunks(reply.body));
    return reply;
  }
  const auto length = reply.header("content-length");
  const auto size = length.empty() ? std::string::npos : std::strtoul(length.c_str(), nullptr, 10);
  while (input_.size() < size && fill()) continue;
  reply.body = input_.substr(0, size);
  input_.erase(0, size);
  return reply;
}

std::string HttpConnection::read_until(std::string_view until) {
  while (input_.find(until) == std::string::npos) {
    if (!fill()) break;
  }
  const auto end = std::min(input_.find(until), input_.size());
  auto result = input_.substr(0, end);
  input_.erase(0, std::min(end + until.size(), input_.size()));
  return result;
}

bool HttpConnection::ended() {
  char byte = 0;
  for (;;) {
    const auto count = ::recv(socket_, &byte, 1, 0);
    if (count == 0) return true;
    if (count < 0) return errno == ECONNRESET;
  }
}

std::string request_text(std::string_view method, std::string_view target, const Lines& headers,
                         std::string_view body) {
  std::string text =
      std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: localhost\r\n";
  for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
  if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  return text + "\r\n" + std::string(body);
}

Reply call(std::uint16_t port, std::string_view method, std::string_view target,
           const Lines& headers, std::string_view body) {
  HttpConnection connection(port);
  connection.send(request_text(method, target, headers, body));
  return connection.read_reply(method == "HEAD");
}

}  // namespace postern::web::test
