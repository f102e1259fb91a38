#include "bench/tls_line.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace postern::bench {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

[[noreturn]] void give_up_tls(const std::string& what) {
  ERR_print_errors_fp(stderr);
  give_up(what);
}

}  // namespace

void give_up(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

double wall_seconds() {
  timespec at{};
  ::clock_gettime(CLOCK_MONOTONIC, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) / 1e9;
}

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
}

std::uint16_t port_of(const char* text) {
  return static_cast<std::uint16_t>(std::atoi(text));
}

void set_no_delay(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int connect_loopback(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    give_up("connect: " + std::string(std::strerror(errno)));
  }
  return fd;
}

int listen_loopback(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const auto address = loopback(port);
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd, 4096) != 0) {
    give_up("listen: " + std::string(std::strerror(errno)));
  }
  return fd;
}

Context client_context(const std::string& ca_file) {
  Context context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) != 1) give_up_tls(ca_file);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

Context server_context(const std::string& certificate_file, const std::string& key_file) {
  Context context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    give_up_tls(certificate_file);
  }
  return context;
}

TlsLine::~TlsLine() {
  ::close(fd_);
}

void TlsLine::connect_tls(SSL_CTX* context) {
  ssl_.reset(SSL_new(context));
  SSL_set_fd(ssl_.get(), fd_);
  if (SSL_connect(ssl_.get()) != 1) give_up_tls("TLS handshake");
}

void TlsLine::accept_tls(SSL_CTX* context) {
  ssl_.reset(SSL_new(context));
  SSL_set_fd(ssl_.get(), fd_);
  if (SSL_accept(ssl_.get()) != 1) give_up_tls("TLS handshake");
}

bool TlsLine::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == buffer_.size()) give_up("a line is too long");
  char* to = buffer_.data() + end_;
  const int room = static_cast<int>(buffer_.size() - end_);
  const auto count = ssl_ ? SSL_read(ssl_.get(), to, room)
                          : static_cast<int>(::recv(fd_, to, static_cast<std::size_t>(room), 0));
  if (count <= 0) return false;
  end_ += static_cast<std::size_t>(count);
  return true;
}

bool TlsLine::line_waits() const {
  return std::memchr(buffer_.data() + begin_, '\n', end_ - begin_) != nullptr;
}

const std::string_view* TlsLine::line() {
  for (;;) {
    const char* start = buffer_.data() + begin_;
    const auto* end = static_cast<const char*>(std::memchr(start, '\n', end_ - begin_));
    if (end == nullptr) {
      if (!fill()) return nullptr;
      continue;
    }
    line_ = std::string_view(start, static_cast<std::size_t>(end - start));
    begin_ += line_.size() + 1;
    if (line_.ends_with('\r')) line_.remove_suffix(1);
    return &line_;
  }
}

void TlsLine::skip(std::size_t count) {
  for (;;) {
    const auto here = std::min(count, end_ - begin_);
    begin_ += here;
    count -= here;
    if (count == 0) return;
    if (!fill()) give_up("the stream ended in a literal");
  }
}

void TlsLine::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count =
        ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
             : static_cast<int>(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
    if (count <= 0) give_up_tls("write");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace postern::bench
