// Providers that give a mail another Message-ID than its author did, so that answers refer to one
// that nobody here wrote. What they called it stands in their answer to the mail's last dot.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace postern {

/// What the mail is called by a provider whose answer is `words`; nothing when it says no name, or
/// the mail's own (`message_id`, with < >).
///
/// Amazon SES: "250 Ok 0100018f…-000000" and the Message-ID <0100018f…-000000@REGION.amazonses.com>
/// (its first region: email.amazonses.com). Exchange: "2.6.0 <…@….prod.outlook.com> [InternalId=…".
/// Postmark: "2.0.0 Ok: queued as 0f6c…" and <0f6c…@mtasv.net>.
std::optional<std::string> provider_alias_in(std::string_view words, std::string_view message_id);

/// The Message-ID `id` (with < >) as provider_alias_in would have named it.
std::string provider_alias_of(std::string_view id);

}  // namespace postern
