// Dialogue: what the played servers share: lines and counted bytes out of a Stream, and words into
// it. The end of the connection is an empty answer, never an error: a server just stops playing.
#pragma once

#include "net/env.hpp"

#include <memory>
#include <optional>
#include <string>

namespace postern::sim {

class Dialogue {
 public:
  explicit Dialogue(std::unique_ptr<net::Stream> stream) : stream_(std::move(stream)) {}

  /// One line without its CRLF; nothing when the connection ended or nothing came for 2 hours.
  net::Task<std::optional<std::string>> line();
  /// Everything up to and with `end`.
  net::Task<std::optional<std::string>> until(std::string end);
  net::Task<std::optional<std::string>> bytes(std::size_t count);
  /// False when the other end is gone.
  net::Task<bool> say(std::string words);
  /// Waits until the other end closes; true when it did within `limit`.
  net::Task<bool> gone_within(Duration limit);
  /// Waits for the other end's TLS handshake.
  net::Task<bool> hear_tls();
  void close() { stream_->close(); }
  /// What has come already and was not asked for yet.
  bool more_is_here() const { return !input_.empty(); }
  void forget_what_is_here() { input_.clear(); }

 private:
  net::Task<bool> fill(Duration limit);

  std::unique_ptr<net::Stream> stream_;
  std::string input_;
};

/// The token in an XOAUTH2 message of `user`; empty when it is anything else.
std::string token_in(const std::string& message, const std::string& user);

}  // namespace postern::sim
