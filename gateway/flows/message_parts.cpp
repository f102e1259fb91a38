// Reads the raw mail and lets message/ decode one part of it, away from the caller's executor.
#include "flows/message_parts.hpp"

#include "message/digest.hpp"
#include "message/errc.hpp"
#include "net/scope.hpp"

#include <boost/asio/thread_pool.hpp>

#include <exception>

namespace postern::flows {
namespace {

/// One thread for all decoding: it bounds what parallel downloads may cost the mail flows.
boost::asio::any_io_executor decoding_executor() {
  static boost::asio::thread_pool pool(1);
  return pool.get_executor();
}

/// vmime may throw on a leaf that it cannot read.
template <class Decode>
Result<std::string> guarded(Decode decode) {
  try {
    return decode();
  } catch (const std::exception& e) {
    return Error{make_error_code(message::errc::no_such_part), e.what()};
  }
}

net::Task<Result<std::string>> decode_attachment(std::string raw, int index) {
  co_return guarded(
      [&] { return message::decode_attachment(raw, static_cast<std::size_t>(index)); });
}

net::Task<Result<std::string>> decode_body(std::string raw, message::TextKind kind) {
  co_return guarded([&] { return message::decode_text(raw, kind); });
}

}  // namespace

net::Task<Result<std::string>> attachment(Context& context, MessageId id, int index) {
  if (index < 0) co_return Error{make_error_code(message::errc::no_such_part), ""};
  POSTERN_CO_TRY(auto raw, co_await context.store.messages().raw(id));
  co_return co_await net::run_on(decoding_executor(), decode_attachment(std::move(raw), index));
}

net::Task<Result<std::string>> body_part(Context& context, MessageId id, BodyPart part) {
  POSTERN_CO_TRY(auto raw, co_await context.store.messages().raw(id));
  const auto kind = part == BodyPart::html ? message::TextKind::html : message::TextKind::plain;
  co_return co_await net::run_on(decoding_executor(), decode_body(std::move(raw), kind));
}

bool is_no_such_part(const Error& error) {
  return error.code == make_error_code(message::errc::no_such_part);
}

}  // namespace postern::flows
