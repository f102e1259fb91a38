// "Did you mean …?": the nearest known word to one that is not known.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postern {

/// The word of `known` that takes the fewest edits from `word`, letters' case aside; nothing when
/// none is near (over a third of its length, and over 2). Words over 64 bytes are near to nothing.
std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> known);

/// " (did you mean "NEAREST"?)" or an empty string.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace postern
