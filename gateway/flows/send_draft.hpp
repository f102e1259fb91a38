// From what a call asks and what its integration says to the mail's draft and envelope. Pure.
#pragma once

#include "core/integration.hpp"
#include "core/mail.hpp"
#include "flows/send_request.hpp"
#include "storage/integrations.hpp"

#include <optional>
#include <string>

namespace postern::flows {

/// What is wrong with sending through this integration at all: 21, 22; nothing when it is well.
std::optional<Refusal> unfit(const storage::StoredIntegration& stored);

/// The address an integration sends as by itself, with its name.
MailAddress own_address(const Integration& integration);

/// One of from_addresses, "Sales <sales@example.com>" or the address alone. A name that should be
/// in quotes is left out.
MailAddress from_entry(const std::string& text);

/// `from` as it may stand in the mail: the integration's address, its login, or one of
/// from_addresses (letters' case and A- or U-labels aside); the name that stands there is added
/// when the call gives none. Nothing when it is not allowed (23).
std::optional<MailAddress> allowed_from(const Integration& integration, const MailAddress& from);

/// Whether allowed_from gives anything.
bool may_send_as(const Integration& integration, const std::string& address);

/// An address as envelopes and rows hold it: its domain as A-labels.
std::string envelope_form(const std::string& address);

/// Sender, and each recipient once, all domains as A-labels.
Envelope envelope_of(const Integration& integration, const SendRequest& request);

/// The draft, `from` allowed already; takes the large fields out of the request. Reply-To: the
/// call's, then default_reply_to, then the login; mode none adds none by itself, mode from puts
/// that address into From.
Draft draft_of(const Integration& integration, SendRequest& request);

}  // namespace postern::flows
