// 8-bit mails made fit for a server without 8BITMIME: a reader sees the same, a signature is not
// broken.
#include "message/seven_bit.hpp"

#include "message/ascii.hpp"
#include "message/digest.hpp"
#include "message/errc.hpp"
#include "message/scan.hpp"
#include "message/transfer.hpp"
#include "unit/message/mail_text.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <random>

namespace postern::message {
namespace {

/// The mail as 7-bit text, checked for what holds of every one.
std::string changed(std::string_view text) {
  const auto result = to_seven_bit(crlf(text));
  EXPECT_TRUE(result) << describe(result.error());
  if (!result) return {};
  for (const char c : result.value()) {
    if (is_eight_bit(c)) ADD_FAILURE() << "an 8-bit octet in\n" << result.value();
  }
  return result.value();
}

error_code refusal_of(std::string_view text) {
  const auto result = to_seven_bit(crlf(text));
  return result ? error_code() : result.error().code;
}

/// The decoded bytes of each leaf, mails in the mail taken apart.
std::vector<std::string> leaves(std::string raw) {
  std::vector<std::string> all;
  std::vector<std::string> mails{std::move(raw)};
  for (std::size_t i = 0; i < mails.size(); ++i) {
    const std::string mail = mails[i];
    const auto tree = scan(mail);
    for (const auto& part : tree.parts) {
      if (part.has_children) continue;
      const auto body = part.body.in(mail);
      if (part.content_type == "message/rfc822" && part.encoding == TransferEncoding::identity) {
        mails.emplace_back(body);
      } else {
        all.push_back(decode_transfer(body, part.encoding, body.size()).bytes);
      }
    }
  }
  return all;
}

TEST(Seven_bit, Says_text_as_quoted_printable) {
  const auto mail = changed(
      "From: a@example.com\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
      "Content-Transfer-Encoding: 8bit\n\nEine Größe in einem Satz, der lang genug dafür ist.\n");

  EXPECT_EQ(mail,
            crlf("From: a@example.com\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
                 "Content-Transfer-Encoding: quoted-printable\n\n"
                 "Eine Gr=C3=B6=C3=9Fe in einem Satz, der lang genug daf=C3=BCr ist.\n"));
}

TEST(Seven_bit, Says_text_as_base64_where_that_is_shorter_and_all_else_always) {
  const std::string japanese =
      "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n日本語日本語\n";
  const auto image =
      "Content-Type: image/png\nContent-Transfer-Encoding: 8bit\n\n"
      "a picture, if a strange one: \x89PNG in the midst of so many letters\n";

  EXPECT_NE(changed(japanese).find("Content-Transfer-Encoding: base64\r\n\r\n5pel"),
            std::string::npos);
  EXPECT_NE(changed(image).find("Content-Transfer-Encoding: base64\r\n"), std::string::npos);
}

TEST(Seven_bit, Changes_each_leaf_where_it_stands_and_leaves_the_others) {
  const auto mail = changed(
      "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\n"
      "Vorwort für niemanden\n--b\nContent-Type: text/plain; charset=iso-8859-1\n"
      "Content-Transfer-Encoding: 8bit\n\nsome words and a \xFC in them\n"
      "--b\nContent-Type: text/plain\nX-Odd:   kept\n\nplain\n"
      "--b\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\nQUJD\n--b--\n");

  EXPECT_NE(mail.find("Vorwort f??r niemanden"), std::string::npos);
  EXPECT_NE(mail.find("boundary=b\r\nContent-Transfer-Encoding: 7bit\r\n"), std::string::npos);
  EXPECT_NE(mail.find("Content-Transfer-Encoding: quoted-printable\r\n\r\n"
                      "some words and a =FC in them\r\n--b\r\n"),
            std::string::npos);
  EXPECT_NE(mail.find("--b\r\nContent-Type: text/plain\r\nX-Odd:   kept\r\n\r\nplain\r\n--b\r\n"),
            std::string::npos);
  EXPECT_NE(mail.find("base64\r\n\r\nQUJD\r\n--b--\r\n"), std::string::npos);
}

TEST(Seven_bit, Says_what_a_mail_without_mime_fields_is) {
  EXPECT_EQ(changed("From: a@example.com\n\neinmal für dich allein\n"),
            crlf("From: a@example.com\nContent-Type: text/plain; charset=utf-8\n"
                 "MIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n\n"
                 "einmal f=C3=BCr dich allein\n"));
  EXPECT_NE(changed("From: a@example.com\n\neinmal f\xFCr dich allein\n")
                .find("charset=unknown-8bit\r\n"),
            std::string::npos);
}

TEST(Seven_bit, Encodes_within_a_mail_in_the_mail_and_not_the_mail_itself) {
  const auto mail = changed(
      "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n"
      "Content-Transfer-Encoding: 8bit\n\nSubject: inner\nMIME-Version: 1.0\n"
      "Content-Type: text/plain; charset=utf-8\n\nein Wort für innen drin\n--b--\n");

  EXPECT_NE(mail.find("message/rfc822\r\nContent-Transfer-Encoding: 7bit\r\n\r\nSubject: inner"),
            std::string::npos);
  EXPECT_NE(mail.find("ein Wort f=C3=BCr innen drin"), std::string::npos);
  EXPECT_EQ(digest(mail).defects, std::vector<std::string>{"from.missing"});
}

TEST(Seven_bit, Does_not_touch_what_is_signed) {
  const std::string body = "--s\nContent-Type: text/plain; charset=utf-8\n\nfür\n--s--\n";
  EXPECT_EQ(refusal_of("Content-Type: multipart/signed; boundary=s\n\n" + body),
            make_error_code(errc::signed_eight_bit));
  EXPECT_EQ(refusal_of("Content-Type: multipart/mixed; boundary=b\n\n--b\n"
                       "Content-Type: multipart/signed; boundary=s\n\n" +
                       body + "--b--\n"),
            make_error_code(errc::signed_eight_bit));
  EXPECT_EQ(refusal_of("DKIM-Signature: v=1; b=x\nContent-Type: text/plain\n\nfür\n"),
            make_error_code(errc::signed_eight_bit));

  const auto beside = changed(
      "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/signed; "
      "boundary=s\nContent-Transfer-Encoding: 8bit\n\n--s\nContent-Transfer-Encoding: 8bit\n\n"
      "for  \n--s--\n--b\nContent-Type: text/plain; charset=utf-8\n\nein Wort für "
      "daneben\n--b--\n");
  EXPECT_NE(beside.find("boundary=s\r\nContent-Transfer-Encoding: 8bit\r\n\r\n--s\r\n"
                        "Content-Transfer-Encoding: 8bit\r\n\r\nfor  \r\n--s--\r\n"),
            std::string::npos);
}

TEST(Seven_bit, Refuses_what_cannot_be_said_in_seven_bits) {
  const auto refused = make_error_code(errc::not_seven_bit);
  EXPECT_EQ(refusal_of("Subject: für\n\nx\n"), refused);
  EXPECT_EQ(refusal_of("Content-Type: multipart/mixed; boundary=b\n\n--b\n"
                       "Content-Disposition: attachment; filename=ü.txt\n\nx\n--b--\n"),
            refused);
  EXPECT_EQ(refusal_of("Content-Type: message/partial; id=x\n\nfür\n"), refused);
  EXPECT_EQ(refusal_of("Content-Transfer-Encoding: x-own\n\nfür\n"), refused);
  EXPECT_EQ(refusal_of("Content-Type: multipart/mixed; boundary=b\n\nfür\n"), refused);
  EXPECT_EQ(refusal_of("Content-Type: multipart/mixed; boundary=b\n" +
                       repeat("\n--b\n\nx", mime_parts_max + 2) + "\n--b\n\nfür\n--b--\n"),
            refused);
  EXPECT_EQ(refusal_of(nested(mime_depth_max + 5) + "für\n"), refused);
}

TEST(Seven_bit, Looks_into_as_many_mails_as_there_may_be) {
  const auto mails = [](std::size_t count) {
    return "Content-Type: multipart/digest; boundary=b\n" +
           repeat("\n--b\n\nSubject: x\n\nein Wort für dich\n", count) + "\n--b--\n";
  };

  EXPECT_EQ(refusal_of(mails(nested_mails_max + 1)), make_error_code(errc::not_seven_bit));
  EXPECT_EQ(leaves(changed(mails(nested_mails_max - 1))).size(), nested_mails_max - 1);
}

TEST(Seven_bit, Puts_no_boundary_at_the_begin_of_a_line) {
  std::string text = "für ";
  for (int i = 0; i < 200; ++i) text += "--b ";
  const std::string mail = crlf(
      "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
      "Content-Type: text/plain; charset=utf-8\n\n" +
      text + "\n--b--\n");

  const auto result = to_seven_bit(mail);

  ASSERT_TRUE(result) << describe(result.error());
  EXPECT_EQ(leaves(result.value()), leaves(mail));
}

/// Mails of parts in parts, with octets of every kind.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::string part(int depth) {
    const int kind = number(0, depth == 0 ? 4 : 7);
    if (kind >= 6) return multipart(depth);
    if (kind == 5) {
      return "Content-Type: message/rfc822\r\n" + encoding_of(false) + "\r\nSubject: x\r\n" +
             part(depth - 1);
    }
    const std::array types{"", "Content-Type: text/plain; charset=utf-8\r\n",
                           "Content-Type: text/html\r\n", "Content-Type: image/png\r\n",
                           "Content-Type: application/octet-stream; name=x\r\n"};
    const std::string type = types[static_cast<std::size_t>(kind)];
    const int encoding = number(0, 3);
    const auto content = octets();
    if (encoding == 2) {
      std::string lines;
      append_base64_lines(content, lines);
      return type + "Content-Transfer-Encoding: base64\r\n\r\n" + lines + stray();
    }
    if (encoding == 3) {
      std::string lines;
      append_quoted_printable(content, lines);
      return type + "Content-Transfer-Encoding: Quoted-Printable\r\n\r\n" + lines + stray();
    }
    return type + encoding_of(true) + "\r\n" + content;
  }

 private:
  int number(int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(random_);
  }

  std::string encoding_of(bool leaf) {
    const std::array words{"", "Content-Transfer-Encoding: 8bit\r\n",
                           "content-transfer-encoding:binary\r\n"};
    return words[static_cast<std::size_t>(number(0, leaf ? 2 : 1))];
  }

  std::string stray() { return number(0, 5) == 0 ? "\xC3\xBC" : ""; }

  std::string octets() {
    std::string out;
    const int words = number(0, 60);
    for (int i = 0; i < words; ++i) {
      const std::array pieces{"word",     " ",
                              "\r\n",     "gr\xC3\xBC\xC3\x9F",
                              "\xFF\xFE", "\r\n.",
                              "From ",    "=",
                              "\n",       "\r",
                              "\t",       " --other",
                              "\r\n",     "a long word that fills a line soon"};
      out += pieces[static_cast<std::size_t>(number(0, pieces.size() - 1))];
      if (number(0, 30) == 0) out += '\0';
    }
    return out;
  }

  std::string multipart(int depth) {
    const auto boundary = fmt::format("b{}x", ++boundaries_);
    std::string out = "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n" +
                      encoding_of(false) + "\r\n" + (number(0, 1) == 0 ? "pr\xC3\xA4" : "");
    const int count = number(1, 4);
    for (int i = 0; i < count; ++i) out += "\r\n--" + boundary + "\r\n" + part(depth - 1);
    return out + "\r\n--" + boundary + "--\r\n" + (number(0, 3) == 0 ? "\xC3\xA4\r\n" : "");
  }

  std::mt19937_64 random_;
  int boundaries_ = 0;
};

TEST(Seven_bit, Keeps_what_every_leaf_says) {
  int done = 0;
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    const std::string mail =
        "From: a@example.com\r\nMIME-Version: 1.0\r\n" + Generator(seed).part(3);
    const auto result = to_seven_bit(mail);
    if (!result) {
      EXPECT_EQ(result.error().code, make_error_code(errc::not_seven_bit));
      continue;
    }
    ++done;
    ASSERT_TRUE(std::none_of(result.value().begin(), result.value().end(), is_eight_bit)) << seed;
    ASSERT_EQ(leaves(result.value()), leaves(mail)) << seed;
    ASSERT_EQ(to_seven_bit(result.value()).value(), result.value()) << seed;
  }
  EXPECT_GT(done, 550);
}

}  // namespace
}  // namespace postern::message
