// parse_url: what we may call, taken apart. Stricter than RFC 3986: what is odd here is refused,
// since a URL comes from a form and ends in a request line.
#include "net/http_client.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace postern::net {
namespace {

constexpr std::size_t url_bytes_max = 8192;
constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;

Error malformed(std::string detail) {
  return {errc::http_malformed, std::move(detail)};
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// "https://" and the like; moves `url` past it.
std::optional<bool> take_scheme(std::string_view& url) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    const bool same = url.size() >= scheme.size() &&
                      std::equal(scheme.begin(), scheme.end(), url.begin(),
                                 [](char want, char have) { return want == lower(have); });
    if (!same) continue;
    url.remove_prefix(scheme.size());
    return scheme == "https://";
  }
  return std::nullopt;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

bool is_address_character(char c) {
  return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') || c == ':' ||
         c == '.';
}

// The host, "[…]" without its brackets; moves `authority` past it.
std::optional<std::string> take_host(std::string_view& authority) {
  std::string_view host;
  bool good = false;
  if (authority.starts_with('[')) {
    const auto end = authority.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = authority.substr(1, end - 1);
    good = std::all_of(host.begin(), host.end(), is_address_character);
    authority.remove_prefix(end + 1);
  } else {
    host = authority.substr(0, authority.find(':'));
    good = std::all_of(host.begin(), host.end(), is_host_character);
    authority.remove_prefix(host.size());
  }
  if (!good || host.empty()) return std::nullopt;
  std::string result(host);
  std::transform(result.begin(), result.end(), result.begin(), lower);
  return result;
}

// ":8443", or nothing.
std::optional<std::uint16_t> parse_port(std::string_view text, std::uint16_t standard) {
  if (text.empty() || text == ":") return standard;
  if (text.front() != ':') return std::nullopt;
  text.remove_prefix(1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

}  // namespace

Result<UrlParts> parse_url(std::string_view url) {
  if (url.size() > url_bytes_max) return malformed("the URL is too long");
  // Everything a URL may hold is printable ASCII; the rest must come percent-encoded.
  const bool printable =
      std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!printable) return malformed("the URL holds a blank, a control or a non-ASCII character");
  const auto tls = take_scheme(url);
  if (!tls) return malformed("the URL must begin with http:// or https://");
  auto authority = url.substr(0, url.find_first_of("/?#"));
  auto target = url.substr(authority.size());
  target = target.substr(0, target.find('#'));
  if (authority.find('@') != std::string_view::npos) {
    return malformed("the URL must not hold a user name or password");
  }
  auto host = take_host(authority);
  if (!host) return malformed("the URL's host is not a name or address");
  const auto port = parse_port(authority, *tls ? https_port : http_port);
  if (!port) return malformed("the URL's port is not a number from 1 to 65535");
  std::string path(target);
  if (!path.starts_with('/')) path.insert(path.begin(), '/');
  return UrlParts{*tls, std::move(*host), *port, std::move(path)};
}

}  // namespace postern::net
