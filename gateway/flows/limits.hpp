// Limits in time of every wait of the flows. Promise 7; RFC 5321 §4.5.3.2 for SMTP.
#pragma once

#include "core/time.hpp"

#include <cstdint>

namespace postern::flows::limits {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

inline constexpr Duration resolve = seconds(20);
inline constexpr Duration connect = seconds(30);
inline constexpr Duration handshake = seconds(30);
inline constexpr Duration imap_command = seconds(60);  // also between two reads of a body
inline constexpr Duration idle_renewal = minutes(9);
inline constexpr Duration idle_shortest = seconds(10);   // one that the server ends sooner is none
inline constexpr Duration compare_interval = hours(24);  // of a folder with what is ours
inline constexpr Duration pop3_command = seconds(60);    // then an answer has to keep its pace
inline constexpr std::uint64_t answer_bytes_per_second = 1024;
inline constexpr Duration pop3_quit = seconds(5);  // when nothing depends on the answer
inline constexpr Duration write = seconds(60);
inline constexpr Duration smtp_command = seconds(60);
inline constexpr Duration smtp_data = minutes(2);
inline constexpr Duration smtp_body_chunk = minutes(3);
inline constexpr Duration smtp_end_of_data = minutes(10);
inline constexpr Duration smtp_quit = seconds(5);
inline constexpr Duration lined_up = seconds(5);  // behind a mail without answer, then another lane
inline constexpr int line_ups_lost_max = 3;       // in a row, then no mail is lined up any more
inline constexpr Duration smtp_idle = seconds(30);  // an open connection with nothing to send

inline constexpr Duration target_line_idle = seconds(30);  // a target's, with no mail for it
// Of large mails in memory at once: while they are handed over, and while they are digested.
inline constexpr std::uint64_t handover_bytes = 256ULL << 20U;
inline constexpr std::uint64_t digest_bytes = 128ULL << 20U;
inline constexpr std::uint64_t large_mail_bytes = 1ULL << 20U;  // smaller ones are not counted
inline constexpr std::uint64_t large_mail_copies = 3;  // of one: read, changed, in its request

inline constexpr Duration reconnect_first = seconds(5);
inline constexpr Duration turn_pause = seconds(1);  // before the wait for a turn at a full server
inline constexpr Duration reconnect_max = minutes(15);
inline constexpr Duration login_refused_first = minutes(1);  // slower: hammering locks accounts
inline constexpr Duration login_refused_max = minutes(60);
inline constexpr Duration throttled_first = minutes(1);  // asked for patience, for no stated time
inline constexpr Duration throttled_max = minutes(15);   // also where a longer time is stated

inline constexpr Duration oauth_connect = seconds(10);
inline constexpr Duration oauth_request = seconds(20);      // one request, its answer included
inline constexpr Duration oauth_fault_pause = minutes(15);  // an admin has to act
inline constexpr Duration token_margin = minutes(5);        // refreshed when it is good for less
inline constexpr Duration token_last = seconds(30);  // given out when nothing else is to be had
inline constexpr Duration token_untold_life = minutes(30);  // where the server tells none
inline constexpr Duration grant_idle_max = hours(30 * 24);

inline constexpr Duration action_connect = seconds(10);
inline constexpr Duration action_call = seconds(30);  // an action of an event rule, whole

inline constexpr Duration digest = seconds(2);
// Of mails that go to a worker and into the store together; a larger one goes alone.
inline constexpr std::size_t digest_batch_mails = 16;
inline constexpr std::uint64_t digest_batch_bytes = 256ULL << 10U;
inline constexpr Duration compose = seconds(20);

inline constexpr Duration unknown_resend = minutes(5);
inline constexpr int unknown_attempts_max = 3;

}  // namespace postern::flows::limits
