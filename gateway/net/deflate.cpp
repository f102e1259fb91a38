#include "net/deflate.hpp"

#include <algorithm>
#include <limits>
#include <new>

namespace postern::net {
namespace {

// A window of 4 KB and small tables: 32 KB of memory, and commands compress no better with more.
constexpr int deflate_window_bits = -12;  // negative: no zlib header
constexpr int deflate_memory_level = 5;
constexpr int inflate_window_bits = -15;  // the server chooses up to 32 KB
constexpr std::size_t deflate_chunk_bytes = 4 * 1024;

uInt clamped(std::size_t size) {
  return static_cast<uInt>(std::min<std::size_t>(size, std::numeric_limits<uInt>::max()));
}

// zlib's interface is older than const.
Bytef* bytes_of(const char* data) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(data));
}

}  // namespace

Deflater::Deflater() {
  const int made = deflateInit2(&state_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, deflate_window_bits,
                                deflate_memory_level, Z_DEFAULT_STRATEGY);
  if (made != Z_OK) throw std::bad_alloc();
}

Deflater::~Deflater() {
  deflateEnd(&state_);
}

std::string Deflater::deflate(std::string_view plain) {
  std::string out;
  while (!plain.empty()) {
    const auto taken = clamped(plain.size());
    state_.next_in = bytes_of(plain.data());
    state_.avail_in = taken;
    plain.remove_prefix(taken);
    do {
      const auto before = out.size();
      out.resize(before + deflate_chunk_bytes);
      state_.next_out = bytes_of(out.data() + before);
      state_.avail_out = deflate_chunk_bytes;
      const int done = ::deflate(&state_, Z_SYNC_FLUSH);
      POSTERN_ASSERT(done == Z_OK || done == Z_BUF_ERROR);
      out.resize(out.size() - state_.avail_out);
    } while (state_.avail_out == 0);
  }
  return out;
}

Inflater::Inflater(InflateLimits limits)
    : limits_(limits), allowance_bytes_(limits.burst_bytes_max) {
  if (inflateInit2(&state_, inflate_window_bits) != Z_OK) throw std::bad_alloc();
}

Inflater::~Inflater() {
  inflateEnd(&state_);
}

Result<std::size_t> Inflater::inflate(std::string_view& compressed, std::span<char> plain) {
  if ((compressed.empty() && !full_) || plain.empty()) return std::size_t{0};
  state_.next_in = bytes_of(compressed.data());
  state_.avail_in = clamped(compressed.size());
  state_.next_out = bytes_of(plain.data());
  state_.avail_out = clamped(plain.size());
  const auto offered_in = state_.avail_in, offered_out = state_.avail_out;
  const int done = ::inflate(&state_, Z_SYNC_FLUSH);
  const std::size_t in = offered_in - state_.avail_in, out = offered_out - state_.avail_out;
  compressed.remove_prefix(in);
  full_ = state_.avail_out == 0;
  POSTERN_TRY(count(in, out));
  if (done == Z_OK || (done == Z_BUF_ERROR && compressed.empty())) return out;
  if (done == Z_STREAM_END) {
    return Error{errc::inflate_malformed, "the compressed stream ended inside the session"};
  }
  return Error{errc::inflate_malformed, state_.msg == nullptr ? "" : state_.msg};
}

Result<void> Inflater::count(std::uint64_t in, std::uint64_t out) {
  allowance_bytes_ = std::min(limits_.burst_bytes_max, allowance_bytes_ + in * limits_.ratio_max);
  if (out > allowance_bytes_) {
    return Error{errc::inflate_limit, "far more came out of the compressed bytes than went in"};
  }
  allowance_bytes_ -= out;
  return success();
}

}  // namespace postern::net
