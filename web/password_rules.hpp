// Which passwords people may take, in words that can stand beside the field.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::web {

/// Why `password` will not do for `name`; nothing when it will. Long is good, and nothing else is
/// asked for: no digits, no signs, no change every month (NIST SP 800-63B §5.1.1.2).
std::optional<std::string> password_fault(std::string_view password, std::string_view name);

/// The rules as sentences, for the page to show before anybody types.
std::vector<std::string_view> password_rules();

}  // namespace postern::web
