// What a person must do, where a provider says so in words alone: Exchange and Gmail give the same
// code for a wrong password, a switch that is off and a right that is missing. Words choose the
// hint and the field; they change nothing else but what these rows say they do.
#pragma once

#include "core/integration.hpp"
#include "flows/verdict.hpp"

#include <string_view>

namespace postern::flows {

/// Puts the hint for `words` (an Error's detail, or a reply) in the place of the general one. A row
/// may also say that it is the account's trouble and no passing one.
void advise(Verdict& verdict, std::string_view words, Direction direction);

/// The same verdict for an integration that logs in by a token: no word of passwords.
Verdict for_method(Verdict verdict, AuthMethod method, Direction direction);

/// Whether the reply refuses the sender, though it came after DATA: Exchange's SendAsDenied.
bool refuses_sender(std::string_view words);

}  // namespace postern::flows
