// The words and numbers by which token endpoints refuse, and what they mean.
#pragma once

#include "oauth/token_answer.hpp"

#include <string_view>

namespace postern::oauth {

/// What an `error` and a `suberror` (or "") mean; an unknown one is the app's fault: no person's
/// consent mends what nobody knows.
FaultKind kind_of(std::string_view error, std::string_view suberror);

/// Whether a number of Microsoft's tells of a trouble of its own that passes.
bool passes_by_itself(std::int64_t aadsts);

/// What to do about it: by Microsoft's number (0: none), else by the error word.
std::string_view hint_for(FaultKind kind, std::string_view error, std::int64_t aadsts);

}  // namespace postern::oauth
