// TlsLine: one blocking connection, plain and then TLS, with a buffer for reading: what the raw
// peers of the benchmarks share. Any trouble ends the program: a benchmark that fails measures
// nothing.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace postern::bench {

[[noreturn]] void give_up(const std::string& what);

/// Since some start.
double wall_seconds();
/// Of the processor, user's and system's, this process has used.
double cpu_seconds();

std::uint16_t port_of(const char* text);
int connect_loopback(std::uint16_t port);
int listen_loopback(std::uint16_t port);
void set_no_delay(int fd);

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
Context client_context(const std::string& ca_file);
Context server_context(const std::string& certificate_file, const std::string& key_file);

class TlsLine {
 public:
  explicit TlsLine(int fd) : fd_(fd) { set_no_delay(fd); }
  TlsLine(const TlsLine&) = delete;
  TlsLine& operator=(const TlsLine&) = delete;
  ~TlsLine();

  void connect_tls(SSL_CTX* context);
  void accept_tls(SSL_CTX* context);

  /// The next line without its end, valid until the next call; nothing at the end of the stream.
  const std::string_view* line();
  /// Whether line() would answer without reading.
  bool line_waits() const;
  /// Passes over `count` bytes.
  void skip(std::size_t count);
  void write(std::string_view bytes);

 private:
  bool fill();

  int fd_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, SSL_free};
  std::vector<char> buffer_ = std::vector<char>(64 * 1024);
  std::size_t begin_ = 0, end_ = 0;
  std::string_view line_;
};

}  // namespace postern::bench
