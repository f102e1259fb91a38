// What a mail says, as the rest of the program and the targets see it: MessageSummary.
//
// scan finds the parts; this file reads the leaves: header words, addresses, dates, file names,
// charsets. Every string is valid UTF-8. What is broken gets a word in `defects` and a sensible
// stand-in; no input makes a digest fail. Runs in a MIME worker, since vmime's charset tables are
// behind it.
#pragma once

#include "core/mail.hpp"
#include "core/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace postern::message {

struct DigestLimits {
  std::size_t text_bytes_max = 256 * 1024;        // of text and of html, as UTF-8
  std::size_t headers_max = 500;                  // fields in `headers`
  std::size_t header_value_bytes_max = 8 * 1024;  // each, decoded
  std::size_t headers_bytes_max = 128 * 1024;     // all of them, decoded
  std::size_t addresses_max = 4096;               // in one kind of field
  std::size_t references_max = 100;               // the first, and the last 99
};

/// The summary of `raw`, but for what is known of other mails (threads, copies).
MessageSummary digest(std::string_view raw, const DigestLimits& limits = {});

/// The decoded bytes of attachment `index`, as counted in MessageSummary::attachments.
/// Errors: no_such_part.
Result<std::string> decode_attachment(std::string_view raw, std::size_t index);

enum class TextKind { plain, html };

/// The whole text or html body as UTF-8, uncut. Errors: no_such_part.
Result<std::string> decode_text(std::string_view raw, TextKind kind);

}  // namespace postern::message
