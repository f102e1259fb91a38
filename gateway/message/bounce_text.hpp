// Bounces written for people: qmail, Exim, sendmail, Exchange, Domino, web mailers.
//
// They share a shape: an explanation with the addresses, each with a reason behind it, a divider,
// and the mail or its header. Only mails of a server (empty Return-Path, mailer-daemon) with words
// of that kind are read as one.
#pragma once

#include "core/mail.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postern::message {

/// What a mail tells as a bounce without a report, or nothing when it is none.
std::optional<BounceSummary> bounce_in_text(const MessageSummary& summary);

/// The first Message-ID field that stands at the begin of a line in `text`, behind what divides the
/// explanation from the returned mail if there is such a divider.
std::optional<std::string> message_id_in_text(std::string_view text);

}  // namespace postern::message
