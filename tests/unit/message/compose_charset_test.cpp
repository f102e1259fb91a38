// The charset of a composed mail: the one asked for, or UTF-8 with a note, or a refusal.
#include "unit/message/composing.hpp"

#include <gtest/gtest.h>

namespace postern::message {
namespace {

TEST(Compose_charset, Uses_the_one_asked_for_when_it_holds_the_text) {
  Draft mail = draft();
  mail.charset = "ISO-8859-1";
  mail.subject = "Grüße";
  mail.text = "grüß dich, wie geht es dir";

  const std::string bytes = bytes_of(mail);

  EXPECT_NE(bytes.find("Subject: =?iso-8859-1?B?R3L832U=?="), bytes.npos);
  EXPECT_NE(bytes.find("charset=iso-8859-1"), bytes.npos);
  EXPECT_NE(bytes.find("gr=FC=DF"), bytes.npos);
  EXPECT_EQ(digest(bytes).subject, "Grüße");
}

TEST(Compose_charset, Falls_back_to_utf8_with_a_note_or_refuses_when_strict) {
  Draft mail = draft();
  mail.charset = "iso-8859-1";
  mail.text = "Жук";

  const auto lenient = compose(mail, context());
  ComposeContext strict = context();
  strict.strict_encoding = true;
  const auto refused = compose(mail, strict);

  ASSERT_TRUE(lenient);
  EXPECT_EQ(lenient.value().notes.size(), 1u);
  EXPECT_EQ(digest(lenient.value().bytes).text, "Жук\n");
  EXPECT_EQ(refused.error().code, errc::charset_does_not_fit);
}

TEST(Compose_charset, Refuses_one_that_is_unknown_or_none_for_mail) {
  for (const char* charset : {"no-such-charset", "utf-16", "utf-7", "a,b", "../x"}) {
    Draft mail = draft();
    mail.charset = charset;
    EXPECT_EQ(refusal_of(mail), errc::unknown_charset) << charset;

    ComposeContext with = context();
    with.unknown_charset_falls_back = true;
    const auto composed = compose(mail, with);
    ASSERT_TRUE(composed);
    EXPECT_EQ(composed.value().notes.size(), 1u);
    with.strict_encoding = true;
    EXPECT_EQ(compose(mail, with).error().code, errc::charset_does_not_fit);
  }
}

TEST(Compose_charset, Writes_words_and_text_in_charsets_of_many_scripts) {
  const std::pair<const char*, const char*> cases[] = {{"iso-8859-15", "Preis 5 € für Žofie"},
                                                       {"shift_jis", "日本語のテスト ソ表 ~\\"},
                                                       {"koi8-r", "Привет, мир"},
                                                       {"windows-1251", "Съешь ещё"},
                                                       {"euc-jp", "日本語"},
                                                       {"gb18030", "简体中文 😀"},
                                                       {"big5", "繁體中文"},
                                                       {"euc-kr", "한국어"},
                                                       {"iso-8859-8", "שלום"},
                                                       {"windows-1256", "سلام"},
                                                       {"tis-620", "สวัสดี"}};
  for (const auto& [charset, words] : cases) {
    Draft mail = draft();
    mail.charset = charset;
    mail.subject = repeat(words, 3);
    mail.text = std::string(words) + "\n";

    const auto composed = compose(mail, context());
    const MessageSummary read = digest(bytes_of(mail));

    EXPECT_TRUE(composed.value().notes.empty()) << charset << composed.value().notes.at(0);
    EXPECT_NE(composed.value().bytes.find(std::string("charset=") + charset), std::string::npos);
    EXPECT_EQ(read.subject, mail.subject) << charset;
    EXPECT_EQ(read.text, mail.text) << charset;
  }
}

TEST(Compose_charset, Reads_back_a_charset_with_shifts) {
  Draft mail = draft();
  mail.charset = "iso-2022-jp";
  mail.subject = repeat("テスト", 20);
  mail.text = repeat("日本語のテキスト\n", 5);

  const MessageSummary read = digest(bytes_of(mail));

  EXPECT_EQ(read.subject, mail.subject);
  EXPECT_EQ(read.text, mail.text);
}

}  // namespace
}  // namespace postern::message
