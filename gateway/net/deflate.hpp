// The two halves of raw deflate (RFC 1951) over zlib, without I/O: bytes in, bytes out, bounded.
#pragma once

#include "net/compressed_stream.hpp"

#include <zlib.h>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace postern::net {

/// Compresses what is sent; each call gives what makes the peer see all of its bytes.
class Deflater {
 public:
  Deflater();
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  std::string deflate(std::string_view plain);

 private:
  z_stream state_{};
};

/// Decompresses what comes, as far as there is room for it.
class Inflater {
 public:
  explicit Inflater(InflateLimits limits);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Plain bytes into `plain`, using up the front of `compressed`; 0 when more input is needed.
  /// Errors: inflate_malformed (also the stream's end mark: a session has none), inflate_limit.
  Result<std::size_t> inflate(std::string_view& compressed, std::span<char> plain);

 private:
  Result<void> count(std::uint64_t in, std::uint64_t out);

  InflateLimits limits_;
  std::uint64_t allowance_bytes_;
  bool full_ = false;  // the last call filled its room: there may be more without new input
  z_stream state_{};
};

}  // namespace postern::net
