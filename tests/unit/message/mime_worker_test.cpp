// The worker: its protocol without I/O, and a real process on a socketpair.
#include "message/mime_worker.hpp"

#include "message/errc.hpp"
#include "message/mime_protocol.hpp"
#include "unit/message/mail_text.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace postern::message {
namespace {

Draft draft_with_everything() {
  Draft draft;
  draft.from = {{"Ü", "a@example.com"}};
  draft.reply_to = {{"", "r@example.com"}};
  draft.to = {{"", "b@example.com"}};
  draft.cc = {{"", "c@example.com"}};
  draft.subject = "Grüße";
  draft.text = "text";
  draft.html = "<p>html</p>";
  draft.attachments = {{"a.bin", "application/octet-stream", std::string("\0\xFF\r\n", 4), ""},
                       {"b.png", "image/png", "png", "cid@x"}};
  draft.headers = {{"X-Ticket", "42"}};
  draft.in_reply_to = "<i@example.com>";
  draft.references = {"<i@example.com>"};
  return draft;
}

ComposeContext context() {
  ComposeContext context;
  context.now = from_milliseconds(1769848200000);
  context.message_id_domain = "example.com";
  context.random_hex = "00112233445566778899aabbccddeeff";
  return context;
}

TEST(Mime_protocol, Carries_a_draft_without_change) {
  const auto direct = compose(draft_with_everything(), context());
  const auto carried = decode_compose_reply(
      answer(mime_compose_kind, encode_compose_request(draft_with_everything(), context())));

  ASSERT_TRUE(carried) << describe(carried.error());
  EXPECT_EQ(carried.value().bytes, direct.value().bytes);
  EXPECT_EQ(carried.value().message_id, direct.value().message_id);
  EXPECT_EQ(carried.value().notes, direct.value().notes);
}

TEST(Mime_protocol, Carries_the_strictness_and_the_notes) {
  Draft draft = draft_with_everything();
  draft.charset = "koi8-r";
  ComposeContext strict = context();
  strict.strict_encoding = true;

  const auto noted =
      decode_compose_reply(answer(mime_compose_kind, encode_compose_request(draft, context())));
  const auto refused =
      decode_compose_reply(answer(mime_compose_kind, encode_compose_request(draft, strict)));

  EXPECT_EQ(noted.value().notes.size(), 1u);
  EXPECT_EQ(refused.error().code, errc::charset_does_not_fit);
}

TEST(Mime_protocol, Carries_each_refusal_by_its_name) {
  Draft draft = draft_with_everything();
  draft.subject = "a\r\nb";

  const auto refused =
      decode_compose_reply(answer(mime_compose_kind, encode_compose_request(draft, context())));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::header_injection);
  EXPECT_FALSE(refused.error().detail.empty());
  for (int code = 1; code <= static_cast<int>(errc::bad_worker_request); ++code) {
    EXPECT_EQ(errc_from_name(name_of(static_cast<errc>(code))), static_cast<errc>(code));
  }
}

TEST(Mime_protocol, Carries_a_mail_that_is_not_utf8_and_its_limits) {
  DigestLimits limits;
  limits.text_bytes_max = 3;
  const std::string raw = std::string("Subject: \xFF\0x\r\n\r\nabcdef", 22);

  const auto summary =
      decode_digest_reply(answer(mime_digest_kind, encode_digest_request(raw, limits)));

  ASSERT_TRUE(summary);
  EXPECT_EQ(summary.value().text, "abc");
  EXPECT_TRUE(summary.value().text_truncated);
}

TEST(Mime_protocol, Answers_a_request_it_cannot_read) {
  const std::string request = encode_compose_request(draft_with_everything(), context());
  for (std::size_t size = 0; size < request.size(); size += 7) {
    const auto reply = decode_compose_reply(answer(mime_compose_kind, request.substr(0, size)));
    ASSERT_FALSE(reply) << size;
    EXPECT_EQ(reply.error().code, errc::bad_worker_request);
  }
  EXPECT_EQ(decode_compose_reply(answer(9, request)).error().code, errc::bad_worker_request);
  EXPECT_EQ(
      decode_digest_reply(answer(mime_digest_kind, std::string("\2\0\0\0{}", 6))).error().code,
      errc::bad_worker_request);
}

TEST(Mime_protocol, Refuses_a_reply_it_cannot_read) {
  for (const std::string& reply : {std::string(), std::string("\1\0\0", 3), std::string(8, '\xFF'),
                                   std::string("\2\0\0\0{}", 6), std::string("\2\0\0\0[]", 6)}) {
    EXPECT_EQ(decode_digest_reply(reply).error().code, errc::bad_worker_reply);
    EXPECT_EQ(decode_compose_reply(reply).error().code, errc::bad_worker_reply);
  }
}

/// A worker in a process of its own, with the other end of its line.
class Worker {
 public:
  Worker() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ends[0]);
      ::_exit(run_mime_worker(ends[1]));
    }
    ::close(ends[1]);
    line_ = ends[0];
  }
  ~Worker() {
    if (line_ >= 0) finish();
  }

  void say(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(line_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }

  std::string read(std::size_t size) {
    std::string bytes(size, '\0');
    const ssize_t count = ::recv(line_, bytes.data(), size, MSG_WAITALL);
    bytes.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return bytes;
  }

  int finish() {
    ::close(line_);
    line_ = -1;
    int status = 0;
    ::waitpid(pid_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_ = 0;
  int line_ = -1;
};

std::string frame(std::uint8_t kind, std::string_view payload) {
  std::string out(1, static_cast<char>(kind));
  for (int shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<char>(payload.size() >> shift & 0xFF));
  }
  return out.append(payload);
}

std::string read_frame(Worker& worker, std::uint8_t kind) {
  const std::string head = worker.read(5);
  EXPECT_EQ(head.size(), 5u);
  if (head.size() != 5) return {};
  EXPECT_EQ(static_cast<std::uint8_t>(head[0]), kind);
  std::size_t length = 0;
  for (std::size_t i = 4; i >= 1; --i) length = length << 8 | static_cast<unsigned char>(head[i]);
  return worker.read(length);
}

TEST(Mime_worker, Answers_one_request_after_the_other_and_ends_with_its_line) {
  Worker worker;

  worker.say(frame(mime_digest_kind, encode_digest_request("Subject: one\r\n\r\n")));
  const auto one = decode_digest_reply(read_frame(worker, mime_digest_kind));
  worker.say(frame(mime_compose_kind, encode_compose_request(draft_with_everything(), context())));
  const auto two = decode_compose_reply(read_frame(worker, mime_compose_kind));

  EXPECT_EQ(one.value().subject, "one");
  EXPECT_EQ(two.value().bytes, compose(draft_with_everything(), context()).value().bytes);
  EXPECT_EQ(worker.finish(), 0);
}

TEST(Mime_worker, Takes_a_frame_in_small_pieces) {
  Worker worker;
  for (const char c : frame(mime_digest_kind, encode_digest_request("Subject: one\r\n\r\n"))) {
    worker.say({&c, 1});
  }

  EXPECT_EQ(decode_digest_reply(read_frame(worker, mime_digest_kind)).value().subject, "one");
}

TEST(Mime_worker, Digests_a_mail_of_fifty_megabytes_within_its_memory) {
  Worker worker;
  const std::string mail =
      "From: a@x\r\nContent-Type: image/png\r\n\r\n" + std::string(std::size_t{50} << 20, 'x');

  worker.say(frame(mime_digest_kind, encode_digest_request(mail)));
  const auto summary = decode_digest_reply(read_frame(worker, mime_digest_kind));

  ASSERT_TRUE(summary);
  EXPECT_EQ(summary.value().attachments.at(0).size_bytes, std::uint64_t{50} << 20);
}

TEST(Mime_worker, Ends_on_a_frame_that_is_too_long_or_broken_off) {
  Worker too_long;
  too_long.say(std::string("\1\xFF\xFF\xFF\xFF", 5));
  EXPECT_EQ(too_long.read(1), "");
  EXPECT_EQ(too_long.finish(), 74);

  Worker broken;
  broken.say(std::string("\1\x10\0\0\0abc", 8));
  EXPECT_EQ(broken.finish(), 74);
}

}  // namespace
}  // namespace postern::message
