// The types of targets: one row a type, which says what may be set for it and what its defaults
// are. How a mail is given to one and how its answer is read is flows/target_kinds.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace postern {

struct Target;

/// How a target is reached.
enum class TargetCarrier { http, smtp, imap, none };

/// The settings that only some types have; those of a row are or-ed.
enum TargetSetting : std::uint32_t {
  setting_url = 1U << 0U,
  setting_headers = 1U << 1U,
  setting_raw = 1U << 2U,
  setting_ca_pem = 1U << 3U,
  setting_api_key = 1U << 4U,
  setting_auth = 1U << 5U,
  setting_server = 1U << 6U,  // host, port, security, tls
  setting_recipients = 1U << 7U,
  setting_folder = 1U << 8U,
  setting_queue = 1U << 9U,
  setting_project = 1U << 10U,
  setting_group = 1U << 11U,
  setting_fields = 1U << 12U,
  setting_control_headers = 1U << 13U,
};

struct TargetType {
  std::string_view word;
  TargetCarrier carrier;
  std::uint32_t settings;
  std::chrono::seconds timeout, timeout_max;  // of one hand-over
  /// Where below its URL a helpdesk takes mail; a URL that ends so already is taken as it is.
  std::string_view path = {};
  std::uint16_t port = 0;  // of a mail server, when none is given

  bool has(TargetSetting setting) const { return (settings & setting) != 0; }
};

std::span<const TargetType> target_types();

/// The row of a word; nullptr when there is none.
const TargetType* find_target_type(std::string_view word);

/// The row of a target that parse_target() let pass.
const TargetType& type_of(const Target& target);

/// `url` with the type's path, unless it ends with that already.
std::string helpdesk_url(const TargetType& type, std::string_view url);

}  // namespace postern
