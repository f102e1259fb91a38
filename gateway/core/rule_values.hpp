// The texts that a field of a rule's condition stands for in one mail: a test matches when one of
// them does.
#pragma once

#include "core/rule_condition.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postern {

/// Addresses as address, name, and "name <address>"; every header of that name; file names; … Of
/// the body the text, or the words of the HTML when there is no text. Empty for size and time.
std::vector<std::string> rule_values(RuleField field, std::string_view header,
                                     const MailFacts& facts);

/// The words of an HTML text, for conditions: tags, comments, styles and scripts left out, the
/// common entities read. Linear in its size.
std::string words_of_html(std::string_view html);

/// "support+42@example.com" → "42"; nothing without a plus.
std::string_view subaddress_of(std::string_view address);

/// The tags behind the plus in the envelope's recipients, and in those of To and Cc that are the
/// integration's address but for it.
std::vector<std::string> subaddresses_of(const MessageSummary& mail, std::string_view own_address);

}  // namespace postern
