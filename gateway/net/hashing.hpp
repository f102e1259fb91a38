// SHA-256 and HMAC-SHA-256, by OpenSSL.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace postern::net {

/// SHA-256 of bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();

  void update(std::string_view bytes);
  /// The hash as lower-case hex; afterwards the object may only be destroyed.
  std::string finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Lower-case hex.
std::string sha256(std::string_view bytes);

/// The 32 raw bytes. Source: RFC 2104.
std::string hmac_sha256(std::string_view key, std::string_view bytes);

/// Equality in a time that tells nothing of where they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace postern::net
