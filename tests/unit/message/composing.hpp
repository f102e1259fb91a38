// A draft, its context, and what holds for every composed mail.
#pragma once

#include "message/compose.hpp"
#include "message/digest.hpp"
#include "message/errc.hpp"
#include "unit/message/mail_text.hpp"

#include <gtest/gtest.h>

namespace postern::message {

inline ComposeContext context() {
  ComposeContext context;
  context.now = *parse_rfc3339("2026-01-31T08:30:00Z");
  context.message_id_domain = "example.com";
  context.random_hex = "00112233445566778899aabbccddeeff";
  return context;
}

inline Draft draft() {
  Draft draft;
  draft.from = {{"Support", "support@example.com"}};
  draft.to = {{"", "a@example.org"}};
  draft.subject = "Hello";
  draft.text = "One line\nand another";
  return draft;
}

/// The mail's bytes, after checks that hold for every composed mail.
inline std::string bytes_of(const Draft& draft, const ComposeContext& with = context()) {
  const auto mail = compose(draft, with);
  EXPECT_TRUE(mail) << describe(mail.error());
  if (!mail) return {};
  const std::string& bytes = mail.value().bytes;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\r') EXPECT_EQ(bytes.substr(i, 2), "\r\n");
    if (bytes[i] != '\n') continue;
    EXPECT_TRUE(i > 0 && bytes[i - 1] == '\r') << "a bare line feed at " << i;
    EXPECT_LE(i - 1 - begin, line_octets_max);
    begin = i + 1;
  }
  EXPECT_EQ(begin, bytes.size()) << "the last line is not ended";
  EXPECT_TRUE(digest(bytes).defects.empty()) << digest(bytes).defects.at(0) << "\n" << bytes;
  return bytes;
}

inline error_code refusal_of(const Draft& draft) {
  const auto mail = compose(draft, context());
  return mail ? error_code() : mail.error().code;
}

}  // namespace postern::message
