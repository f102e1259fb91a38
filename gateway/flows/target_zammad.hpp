// Whether Zammad has a mail already. Its interface takes the same mail twice and makes two tickets
// of it, so before a mail whose last answer was lost is given again, it is looked for by its
// Message-ID. Sources: Zammad's REST API, GET /tickets/search (a condition is looked up in the
// database, not in the search index, which lags behind) and GET /ticket_articles/by_ticket.
#pragma once

#include "flows/target_kinds.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::flows {

/// The progress that is noted before the first call.
inline constexpr std::string_view zammad_asked = "asked";

/// The tickets of a search's answer, at most `zammad_candidates_max`; none when it is no such one.
std::vector<std::string> zammad_tickets(std::string_view body);
constexpr std::size_t zammad_candidates_max = 5;

/// Whether one of the articles in the answer is the mail.
bool zammad_has(std::string_view body, std::string_view message_id);

/// The answer it would have given, when it has the mail; one that puts the mail off, when it can't
/// be asked now. Nothing: it has not, or does not know the question.
net::Task<std::optional<TargetAnswer>> find_in_zammad(net::HttpClient& http, TargetMail& mail);

}  // namespace postern::flows
