// Ids: 63-bit numbers inside, opaque prefixed strings outside ("msg_0c5v3k9q2m7aa").
//
// A number is made by storage's writer from the clock and chance, always larger than the last, so
// ids sort by age, are never used again, and those of two installations do not meet (a webhook's
// receiver remembers ids).
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace postern {

/// "prefix_" and 13 characters of Crockford's base 32 in lower case.
std::string format_id(std::string_view prefix, std::int64_t value);

/// The number in what format_id wrote; nothing when the text is anything else.
std::optional<std::int64_t> parse_id(std::string_view prefix, std::string_view text);

template <class Tag>
struct Id {
  std::int64_t value = 0;

  static std::optional<Id> parse(std::string_view text) {
    const auto number = parse_id(Tag::prefix, text);
    return number ? std::optional<Id>(Id{*number}) : std::nullopt;
  }
  std::string str() const { return format_id(Tag::prefix, value); }
  explicit operator bool() const { return value != 0; }
  auto operator<=>(const Id&) const = default;
};

struct IntegrationTag {
  static constexpr std::string_view prefix = "int";
};
struct MessageTag {
  static constexpr std::string_view prefix = "msg";
};
struct DeliveryTag {
  static constexpr std::string_view prefix = "dlv";
};
struct HandoverTag {
  static constexpr std::string_view prefix = "hnd";
};
struct TargetTag {
  static constexpr std::string_view prefix = "tgt";
};
struct LeaseTag {
  static constexpr std::string_view prefix = "lse";
};
struct EventTag {
  static constexpr std::string_view prefix = "evt";
};
struct TokenTag {
  static constexpr std::string_view prefix = "tok";
};

using IntegrationId = Id<IntegrationTag>;
using MessageId = Id<MessageTag>;
using DeliveryId = Id<DeliveryTag>;
using HandoverId = Id<HandoverTag>;
using TargetId = Id<TargetTag>;
using LeaseId = Id<LeaseTag>;
using EventId = Id<EventTag>;
using TokenId = Id<TokenTag>;

}  // namespace postern

template <class Tag>
struct std::hash<postern::Id<Tag>> {
  std::size_t operator()(const postern::Id<Tag>& id) const noexcept {
    return std::hash<std::int64_t>()(id.value);
  }
};
