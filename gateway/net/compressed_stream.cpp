#include "net/compressed_stream.hpp"

#include "net/deflate.hpp"

#include <algorithm>
#include <utility>

namespace postern::net {
namespace {

constexpr std::size_t read_bytes = 4 * 1024;  // of compressed input at a time

class CompressedStream final : public Stream {
 public:
  CompressedStream(std::unique_ptr<Stream> stream, Env& env, std::string received,
                   InflateLimits limits)
      : stream_(std::move(stream)), env_(env), input_(std::move(received)), inflater_(limits) {
    unread_ = input_;
  }

  // A read of no plain bytes is none: sync marks and half blocks are waited out within `limit`.
  Task<Result<std::size_t>> read_some(std::span<char> buffer, Duration limit) override {
    const auto deadline = env_.steady() + limit;
    bool asked = false;  // a limit of 0 asks the stream once
    for (;;) {
      POSTERN_CO_TRY(const auto plain, inflater_.inflate(unread_, buffer));
      if (plain > 0) co_return plain;
      if (!unread_.empty()) continue;
      const auto left = std::max(deadline - env_.steady(), Duration(0));
      if (left.count() == 0 && std::exchange(asked, true)) {
        co_return Error{errc::timeout, "compressed bytes without content"};
      }
      POSTERN_CO_TRY(co_await read_compressed(left));
      asked = true;
    }
  }

  void end_read() noexcept override { stream_->end_read(); }

  Task<Result<void>> write_all(std::string_view bytes, Duration limit) override {
    const auto packed = deflater_.deflate(bytes);
    co_return co_await stream_->write_all(packed, limit);
  }

  Task<Result<void>> start_tls(std::string, TlsPolicy, Duration) override {
    POSTERN_ASSERT(false && "TLS comes before compression");
    co_return success();
  }

  std::optional<TlsFacts> tls_facts() const override { return stream_->tls_facts(); }
  std::string peer_address() const override { return stream_->peer_address(); }
  void close() noexcept override { stream_->close(); }

 private:
  Task<Result<void>> read_compressed(Duration limit) {
    input_.resize(read_bytes);
    unread_ = {};
    POSTERN_CO_TRY(const auto count, co_await stream_->read_some(input_, limit));
    unread_ = std::string_view(input_).substr(0, count);
    co_return success();
  }

  std::unique_ptr<Stream> stream_;
  Env& env_;
  std::string input_;
  std::string_view unread_;  // of input_
  Inflater inflater_;
  Deflater deflater_;
};

}  // namespace

std::unique_ptr<Stream> compressed(std::unique_ptr<Stream> stream, Env& env, std::string received,
                                   InflateLimits limits) {
  return std::make_unique<CompressedStream>(std::move(stream), env, std::move(received), limits);
}

}  // namespace postern::net
