// See verdict_advice.hpp. Source: Microsoft's and Google's lists of errors, and what their servers
// were seen to say.
#include "flows/verdict_advice.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace postern::flows {
namespace {

constexpr std::size_t words_looked_at = 1024;

std::string lower(std::string_view text) {
  std::string result(text.substr(0, words_looked_at));
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return result;
}

struct Advice {
  std::string_view words;  // in lower case
  std::string_view hint;
  std::string_view field;          // under /incoming or /outgoing; empty: as it was
  std::optional<Outcome> outcome;  // nothing: as it was
};

// The first that fits counts: what is more special stands before what is more general.
constexpr std::array rows = {
    // Exchange: SMTP.
    Advice{"disabled for the tenant",
           "SMTP AUTH is switched off for the whole organisation. An Exchange administrator can "
           "allow it for this mailbox: Set-CASMailbox -SmtpClientAuthenticationDisabled $false.",
           "auth", Outcome::auth_rejected},
    Advice{"disabled for the mailbox",
           "SMTP AUTH is switched off for this mailbox. An Exchange administrator switches it on: "
           "\"Authenticated SMTP\" in the mailbox's email apps, or Set-CASMailbox "
           "-SmtpClientAuthenticationDisabled $false.",
           "auth", Outcome::auth_rejected},
    Advice{"security defaults policy",
           "The organisation's security defaults forbid this login. Use OAuth 2.0, or have an "
           "administrator of Microsoft Entra change the policy.",
           "auth/method", Outcome::auth_rejected},
    Advice{"basic authentication is disabled",
           "Passwords are no longer taken here: choose OAuth 2.0 as the login's method.",
           "auth/method", Outcome::auth_rejected},
    Advice{"did not meet the criteria",
           "A policy of the organisation (Conditional Access, an authentication policy) forbids "
           "this login; its administrator sees which in the sign-in log of Microsoft Entra.",
           "auth", Outcome::auth_rejected},
    Advice{"mailbox logon failure",
           "The app may not open this mailbox: give its service principal full access and the "
           "right to send as it (Add-MailboxPermission, Add-RecipientPermission).",
           "auth/username", std::nullopt},
    Advice{"client not authenticated",
           "The server wants a login before it takes mail: choose a login's method and a port for "
           "submission, usually 587.",
           "auth/method", std::nullopt},
    Advice{"mailbox full; storedrv",
           "The mailbox is full, and its Sent folder counts: make room there, or enlarge it.", "",
           std::nullopt},
    Advice{"sendasdenied",
           "The account may not send as this From address: give it the right to (Send As), or "
           "send from its own address.",
           "from_addresses", std::nullopt},
    Advice{"permissions to send as this sender",
           "The account may not send as this From address: give it the right to (Send As), or "
           "send from its own address.",
           "from_addresses", std::nullopt},
    // Exchange: IMAP and POP3.
    Advice{"authenticated but not connected",
           "The login was accepted, but its mailbox could not be opened. Check that the user name "
           "is the mailbox's address, that this person or app has full access to it, and that it "
           "has a licence and IMAP switched on.",
           "auth/username", std::nullopt},
    // Gmail.
    Advice{"application-specific password required",
           "The provider wants an app password: make one in the account's security settings, or "
           "use OAuth 2.0.",
           "auth/password", Outcome::auth_rejected},
    Advice{"via your web browser",
           "The provider wants a person to sign in on its web page first: open the address in its "
           "words, sign in to this account, and confirm that it was you.",
           "auth", Outcome::auth_rejected},
    Advice{"web login required",
           "The provider wants a person to sign in on its web page first: open the address in its "
           "words, sign in to this account, and confirm that it was you.",
           "auth", Outcome::auth_rejected},
    Advice{"not enabled for imap",
           "IMAP is switched off for this account: switch it on in the mailbox's settings, or "
           "have the organisation's administrator do so.",
           "auth", Outcome::auth_rejected},
    Advice{"bandwidth limit",
           "The account has moved more data today than its provider allows, often because several "
           "programs read it; it is let in again within a day.",
           "", std::nullopt},
    // RFC 5530 and 3207.
    Advice{"[expired]", "The password has run out: set a new one at the provider, and then here.",
           "auth/password", std::nullopt},
    Advice{"[privacyrequired]", "The server lets nobody in without TLS: use security \"tls\".",
           "security", std::nullopt},
    Advice{"[authorizationfailed]",
           "The login is right, but it may not act for this user name: check the name, and who "
           "may open that mailbox.",
           "auth/username", std::nullopt},
    Advice{"[contactadmin]",
           "The server asks for its administrator: tell them its words. It is tried again.", "",
           std::nullopt},
    Advice{"must issue a starttls",
           "The server lets nobody in without TLS: use security "
           "\"starttls\".",
           "security", std::nullopt},
};

const Advice* advice_in(std::string_view words) {
  const auto text = lower(words);
  const auto found = std::ranges::find_if(
      rows, [&](const Advice& row) { return text.find(row.words) != std::string::npos; });
  return found == rows.end() ? nullptr : &*found;
}

std::string pointer(Direction direction, std::string_view field) {
  return "/" + std::string(to_string(direction)) + "/" + std::string(field);
}

}  // namespace

void advise(Verdict& verdict, std::string_view words, Direction direction) {
  const auto* advice = advice_in(words);
  if (advice == nullptr) return;
  verdict.hint = advice->hint;
  if (!advice->field.empty()) verdict.field = pointer(direction, advice->field);
  if (advice->outcome) verdict.outcome = *advice->outcome;
}

Verdict for_method(Verdict verdict, AuthMethod method, Direction direction) {
  const auto password = pointer(direction, "auth/password");
  if (method != AuthMethod::oauth2 || verdict.field != password) return verdict;
  verdict.field = pointer(direction, "auth/username");
  verdict.hint =
      "The server refused the access token. Check that the user name is the mailbox's address, "
      "that who authorised may open it, and that " +
      std::string(direction == Direction::incoming ? "IMAP or POP3" : "authenticated SMTP") +
      " is switched on for it.";
  return verdict;
}

bool refuses_sender(std::string_view words) {
  const auto text = lower(words);
  constexpr std::array<std::string_view, 3> phrases = {
      "sendasdenied",                        // 554 5.2.252; 5.2.0 …SendAsDeniedException
      "permissions to send as this sender",  // 550 5.7.60
      "not allowed to send as",
  };
  return std::ranges::any_of(
      phrases, [&](std::string_view phrase) { return text.find(phrase) != std::string::npos; });
}

}  // namespace postern::flows
