// Which thread a mail belongs to, and by what that was seen: pure, around one question to the
// store.
//
// In-Reply-To is believed before References (the newest first), then the mail a bounce is about,
// Exchange's Thread-Index, the reference in a subject, the subaddress. A thread is called after the
// oldest Message-ID that was told of it when it was met first, and keeps that name.
#pragma once

#include "core/ignore_list.hpp"
#include "core/integration.hpp"
#include "core/mail.hpp"
#include "storage/threads.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace postern::flows {

constexpr std::size_t thread_keys_max = 64;        // asked for
constexpr std::size_t thread_keys_noted_max = 24;  // the best of them are kept
constexpr int thread_mails_a_day_max = 40;         // of one sender, then it is a loop

struct ThreadPlan {
  storage::ThreadQuestion question;
  std::vector<std::string_view> by;  // of each key: "in_reply_to", "references", …
  std::optional<std::string> tag, subaddress;
};

ThreadPlan plan_thread(const Integration& integration, const ReferencePatterns& patterns,
                       const MessageSummary& mail, MessageId id, Instant now);

/// Writes thread, reference and copies into `mail`, and makes it a loop when its sender wrote more
/// into the thread today than people do. Gives what is to be noted with it.
storage::ThreadNote apply_thread(const ThreadPlan& plan, const storage::ThreadAnswer& answer,
                                 MessageSummary& mail);

}  // namespace postern::flows
