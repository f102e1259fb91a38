#include "message/onward.hpp"

#include "message/mail_date.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace postern::message {
namespace {

constexpr std::array<std::string_view, 8> control_prefixes = {
    "x-zammad-", "x-otrs-", "x-znuny-", "x-rt-", "rt-", "x-gitlab-", "x-redmine-", "x-freescout-"};
constexpr std::string_view harmless = "x-rt-loop-prevention";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same_start(std::string_view text, std::string_view lower_prefix) {
  return text.size() >= lower_prefix.size() &&
         std::equal(lower_prefix.begin(), lower_prefix.end(), text.begin(),
                    [](char wanted, char c) { return wanted == lower(c); });
}

/// The first line of `rest`, its end included.
std::string_view line_of(std::string_view rest) {
  const auto end = rest.find('\n');
  return rest.substr(0, end == std::string_view::npos ? rest.size() : end + 1);
}

bool is_empty_line(std::string_view line) {
  return line == "\n" || line == "\r\n";
}

/// The field's name; blanks before the colon are the obsolete form, which readers still take.
std::string_view name_of(std::string_view line) {
  auto name = line.substr(0, line.find(':'));
  while (name.ends_with(' ') || name.ends_with('\t')) name.remove_suffix(1);
  return name;
}

struct Cut {
  std::string kept;      // the header's lines that stay
  std::size_t body = 0;  // where the empty line begins, or the end
  bool changed = false;
};

Cut without_fields(std::string_view raw, bool (*unwanted)(std::string_view)) {
  Cut cut;
  bool dropping = false;
  while (cut.body < raw.size()) {
    const auto line = line_of(raw.substr(cut.body));
    if (is_empty_line(line)) break;
    cut.body += line.size();
    if (line.front() != ' ' && line.front() != '\t') dropping = unwanted(name_of(line));
    cut.changed = cut.changed || dropping;
    if (!dropping) cut.kept += line;
  }
  return cut;
}

bool is_content_field(std::string_view name) {
  return same_start(name, "content-") || (name.size() == 12 && same_start(name, "mime-version"));
}

}  // namespace

bool is_control_header(std::string_view name) {
  if (name.size() == harmless.size() && same_start(name, harmless)) return false;
  return std::ranges::any_of(control_prefixes,
                             [&](std::string_view prefix) { return same_start(name, prefix); });
}

std::string without_control_headers(std::string raw) {
  auto cut = without_fields(raw, is_control_header);
  if (!cut.changed) return raw;
  return std::move(cut.kept).append(raw, cut.body);
}

std::string resent_fields(const Resent& resent) {
  std::string to;
  for (const auto& address : resent.to) {
    if (!to.empty()) to += ",\r\n ";
    to += address;
  }
  return fmt::format(
      "Resent-Date: {}\r\nResent-From: {}\r\nResent-To: {}\r\nResent-Message-ID: {}\r\n{}: {}\r\n",
      to_mail_date(resent.date), resent.from, to, resent.message_id, loop_mark_field,
      resent.loop_mark);
}

std::string header_with_notice(std::string_view header, std::string_view notice) {
  auto mail = without_fields(header, is_content_field).kept;
  if (!mail.empty() && !mail.ends_with('\n')) mail += "\r\n";
  mail +=
      "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: 8bit\r\nX-Postern-Notice: too_large\r\n\r\n";
  mail += notice;
  return mail;
}

}  // namespace postern::message
