// Words by which people say that they are away, in the languages of mail programs.
#pragma once

#include <string_view>

namespace postern::message {

inline constexpr std::size_t absence_text_bytes_max = 4096;  // looked at, from the text's begin

/// Whether a subject begins as automatic answers do: "Automatic reply: …".
bool is_automatic_subject(std::string_view subject);
/// Whether a subject or a text tells of an absence.
bool tells_of_absence(std::string_view text);
/// Whether a subject is, by its begin, that of an absence notice: "Out of Office: …".
bool is_absence_subject(std::string_view subject);

}  // namespace postern::message
