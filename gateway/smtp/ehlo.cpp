#include "smtp/ehlo.hpp"

#include <algorithm>
#include <charconv>

namespace postern::smtp {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

/// Takes the next word off the front of `text`; empty at its end.
std::string_view take_word(std::string_view& text, std::string_view separators = " \t") {
  const std::size_t start = std::min(text.find_first_not_of(separators), text.size());
  const std::size_t end = std::min(text.find_first_of(separators, start), text.size());
  const std::string_view word = text.substr(start, end - start);
  text.remove_prefix(end);
  return word;
}

void add_mechanisms(Extensions& extensions, std::string_view words) {
  while (extensions.mechanisms.size() < mechanisms_max) {
    const std::string mechanism = upper(take_word(words));
    if (mechanism.empty()) return;
    if (!extensions.offers(mechanism)) extensions.mechanisms.push_back(mechanism);
  }
}

/// ABNF: size-param = 1*20DIGIT; 0 means that there is no fixed limit. RFC 1870 §3.
void set_size(Extensions& extensions, std::string_view words) {
  const std::string_view digits = take_word(words);
  std::uint64_t limit = 0;
  const auto [end, failure] = std::from_chars(digits.begin(), digits.end(), limit);
  extensions.size = true;
  if (failure == std::errc() && end == digits.end() && limit > 0) extensions.size_bytes_max = limit;
}

/// ABNF: limits-param = limit-name "=" limit-value; limit-value = 1*6DIGIT, here any. What is no
/// number, or 0, is as good as not told. RFC 9422 §3.
void set_limits(ServerLimits& limits, std::string_view words) {
  for (auto word = take_word(words); !word.empty(); word = take_word(words)) {
    const auto equals = std::min(word.find('='), word.size());
    const std::string name = upper(word.substr(0, equals));
    const std::string_view digits = word.substr(std::min(equals + 1, word.size()));
    std::uint64_t limit = 0;
    const auto [end, failure] = std::from_chars(digits.begin(), digits.end(), limit);
    if (failure != std::errc() || end != digits.end() || limit == 0) continue;
    if (name == "MAILMAX") limits.mails = limit;
    if (name == "RCPTMAX") limits.recipients = limit;
    if (name == "RCPTDOMAINMAX") limits.recipient_domains = limit;
  }
}

}  // namespace

bool Extensions::offers(std::string_view mechanism) const {
  return std::find(mechanisms.begin(), mechanisms.end(), mechanism) != mechanisms.end();
}

Extensions parse_ehlo(const Reply& reply) {
  Extensions extensions;
  for (std::size_t i = 1; i < reply.lines.size(); ++i) {  // the first line is the greeting
    std::string_view rest = reply.lines[i];
    const std::string keyword = upper(take_word(rest, " \t="));
    if (keyword == "STARTTLS") extensions.starttls = true;
    if (keyword == "PIPELINING") extensions.pipelining = true;
    if (keyword == "8BITMIME") extensions.eight_bit_mime = true;
    if (keyword == "SMTPUTF8") extensions.smtputf8 = true;
    if (keyword == "CHUNKING") extensions.chunking = true;
    if (keyword == "DSN") extensions.dsn = true;
    if (keyword == "REQUIRETLS") extensions.require_tls = true;
    if (keyword == "LIMITS") set_limits(extensions.limits, rest);
    if (keyword == "SIZE") set_size(extensions, rest);
    if (keyword == "AUTH") {
      if (rest.starts_with('=')) rest.remove_prefix(1);  // AUTH=LOGIN PLAIN, before RFC 2554
      add_mechanisms(extensions, rest);
    }
  }
  return extensions;
}

}  // namespace postern::smtp
