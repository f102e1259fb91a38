// CompressedStream: a Stream over another whose bytes are raw deflate both ways, as after IMAP's
// COMPRESS (RFC 4978, RFC 1951). Whoever reads sees plain bytes and needs to know nothing.
//
// A connection costs about 80 KB more while it lives: 32 KB of window for what the server sends,
// as much for a small compressor of our own, since commands are short. So flows ask for it only
// where someone wants it.
#pragma once

#include "net/env.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace postern::net {

/// How much a peer may inflate. What came compressed may become `ratio_max` times as long; what is
/// more than that is taken from `burst_bytes_max`, which fills up again with what comes in.
/// Text compresses 3 to 10 times and a mail of zeros 1,000 times: an honest large mail passes, an
/// endless bomb does not. Memory does not enter into it: nothing is inflated that is not read.
struct InflateLimits {
  std::uint64_t ratio_max = 100;
  std::uint64_t burst_bytes_max = 256 * 1024 * 1024;
};

/// `stream` from here on compressed both ways; `received`: bytes that were read from it already.
/// Read limits hold for the whole of a read, also when compressed bytes come that tell nothing.
/// Errors of its reads, beside the stream's: inflate_malformed, inflate_limit; both are final.
std::unique_ptr<Stream> compressed(std::unique_ptr<Stream> stream, Env& env, std::string received,
                                   InflateLimits limits = {});

}  // namespace postern::net
