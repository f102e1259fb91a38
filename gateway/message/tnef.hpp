// TNEF, the one file (winmail.dat) into which Exchange and Outlook pack the attachments of a mail:
// taken apart into them. Source: MS-OXTNEF §2.1.3 (attributes), §2.1.3.4 (properties).
//
// One linear pass over attributes, every length checked against what is there; nothing is allocated
// for what is only claimed. libytnef is not used: DECISIONS.md says why.
#pragma once

#include "message/charset.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace postern::message {

inline constexpr std::size_t tnef_bytes_max = 64 * 1024 * 1024;
inline constexpr std::size_t tnef_files_max = 100;

struct TnefFile {
  std::string filename;  // as it stands there, UTF-8; may be empty
  std::string content_type = "application/octet-stream";
  std::string content_id;  // without < >
  std::string content;
};

struct Tnef {
  std::vector<TnefFile> files;
  bool broken = false;  // no TNEF, or it ends too early, or holds more than tnef_files_max
};

/// The files in `bytes`. Never fails: what is whole before the first fault is there.
Tnef read_tnef(std::string_view bytes, CharsetDecoder& charsets);

/// Whether a part of this type or name may be one.
bool is_tnef(std::string_view content_type, std::string_view filename);

}  // namespace postern::message
