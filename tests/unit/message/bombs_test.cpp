// Seventeen mails on which readers of mail have hung, grown or died: each is read within the CPU
// time of a worker, and says what was wrong with it.
#include "message/digest.hpp"
#include "unit/message/mail_text.hpp"

#include <gtest/gtest.h>

#include <ctime>
#include <functional>

namespace postern::message {
namespace {

// Far above what an unsanitized build takes (promise 4: 2 s), so that slow builds pass too.
constexpr double cpu_seconds_max = 20;

std::string many(int count, const std::function<std::string(const std::string&)>& text) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text(std::to_string(i));
  return out;
}

std::string mail(const std::string& header, const std::string& body = "words") {
  return "From: a@x.test\r\nSubject: bomb\r\n" + header + "\r\n\r\n" + body + "\r\n";
}

std::string typed(const std::string& type, const std::string& body) {
  return mail("Content-Type: " + type, body);
}

std::string deep_multiparts() {
  return typed("multipart/mixed; boundary=b0",
               "--b0\r\n" + many(3000, [](const std::string& i) {
                 return "Content-Type: multipart/mixed; boundary=c" + i + "\r\n\r\n--c" + i +
                        "\r\n";
               }));
}

std::string winmail_of_nothing() {
  const std::string begin("x\x9f\x3e\x22\x01\x00", 6);
  const std::string file("\x02\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00", 11);
  return typed("application/ms-tnef; name=winmail.dat", begin.substr(1) + repeat(file, 100000));
}

std::vector<std::string> all_bombs() {
  return {deep_multiparts(),
          typed("multipart/mixed; boundary=b", repeat("--b\r\n\r\nx\r\n", 40000)),
          mail(many(60000, [](const std::string& i) { return "X-" + i + ": y\r\n"; }) + "X: y"),
          mail("Cc: " + repeat("a:", 16000) + "b@c.test" + repeat(";", 16000)),
          mail("X-Long: " + std::string(1 << 20, 'y')),
          mail("Sender: " + std::string(200000, '(') + "a@b.test"),
          mail("References: " + many(50000, [](const std::string& i) { return "<" + i + "@x> "; })),
          mail("X-Words: " +
               many(20000, [](const std::string& i) { return "=?x-" + i + "?Q?=FF?= "; })),
          typed("text/plain; " +
                    many(20000, [](const std::string& i) { return "name*" + i + "*=%41; "; }),
                "x"),
          typed("multipart/mixed; boundary=\"" + std::string(100000, 'b') + "\"", "x"),
          typed("message/rfc822", repeat("Content-Type: message/rfc822\r\n\r\n", 3000)),
          mail("To: " + many(100000, [](const std::string& i) { return "a" + i + "@x.test,"; })),
          typed("text/html", repeat("<div><b>", 200000)),
          winmail_of_nothing(),
          mail("Content-Transfer-Encoding: quoted-printable", repeat("=\r\n", 1000000)),
          mail("X: y", std::string(4 << 20, '\0')),
          typed("multipart/mixed; boundary=b", many(2000, [](const std::string& i) {
                  return "--b\r\nContent-Type: text/plain; charset=x-" + i +
                         "\r\nContent-Disposition: attachment; filename=\"=?x-" + i +
                         "?B?/////w==?=\"\r\n\r\n\xff\r\n";
                }))};
}

TEST(Bombs, Are_read_within_a_workers_time) {
  const auto bombs = all_bombs();
  ASSERT_EQ(17u, bombs.size());
  for (std::size_t i = 0; i < bombs.size(); ++i) {
    const auto begun = std::clock();

    const MessageSummary summary = digest(bombs[i]);

    const auto seconds = static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
    EXPECT_LT(seconds, cpu_seconds_max) << "bomb " << i;
    // What comes behind a field beyond the limits may be lost; what stands before never is.
    ASSERT_EQ(1u, summary.from.size()) << "bomb " << i;
    EXPECT_EQ("bomb", summary.subject) << "bomb " << i;
    EXPECT_LE(summary.attachments.size(), 1000u + 100u) << "bomb " << i;
  }
}

}  // namespace
}  // namespace postern::message
