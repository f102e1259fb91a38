// See syntax.hpp.
#include "core/syntax.hpp"

#include "core/utf8.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

namespace postern {
namespace {

constexpr std::size_t host_bytes_max = 253;
constexpr std::size_t label_bytes_max = 63;
constexpr std::size_t local_part_bytes_max = 64;
constexpr std::size_t domain_bytes_max = 255;
constexpr std::size_t url_bytes_max = 2000;

bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool hex_digit(char c) {
  return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool beyond_ascii(char c) {
  return static_cast<unsigned char>(c) >= 0x80;
}

/// RFC 5322's atext, with RFC 6532's UTF8-non-ascii.
bool atext(char c) {
  return letter(c) || digit(c) || beyond_ascii(c) ||
         std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool valid_label(std::string_view label, bool international) {
  if (label.empty() || label.size() > label_bytes_max) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  return std::ranges::all_of(label, [&](char c) {
    return letter(c) || digit(c) || c == '-' || c == '_' || (international && beyond_ascii(c));
  });
}

bool valid_domain_name(std::string_view name, bool international) {
  if (name.empty() || name.size() > host_bytes_max) return false;
  for (std::size_t start = 0; start <= name.size();) {
    const auto dot = std::min(name.find('.', start), name.size());
    if (!valid_label(name.substr(start, dot - start), international)) return false;
    start = dot + 1;
  }
  // RFC 1123 §2.1: a name whose last label is a number would be an address written wrongly.
  const auto last = name.substr(name.rfind('.') + 1);
  return !std::ranges::all_of(last, digit);
}

/// Dot-string or Quoted-string.
bool valid_local_part(std::string_view local) {
  if (local.empty() || local.size() > local_part_bytes_max) return false;
  if (local.front() == '"') {
    if (local.size() < 2 || local.back() != '"') return false;
    const auto inner = local.substr(1, local.size() - 2);
    for (std::size_t i = 0; i < inner.size(); ++i) {
      if (inner[i] == '"') return false;
      if (inner[i] == '\\' && ++i == inner.size()) return false;
    }
    return true;
  }
  if (local.front() == '.' || local.back() == '.') return false;
  if (local.find("..") != std::string_view::npos) return false;
  return std::ranges::all_of(local, [](char c) { return atext(c) || c == '.'; });
}

bool valid_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failed == std::errc() && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

/// The 1 to 4 digit groups of one side of "::", an IPv4 tail counting as two; -1 when malformed.
int ipv6_groups(std::string_view side, bool tail_allowed) {
  if (side.empty()) return 0;
  int groups = 0;
  for (std::size_t start = 0; start <= side.size();) {
    const auto colon = std::min(side.find(':', start), side.size());
    const auto group = side.substr(start, colon - start);
    if (tail_allowed && colon == side.size() && group.find('.') != std::string_view::npos) {
      return valid_ipv4(group) ? groups + 2 : -1;
    }
    if (group.empty() || group.size() > 4 || !std::ranges::all_of(group, hex_digit)) return -1;
    ++groups;
    start = colon + 1;
  }
  return groups;
}

}  // namespace

bool valid_ipv4(std::string_view text) {
  int parts = 0;
  for (std::size_t start = 0; start <= text.size(); ++parts) {
    const auto dot = std::min(text.find('.', start), text.size());
    const auto part = text.substr(start, dot - start);
    if (part.empty() || part.size() > 3 || !std::ranges::all_of(part, digit)) return false;
    if (part.size() > 1 && part.front() == '0') return false;  // read as octal by some
    int value = 0;
    for (const char c : part) value = value * 10 + (c - '0');
    if (value > 255) return false;
    start = dot + 1;
  }
  return parts == 4;
}

bool valid_ipv6(std::string_view text) {
  const auto gap = text.find("::");
  if (gap == std::string_view::npos) return ipv6_groups(text, true) == 8;
  const int before = ipv6_groups(text.substr(0, gap), false);
  const int after = ipv6_groups(text.substr(gap + 2), true);
  return before >= 0 && after >= 0 && before + after <= 7;
}

bool valid_host(std::string_view host) {
  return valid_ipv4(host) || valid_ipv6(host) || valid_domain_name(host, false);
}

bool is_loopback_host(std::string_view host) {
  std::string lower(host);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (lower == "localhost" || lower.ends_with(".localhost")) return true;
  return lower == "::1" || (valid_ipv4(lower) && lower.starts_with("127."));
}

bool valid_addr_spec(std::string_view address) {
  if (has_control(address) || !valid_utf8(address)) return false;
  const auto at = address.rfind('@');
  if (at == std::string_view::npos || !valid_local_part(address.substr(0, at))) return false;
  auto domain = address.substr(at + 1);
  if (domain.size() > domain_bytes_max) return false;
  if (!domain.starts_with('[')) return valid_domain_name(domain, true);
  if (!domain.ends_with(']')) return false;
  domain = domain.substr(1, domain.size() - 2);
  if (domain.starts_with("IPv6:")) return valid_ipv6(domain.substr(5));
  return valid_ipv4(domain);
}

std::string_view without_name(std::string_view address) {
  const auto open = address.rfind('<');
  if (!address.ends_with('>') || open == std::string_view::npos) return address;
  return address.substr(open + 1, address.size() - open - 2);
}

std::vector<std::string> split_addresses(std::string_view list) {
  std::vector<std::string> out;
  constexpr std::string_view blanks = " \t";
  for (std::size_t start = 0; start <= list.size();) {
    const auto end = std::min(list.find_first_of(",;\r\n", start), list.size());
    auto item = list.substr(start, end - start);
    start = end + 1;
    const auto first = item.find_first_not_of(blanks);
    if (first == std::string_view::npos) continue;
    item = item.substr(first, item.find_last_not_of(blanks) - first + 1);
    out.emplace_back(item);
  }
  return out;
}

std::optional<std::string> http_url_problem(std::string_view url) {
  if (url.size() > url_bytes_max) return "is too long: at most 2000 bytes";
  const bool plain = url.starts_with("http://");
  if (!plain && !url.starts_with("https://")) return "must begin with https:// or http://";
  const bool printable = std::ranges::all_of(url, [](char c) { return c > ' ' && c < 0x7F; });
  if (!printable) return "must not hold blanks, control characters or letters beyond ASCII";
  if (url.find('#') != std::string_view::npos) return "must not have a fragment (#…)";
  url.remove_prefix(plain ? 7 : 8);
  auto authority = url.substr(0, url.find_first_of("/?"));
  if (authority.find('@') != std::string_view::npos) {
    return "must not hold a user name or password; use a header for them";
  }
  std::string_view host = authority.substr(0, authority.find(':'));
  std::string_view rest = authority.substr(host.size());
  if (authority.starts_with('[')) {
    const auto bracket = authority.find(']');
    if (bracket == std::string_view::npos) return "has a malformed host";
    host = authority.substr(1, bracket - 1);
    rest = authority.substr(bracket + 1);
    if (!valid_ipv6(host)) return "has a malformed host";
  } else if (!valid_host(host)) {
    return "has a malformed host";
  }
  if (rest.empty()) return std::nullopt;
  if (rest.front() != ':' || !valid_port(rest.substr(1))) return "has a malformed port";
  return std::nullopt;
}

bool valid_date(std::string_view date) {
  if (date.size() != 10 || date[4] != '-' || date[7] != '-') return false;
  const auto number = [&](std::size_t at, std::size_t count) {
    int value = 0;
    for (const char c : date.substr(at, count)) {
      if (!digit(c)) return -1;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (year < 0 || month < 0 || day < 0) return false;
  return std::chrono::year_month_day(std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
      .ok();
}

bool valid_token(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return letter(c) || digit(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

}  // namespace postern
