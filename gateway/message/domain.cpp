#include "message/domain.hpp"

#include "core/syntax.hpp"
#include "core/utf8.hpp"
#include "message/ascii.hpp"

#include <idn2.h>

#include <algorithm>
#include <memory>

namespace postern::message {
namespace {

struct FreeIdn {
  void operator()(char* text) const { idn2_free(text); }
};

}  // namespace

std::optional<std::string> to_ascii_domain(std::string_view domain) {
  if (std::none_of(domain.begin(), domain.end(), is_eight_bit)) return std::string(domain);
  if (!valid_utf8(domain) || domain.find('\0') != domain.npos) return std::nullopt;
  const std::string source(domain);
  char* raw = nullptr;
  const int code = idn2_to_ascii_8z(source.c_str(), &raw, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  const std::unique_ptr<char, FreeIdn> text(raw);
  if (code != IDN2_OK || text == nullptr) return std::nullopt;
  std::string ascii(text.get());
  // Wide digits map to plain ones: what became an IP address was never a domain.
  if (!valid_host(ascii) || valid_ipv4(ascii)) return std::nullopt;
  return ascii;
}

std::string with_ascii_domain(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == address.npos) return std::string(address);
  const auto domain = to_ascii_domain(address.substr(at + 1));
  return domain ? std::string(address.substr(0, at + 1)) + *domain : std::string(address);
}

bool needs_smtputf8(std::string_view address) {
  const std::string_view local = address.substr(0, std::min(address.rfind('@'), address.size()));
  return std::any_of(local.begin(), local.end(), is_eight_bit);
}

}  // namespace postern::message
