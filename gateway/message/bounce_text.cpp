#include "message/bounce_text.hpp"

#include "core/syntax.hpp"
#include "core/utf8.hpp"
#include "message/ascii.hpp"
#include "message/bounce.hpp"
#include "message/html_text.hpp"
#include "message/scan.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace postern::message {
namespace {

constexpr std::size_t reason_lines_max = 12;

// All in lower case; a line or text that holds one of them.
constexpr std::array<std::string_view, 14> dividers = {
    "below this line is a copy of the message",  // qmail, Yahoo
    "this is a copy of the message",             // Exim
    "this is a copy of your message",            // Exim
    "original message follows",                  // sendmail
    "unsent message follows",                    // sendmail
    "original message headers:",                 // Exchange
    "message header follows",                    // Netscape, MDaemon
    "message headers follow",                    //
    "the header of the original message",        // GMX
    "returned message follows",                  //
    "----- original message -----",              // Gmail
    "begin forwarded message",                   //
    "start of returned message",                 // MDaemon
    "undeliverable message is attached"};        //
constexpr std::array<std::string_view, 5> senders = {"mailer-daemon", "postmaster", "mail-daemon",
                                                     "mailerdaemon", "microsoftexchange"};
constexpr std::array<std::string_view, 24> failures = {"undeliver",
                                                       "returned mail",
                                                       "delivery status notification",
                                                       "delivery failure",
                                                       "delivery has failed",
                                                       "delivery report",
                                                       "failure notice",
                                                       "mail delivery failed",
                                                       "mail delivery failure",
                                                       "mail system error",
                                                       "returning message to sender",
                                                       "could not be delivered",
                                                       "couldn't be delivered",
                                                       "cannot be delivered",
                                                       "wasn't able to deliver",
                                                       "wasn't delivered",
                                                       "not been delivered",
                                                       "unable to deliver",
                                                       "was not delivered",
                                                       "permanent error",
                                                       "permanent fatal error",
                                                       "failed permanently",
                                                       "delivery to the following recipient",
                                                       "message not delivered"};
constexpr std::array<std::string_view, 11> delays = {"delayed",
                                                     "warning message only",
                                                     "warning: could not send",
                                                     "has not yet been delivered",
                                                     "not been delivered yet",
                                                     "will be retried",
                                                     "will continue to try",
                                                     "do not need to resend",
                                                     "still being retried",
                                                     "transient non-fatal",
                                                     "delivery incomplete"};
constexpr std::array<std::string_view, 9> leads = {
    "delivered to",  "deliver to", "recipient", "rcpt to",    "following address",
    "mail address:", "message to", "sent to",   "delivery to"};

bool holds_any(std::string_view lower_case_text, std::span<const std::string_view> words) {
  return std::ranges::any_of(
      words, [&](std::string_view word) { return lower_case_text.find(word) != word.npos; });
}

std::string with_plain_quotes(std::string text) {
  for (auto at = text.find("\u2019"); at != text.npos; at = text.find("\u2019", at)) {
    text.replace(at, 3, "'");
  }
  return text;
}

std::string_view header(const MessageSummary& summary, std::string_view name) {
  for (const auto& [key, value] : summary.headers) {
    if (equals_ignoring_case(key, name)) return trim(value);
  }
  return {};
}

bool is_servers_own(const MessageSummary& summary) {
  if (header(summary, "Return-Path") == "<>") return true;
  if (!header(summary, "X-Failed-Recipients").empty()) return true;
  return std::ranges::any_of(summary.from, [](const MailAddress& from) {
    const auto local = to_lower(from.address.substr(0, from.address.find('@')));
    return std::ranges::any_of(senders,
                               [&](std::string_view one) { return local.starts_with(one); });
  });
}

/// The lines in front of the returned mail.
std::vector<std::string_view> explanation_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto line = trim(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    const auto low = to_lower(line);
    const bool header_begins = low.starts_with("return-path: <") ||
                               low.starts_with("received: from") || low.starts_with("received: by");
    if (header_begins || holds_any(low, dividers)) break;
    lines.push_back(line);
  }
  return lines;
}

bool part_of_address(char c) {
  return !is_space(c) && !is_control(c) &&
         std::string_view("<>()[]\"',;:").find(c) == std::string_view::npos;
}

struct Found {
  std::string address;
  std::size_t begin = 0, end = 0;
};

/// The first address in `line`.
std::optional<Found> address_in(std::string_view line) {
  for (auto at = line.find('@'); at != line.npos; at = line.find('@', at + 1)) {
    auto begin = at, end = at + 1;
    while (begin > 0 && part_of_address(line[begin - 1])) --begin;
    while (end < line.size() && part_of_address(line[end])) ++end;
    while (end > at + 1 && line[end - 1] == '.') --end;
    const auto address = line.substr(begin, end - begin);
    if (valid_addr_spec(address)) return Found{std::string(address), begin, end};
  }
  return std::nullopt;
}

/// Whether the address at `found` is whom the line is about: it leads the line but for marks, or
/// words of delivery stand before it.
bool is_named(std::string_view line, const Found& found) {
  const auto before = to_lower(line.substr(0, found.begin));
  const bool leads_it = std::ranges::none_of(before, [](char c) { return is_letter(c); });
  return leads_it || holds_any(before, leads) || before.ends_with("to: <") ||
         before.ends_with("to: ") || (before.ends_with("(") && line.ends_with(')'));
}

void add_line(std::string& reason, std::string_view line) {
  const auto room =
      bounce_diagnostic_bytes_max - std::min(reason.size(), bounce_diagnostic_bytes_max);
  if (!reason.empty() && room > 1) reason += ' ';
  reason += cut_utf8(line, room > 0 ? room - 1 : 0);
}

class TextReader {
 public:
  explicit TextReader(const MessageSummary& summary) : summary_(summary) {
    text_ = summary.text.value_or("");
    if (trim(text_).empty() && summary.html) text_ = text_of_html(*summary.html).text;
    text_ = with_plain_quotes(std::move(text_));
    lines_ = explanation_of(cut_utf8(text_, bounce_text_bytes_max));
    for (const auto line : lines_) words_ += to_lower(line) + '\n';
  }

  std::optional<BounceSummary> run() {
    const auto subject = to_lower(summary_.subject.value_or(""));
    const bool late = holds_any(subject, delays) || holds_any(words_, delays);
    const bool failed = holds_any(subject, failures) || holds_any(words_, failures);
    if (!is_servers_own(summary_) || (!late && !failed)) return std::nullopt;
    // A failure may tell of delays before; a warning tells of a failure only in the future.
    const bool ended =
        holds_any(words_, {{"permanent", "giving up", "given up", "failed to deliver"}});
    action_ = late && !ended ? "delayed" : "failed";
    read_header();
    if (bounce_.recipients.empty()) read_lines();
    if (bounce_.recipients.empty()) return std::nullopt;
    bounce_.original_message_id = message_id_in_text(text_);
    complete();
    return std::move(bounce_);
  }

 private:
  void read_header() {
    for (const auto& address : split_addresses(header(summary_, "X-Failed-Recipients"))) {
      if (valid_addr_spec(address)) add(address);
    }
    for (auto& recipient : bounce_.recipients) {
      for (std::size_t i = 0; i < lines_.size(); ++i) {
        const auto found = address_in(lines_[i]);
        if (!found || !equals_ignoring_case(found->address, recipient.address)) continue;
        recipient.diagnostic = reason_behind(i, *found);
        break;
      }
    }
  }

  void read_lines() {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const auto found = address_in(lines_[i]);
      if (!found || !is_named(lines_[i], *found) || is_own(found->address)) continue;
      auto* recipient = add(found->address);
      if (recipient == nullptr) return;
      if (recipient->diagnostic.empty()) recipient->diagnostic = reason_behind(i, *found);
    }
  }

  /// The address the bounce went to, or the server's.
  bool is_own(std::string_view address) const {
    const auto is = [&](const MailAddress& one) {
      return equals_ignoring_case(one.address, address);
    };
    const auto local = to_lower(address.substr(0, address.find('@')));
    return std::ranges::any_of(summary_.to, is) || std::ranges::any_of(summary_.from, is) ||
           local == "mailer-daemon" || local == "postmaster";
  }

  BouncedRecipient* add(const std::string& address) {
    for (auto& known : bounce_.recipients) {
      if (equals_ignoring_case(known.address, address)) return &known;
    }
    if (bounce_.recipients.size() >= bounce_recipients_max) return nullptr;
    BouncedRecipient fresh;
    fresh.address = address;
    fresh.action = action_;
    bounce_.recipients.push_back(std::move(fresh));
    return &bounce_.recipients.back();
  }

  /// What stands behind the address, up to an empty line or the next address.
  std::string reason_behind(std::size_t at, const Found& found) const {
    std::string reason;
    auto rest = lines_[at].substr(found.end);
    while (!rest.empty() && std::string_view(">:)'\". ").find(rest.front()) != rest.npos) {
      rest.remove_prefix(1);
    }
    if (!rest.empty()) add_line(reason, rest);
    for (auto next = at + 1; next < lines_.size() && next <= at + reason_lines_max; ++next) {
      const auto line = lines_[next];
      if (line.empty()) break;
      const auto other = address_in(line);
      if (other && is_named(line, *other) && other->begin <= 1) break;
      add_line(reason, line);
    }
    return reason;
  }

  /// Status codes; and where the reason stands apart from the address, the line with a code in it.
  void complete() {
    std::string_view coded;
    for (const auto line : lines_) {
      const bool has_code = !status_in(line).empty() || reply_code_in(line) != 0;
      if (has_code && coded.empty()) coded = line;
    }
    for (auto& recipient : bounce_.recipients) {
      const auto has_code = [&] {
        return !status_in(recipient.diagnostic).empty() || reply_code_in(recipient.diagnostic) != 0;
      };
      if (!has_code() && !coded.empty()) {
        if (recipient.diagnostic.find(coded) == std::string::npos) {
          recipient.diagnostic = cut_utf8(coded, bounce_diagnostic_bytes_max);
        }
      }
      recipient.status = status_in(recipient.diagnostic);
    }
  }

  const MessageSummary& summary_;
  std::string text_, words_, action_;
  std::vector<std::string_view> lines_;
  BounceSummary bounce_;
};

}  // namespace

std::optional<BounceSummary> bounce_in_text(const MessageSummary& summary) {
  return TextReader(summary).run();
}

std::optional<std::string> message_id_in_text(std::string_view text) {
  constexpr std::string_view name = "message-id:";
  std::optional<std::string> first;
  bool divided = false;
  while (!text.empty()) {
    const auto end = text.find('\n');
    const auto whole = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    auto line = trim(whole);
    while (!line.empty() && (line.front() == '>' || line.front() == '|')) {
      line = trim(line.substr(1));
    }
    if (!line.empty() && line.size() < 200)
      divided = divided || holds_any(to_lower(line), dividers);
    if (line.size() < name.size() || to_lower(line.substr(0, name.size())) != name) continue;
    auto value = trim(line.substr(name.size()));
    if (value.empty()) value = trim(text.substr(0, text.find('\n')));  // folded
    auto id = message_id_of(value);
    if (id && divided) return id;
    if (!first) first = std::move(id);
  }
  return first;
}

}  // namespace postern::message
