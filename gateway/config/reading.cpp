// See reading.hpp.
#include "config/reading.hpp"

#include "core/suggest.hpp"
#include "core/syntax.hpp"
#include "core/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

namespace postern::config {
namespace {

std::string_view type_name(const Scalar& scalar) {
  if (std::holds_alternative<std::string>(scalar)) return "a string";
  if (std::holds_alternative<std::int64_t>(scalar)) return "a number";
  if (std::holds_alternative<bool>(scalar)) return "a boolean";
  return std::get<Other>(scalar).type;
}

std::string_view type_name(const SettingValue& value) {
  if (const auto* scalar = std::get_if<Scalar>(&value)) return type_name(*scalar);
  return "an array";
}

std::optional<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failed] = std::from_chars(text.data(), end, number);
  if (failed != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace

void Reading::problem(std::string what) {
  const auto& origin = setting_.origin;
  problems_.push_back({origin.file, origin.line, origin.key, std::move(what)});
}

bool Reading::text(std::string& out, std::size_t bytes_max) {
  const auto* scalar = std::get_if<Scalar>(&setting_.value);
  const auto* string = scalar != nullptr ? std::get_if<std::string>(scalar) : nullptr;
  if (string == nullptr) {
    problem(fmt::format("must be a string, not {}", type_name(setting_.value)));
    return false;
  }
  if (auto wrong = check_text(*string, {.bytes_max = bytes_max})) {
    problem(std::move(*wrong));
    return false;
  }
  out = *string;
  return true;
}

std::optional<std::vector<Scalar>> Reading::items() {
  if (const auto* array = std::get_if<std::vector<Scalar>>(&setting_.value)) return *array;
  std::string list;
  if (!setting_.as_text) {
    problem(fmt::format("must be an array, not {}", type_name(setting_.value)));
    return std::nullopt;
  }
  if (!text(list, 65536)) return std::nullopt;
  std::vector<Scalar> out;
  for (auto& item : split_addresses(list)) out.emplace_back(std::move(item));
  return out;
}

bool Reading::texts(std::vector<std::string>& out, std::size_t items_max) {
  const auto array = items();
  if (!array) return false;
  if (array->size() > items_max) {
    problem(fmt::format("has too many items: at most {}", items_max));
    return false;
  }
  std::vector<std::string> read;
  for (const auto& item : *array) {
    const auto* string = std::get_if<std::string>(&item);
    if (string == nullptr || check_text(*string, {.required = true})) {
      problem("must be an array of strings that are not empty");
      return false;
    }
    read.push_back(*string);
  }
  out = std::move(read);
  return true;
}

bool Reading::secret(Secret& out) {
  std::string value;
  if (!text(value)) return false;
  out = Secret(std::move(value));
  return true;
}

std::optional<std::int64_t> Reading::number_of(const Scalar& scalar, std::int64_t min,
                                               std::int64_t max) {
  std::optional<std::int64_t> number;
  if (const auto* whole = std::get_if<std::int64_t>(&scalar)) number = *whole;
  if (setting_.as_text && std::holds_alternative<std::string>(scalar)) {
    number = parse_number(std::get<std::string>(scalar));
  }
  if (!number) {
    const auto given = setting_.as_text ? "another text" : type_name(scalar);
    problem(fmt::format("must be a whole number, not {}", given));
  } else if (*number < min || *number > max) {
    problem(fmt::format("must be from {} to {}", min, max));
    number.reset();
  }
  return number;
}

std::optional<std::int64_t> Reading::whole_number(std::int64_t min, std::int64_t max) {
  if (const auto* scalar = std::get_if<Scalar>(&setting_.value)) {
    return number_of(*scalar, min, max);
  }
  problem("must be a whole number, not an array");
  return std::nullopt;
}

bool Reading::seconds(std::chrono::seconds& out, std::int64_t min, std::int64_t max) {
  const auto number = whole_number(min, max);
  if (number) out = std::chrono::seconds(*number);
  return number.has_value();
}

bool Reading::seconds_list(std::vector<std::chrono::seconds>& out, std::int64_t min,
                           std::int64_t max, std::size_t items_max) {
  const auto array = items();
  if (!array) return false;
  if (array->empty() || array->size() > items_max) {
    problem(fmt::format("must have 1 to {} items", items_max));
    return false;
  }
  std::vector<std::chrono::seconds> read;
  for (const auto& item : *array) {
    const auto number = number_of(item, min, max);
    if (!number) return false;
    read.emplace_back(*number);
  }
  out = std::move(read);
  return true;
}

bool Reading::listen(ListenAddress& out) {
  std::string value;
  if (!text(value)) return false;
  const auto parsed = parse_listen(value);
  if (!parsed) {
    problem("must be an IP address and a port, such as \"127.0.0.1:8025\" or \"[::1]:8025\"");
    return false;
  }
  out = *parsed;
  return true;
}

bool Reading::listen(std::optional<ListenAddress>& out) {
  ListenAddress read;
  if (!listen(read)) return false;
  out = read;
  return true;
}

bool Reading::url(std::string& out) {
  std::string value;
  if (!text(value)) return false;
  auto wrong = http_url_problem(value);
  if (!wrong && value.find('?') != std::string::npos) wrong = "must not have a query (?…)";
  if (wrong) {
    problem(std::move(*wrong));
    return false;
  }
  while (value.ends_with('/')) value.pop_back();
  out = std::move(value);
  return true;
}

bool Reading::networks(std::vector<std::string>& out) {
  std::vector<std::string> read;
  if (!texts(read)) return false;
  for (const auto& network : read) {
    if (valid_network(network)) continue;
    problem(fmt::format("\"{}\" is not a network such as \"10.0.0.0/8\"", network));
    return false;
  }
  out = std::move(read);
  return true;
}

bool Reading::addresses(std::vector<std::string>& out) {
  std::vector<std::string> read;
  if (!texts(read)) return false;
  for (const auto& each : read) {
    if (valid_addr_spec(each)) continue;
    problem(fmt::format("\"{}\" is not an e-mail address", each));
    return false;
  }
  out = std::move(read);
  return true;
}

bool Reading::address(std::string& out) {
  std::string value;
  if (!text(value)) return false;
  if (!valid_addr_spec(value)) {
    problem("must be an e-mail address");
    return false;
  }
  out = std::move(value);
  return true;
}

bool Reading::host(std::string& out) {
  std::string value;
  if (!text(value)) return false;
  if (!valid_host(value)) {
    problem("must be a host name or an IP address");
    return false;
  }
  out = std::move(value);
  return true;
}

bool Reading::file(std::string& out) {
  std::string path;
  if (!text(path)) return false;
  // A folder opens and cannot be read; an empty file opens and is for its user to judge.
  std::ifstream stream(path);
  if (!stream || (stream.peek(), stream.bad())) {
    problem(fmt::format("the file \"{}\" cannot be read: {}", path, std::strerror(errno)));
    return false;
  }
  out = std::move(path);
  return true;
}

void Reading::no_such_word(std::string_view word, const std::vector<std::string_view>& offered) {
  problem(fmt::format("must be one of \"{}\", not \"{}\"{}", fmt::join(offered, "\", \""),
                      cut_utf8(word, 64), did_you_mean(word, offered)));
}

std::optional<ListenAddress> parse_listen(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_number(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65535) return std::nullopt;
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (!valid_ipv6(host)) return std::nullopt;
  } else if (!valid_ipv4(host) && host != "localhost") {
    return std::nullopt;
  }
  return ListenAddress{std::string(host), static_cast<std::uint16_t>(*port)};
}

bool valid_network(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = text.substr(0, slash);
  const bool four = valid_ipv4(address);
  if (!four && !valid_ipv6(address)) return false;
  if (slash == std::string_view::npos) return true;
  const auto length = parse_number(text.substr(slash + 1));
  return length && *length >= 0 && *length <= (four ? 32 : 128);
}

bool is_loopback(const ListenAddress& address) {
  return is_loopback_host(address.host);
}

}  // namespace postern::config
