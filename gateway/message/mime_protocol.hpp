// What a gateway and its MIME worker say to each other: payloads of net::WorkerFrame.
//
// On the wire a frame is `u8 kind | u32 LE length | payload`; the reply carries the request's kind.
// A payload is `u32 LE length | JSON | bytes`: the small things as JSON, a mail and the contents of
// attachments as they are. No I/O here, so that the simulator can answer in process (answer()).
#pragma once

#include "core/mail.hpp"
#include "core/result.hpp"
#include "message/compose.hpp"
#include "message/digest.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

inline constexpr std::uint8_t mime_digest_kind = 1;
inline constexpr std::uint8_t mime_compose_kind = 2;
inline constexpr std::uint8_t mime_seven_bit_kind = 3;
inline constexpr std::size_t mime_frame_bytes_max = 256 * 1024 * 1024;

/// The payloads of requests; their kinds are above.
std::string encode_digest_request(std::span<const std::string> mails,
                                  const DigestLimits& limits = {});
std::string encode_digest_request(std::string_view raw, const DigestLimits& limits = {});
std::string encode_compose_request(const Draft& draft, const ComposeContext& context);
std::string encode_seven_bit_request(std::string_view raw);

/// Reads a reply's payload. Errors: bad_worker_reply; compose's own, as the worker met them.
Result<std::vector<MessageSummary>> decode_digest_replies(std::string_view payload,
                                                          std::size_t mails);
Result<MessageSummary> decode_digest_reply(std::string_view payload);
Result<ComposedMail> decode_compose_reply(std::string_view payload);
Result<std::string> decode_seven_bit_reply(std::string_view payload);

/// The worker's side: the reply's payload for a request. A request that cannot be read is answered
/// with bad_worker_request; nothing here throws but std::bad_alloc.
std::string answer(std::uint8_t kind, std::string_view payload);

}  // namespace postern::message
