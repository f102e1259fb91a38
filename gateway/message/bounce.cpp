#include "message/bounce.hpp"

#include "core/utf8.hpp"
#include "message/ascii.hpp"
#include "message/bounce_text.hpp"
#include "message/html_text.hpp"
#include "message/transfer.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

namespace postern::message {
namespace {

/// Fields of one block of a report: names in lower case, values unfolded.
struct Block {
  std::vector<std::pair<std::string, std::string>> fields;

  std::string_view find(std::string_view name) const {
    for (const auto& [key, value] : fields) {
      if (key == name) return value;
    }
    return {};
  }
};

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// Blocks of fields with empty lines between them. Source: RFC 3464 §2.1.
std::vector<Block> blocks_of(std::string_view report) {
  std::vector<Block> blocks(1);
  while (!report.empty() && blocks.size() <= bounce_recipients_max + 1) {
    const auto line = take_line(report);
    if (trim(line).empty()) {
      if (!blocks.back().fields.empty()) blocks.emplace_back();
      continue;
    }
    auto& fields = blocks.back().fields;
    if (is_blank(line.front())) {
      if (!fields.empty()) fields.back().second += " " + std::string(trim(line));
      continue;
    }
    const auto colon = line.find(':');
    if (colon == line.npos) continue;
    fields.emplace_back(to_lower(trim(line.substr(0, colon))), trim(line.substr(colon + 1)));
  }
  return blocks;
}

/// "rfc822; a@b" → "a@b"; what names no type stays. Source: RFC 3464 §2.1.2.
std::string_view behind_type(std::string_view value) {
  const auto semicolon = value.find(';');
  const bool typed = semicolon != value.npos && is_token(trim(value.substr(0, semicolon)));
  return trim(typed ? value.substr(semicolon + 1) : value);
}

/// The two characters that xtext must code. Others are left as they stand, since many servers code
/// nothing and an address may have a tag behind its plus. Source: RFC 3461 §4.
std::string without_xtext(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto code = text.substr(i, 3);
    const bool coded = code == "+2B" || code == "+3D";
    out.push_back(coded ? (code == "+2B" ? '+' : '=') : text[i]);
    if (coded) i += 2;
  }
  return out;
}

std::string address_of(std::string_view value) {
  auto address = behind_type(value);
  if (address.starts_with('<') && address.ends_with('>')) {
    address = address.substr(1, address.size() - 2);
  }
  return to_valid_utf8(cut_utf8(address, 320));
}

std::optional<BouncedRecipient> recipient_of(const Block& block) {
  const std::string action = to_lower(block.find("action").substr(0, 7));
  const auto final_recipient = address_of(block.find("final-recipient"));
  const auto original = without_xtext(address_of(block.find("original-recipient")));
  BouncedRecipient found;
  found.address = original.find('@') != original.npos ? original : final_recipient;
  if (found.address.empty()) return std::nullopt;
  const std::string diagnostic(behind_type(block.find("diagnostic-code")));
  found.status = status_in(block.find("status"));
  if (found.status.empty()) found.status = status_in(diagnostic);
  found.diagnostic = to_valid_utf8(cut_utf8(diagnostic, bounce_diagnostic_bytes_max));
  if (action == "failed" || action == "delayed") {
    found.action = action;
  } else if (action.empty() && found.status.starts_with('5')) {
    found.action = "failed";  // some servers forget it
  } else {
    return std::nullopt;  // delivered, relayed, expanded
  }
  return found;
}

std::string decoded(std::string_view raw, const Part& part) {
  return decode_transfer(part.body.in(raw), part.encoding, bounce_report_bytes_max).bytes;
}

bool is_any(std::string_view type, std::span<const std::string_view> types) {
  return std::ranges::find(types, type) != types.end();
}

constexpr std::array<std::string_view, 2> report_types = {"message/delivery-status",
                                                          "message/global-delivery-status"};
constexpr std::array<std::string_view, 5> returned_types = {
    "message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global",
    "message/global-headers"};

const Part* find_part(const PartTree& tree, std::span<const std::string_view> types) {
  for (const Part& part : tree.parts) {
    if (is_any(part.content_type, types)) return &part;
  }
  return nullptr;
}

std::optional<std::string> returned_message_id(std::string_view raw, const PartTree& tree,
                                               const MessageSummary& summary) {
  if (const auto* returned = find_part(tree, returned_types)) {
    if (auto id = find_message_id(decoded(raw, *returned))) return id;
  }
  if (auto id = message_id_in_text(summary.text.value_or(""))) return id;
  if (!summary.html) return std::nullopt;
  return message_id_in_text(text_of_html(*summary.html).text);
}

}  // namespace

std::optional<BounceSummary> find_bounce(std::string_view raw, const PartTree& tree,
                                         const MessageSummary& summary) {
  std::optional<BounceSummary> bounce;
  if (const auto* report = find_part(tree, report_types)) {
    BounceSummary told;
    for (const Block& block : blocks_of(decoded(raw, *report))) {
      if (auto recipient = recipient_of(block)) told.recipients.push_back(std::move(*recipient));
    }
    if (told.recipients.empty()) return std::nullopt;
    bounce = std::move(told);
  } else {
    bounce = bounce_in_text(summary);
  }
  if (bounce && !bounce->original_message_id) {
    bounce->original_message_id = returned_message_id(raw, tree, summary);
  }
  return bounce;
}

std::string status_in(std::string_view text) {
  const auto digits = [&](std::size_t at) {
    std::size_t count = 0;
    while (count < 4 && at + count < text.size() && is_digit(text[at + count])) ++count;
    return count;
  };
  for (std::size_t i = 0; i + 4 < text.size(); ++i) {
    const bool begins = (text[i] == '2' || text[i] == '4' || text[i] == '5') && text[i + 1] == '.';
    if (!begins || (i > 0 && (is_digit(text[i - 1]) || text[i - 1] == '.'))) continue;
    const auto subject = digits(i + 2);
    if (subject == 0 || subject > 3) continue;
    const auto dot = i + 2 + subject;
    if (dot >= text.size() || text[dot] != '.') continue;
    const auto detail = digits(dot + 1);
    const auto end = dot + 1 + detail;
    const bool goes_on = end + 1 < text.size() && text[end] == '.' && is_digit(text[end + 1]);
    if (detail >= 1 && detail <= 3 && !goes_on) return std::string(text.substr(i, end - i));
  }
  return {};
}

int reply_code_in(std::string_view text) {
  const auto part_of_word = [&](std::size_t at) {
    return at < text.size() && (is_digit(text[at]) || is_letter(text[at]) || text[at] == '.');
  };
  for (std::size_t i = 0; i + 3 <= text.size(); ++i) {
    const bool begins = text[i] == '4' || text[i] == '5';
    if (!begins || !is_digit(text[i + 1]) || !is_digit(text[i + 2])) continue;
    if ((i > 0 && part_of_word(i - 1)) || part_of_word(i + 3)) continue;
    return (text[i] - '0') * 100 + (text[i + 1] - '0') * 10 + (text[i + 2] - '0');
  }
  return 0;
}

}  // namespace postern::message
