// Drafts out of a seeded generator: whatever they hold, the mail reads back to the same fields.
#include "core/utf8.hpp"
#include "message/address.hpp"
#include "message/scan.hpp"
#include "unit/message/composing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

namespace postern::message {
namespace {

constexpr int drafts = 300;

/// Makes drafts of words that have been trouble somewhere.
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  Draft draft() {
    Draft draft;
    draft.from = addresses(1, 1);
    draft.reply_to = addresses(0, 2);
    draft.to = addresses(0, 30);
    draft.cc = addresses(0, 3);
    draft.subject = line(40);
    draft.charset = pick(std::array{"utf-8", "utf-8", "iso-8859-15", "shift_jis", "iso-2022-jp"});
    if (number(0, 3) > 0) draft.text = text();
    if (number(0, 2) == 0) draft.html = "<p>" + line(20) + "</p>";
    for (int i = number(0, 3); i > 0; --i) draft.headers.emplace_back(header_name(i), line(30));
    for (int i = number(0, 3); i > 0; --i) draft.attachments.push_back(attachment(i));
    if (number(0, 1) == 0) draft.in_reply_to = "<" + std::to_string(number(0, 999)) + "@x.org>";
    for (int i = number(0, 12); i > 0; --i) {
      draft.references.push_back("<" + std::string(static_cast<std::size_t>(number(1, 200)), 'r') +
                                 "@x.org>");
    }
    return draft;
  }

  /// Words with single blanks between them.
  std::string line(int words_max) {
    std::string out;
    for (int i = number(0, words_max); i > 0; --i) {
      if (!out.empty()) out += ' ';
      out += word();
    }
    return out;
  }

 private:
  int number(int least, int most) {
    return std::uniform_int_distribution<int>(least, most)(random_);
  }

  template <std::size_t size>
  const char* pick(const std::array<const char*, size>& from) {
    return from.at(static_cast<std::size_t>(number(0, static_cast<int>(size) - 1)));
  }

  std::string word() {
    constexpr std::array words{"plain",
                               "Größe",
                               "日本語",
                               "😀👩‍👩‍👧‍👦",
                               "שלום",
                               "سلام عليكم",
                               "=?utf-8",
                               "?=",
                               "=?x?q?y?=",
                               "(c)",
                               "\"q\"",
                               "a,b;c:d",
                               "<x@y>",
                               "\\",
                               ".",
                               "From",
                               "e\u0301",
                               "\u202Ertl\u202C",
                               "&amp;",
                               "-",
                               "_",
                               "%41",
                               "supercalifragilistic",
                               "'"};
    const int kind = number(0, 40);
    if (kind == 0) return std::string(static_cast<std::size_t>(number(60, 1200)), 'w');
    if (kind == 1) return repeat("長", static_cast<std::size_t>(number(20, 300)));
    return pick(words);
  }

  std::string text() {
    std::string out;
    for (int i = number(0, 20); i > 0; --i) {
      if (number(0, 4) == 0) out += pick(std::array{".", "..", "From ", " ", "\t", "--", "=20"});
      out += line(30) + "\n";
    }
    return out;
  }

  std::vector<MailAddress> addresses(int least, int most) {
    constexpr std::array locals{"a",          "first.last", "\"john doe\"", "\"a@b\"",
                                "o'neil+tag", "\"q\\\"\"",  "x_y-z",        "jörg"};
    constexpr std::array domains{"example.org", "xn--bcher-kva.example", "[192.0.2.1]",
                                 "[IPv6:2001:db8::1]", "a.b-c.d.example"};
    std::vector<MailAddress> list;
    for (int i = number(least, most); i > 0; --i) {
      MailAddress address;
      if (number(0, 1) == 0) address.name = cut(line(4), 900);  // readers keep 998
      address.address = std::string(pick(locals)) + "@" + pick(domains);
      list.push_back(std::move(address));
    }
    return list;
  }

  /// Cut between words, so that no blank stands at its end.
  static std::string cut(const std::string& line, std::size_t bytes_max) {
    std::string out(cut_utf8(line, bytes_max));
    while (out.ends_with(' ')) out.pop_back();
    return out;
  }

  /// Within what a reader keeps of one: no folders, at most 255 bytes, no dots or blanks at its
  /// ends.
  std::string filename() {
    std::string name = line(6);
    std::erase_if(name, [](char c) { return c == '/' || c == '\\' || c == '.'; });
    name.erase(0, name.find_first_not_of(' '));
    return cut(name, 250);
  }

  static std::string header_name(int i) {
    constexpr std::array names{"X-Ticket", "List-Id", "Auto-Submitted",
                               "X-A-Rather-Long-Name-Of-A-Header-Field-That-Leaves-Little-Room"};
    return names.at(static_cast<std::size_t>(i));
  }

  DraftAttachment attachment(int i) {
    constexpr std::array types{"application/pdf", "text/plain", "", "image/png; name=x",
                               "message/rfc822"};
    DraftAttachment made;
    made.filename = filename();
    made.content_type = pick(types);
    if (number(0, 2) == 0) made.content_id = "id" + std::to_string(i) + "@x.org";
    for (int n = number(0, 400); n > 0; --n)
      made.content.push_back(static_cast<char>(number(0, 255)));
    return made;
  }

  std::mt19937_64 random_;
};

/// What a reader may make of a name: the same, or nothing of one that is nothing.
void expect_same(const std::vector<MailAddress>& written, const std::vector<MailAddress>& read) {
  ASSERT_EQ(written.size(), read.size());
  for (std::size_t i = 0; i < read.size(); ++i) EXPECT_EQ(written[i], read[i]);
}

/// A header line may be longer than 78 only where it has no blank to be folded at.
void expect_folded(std::string_view bytes) {
  std::string_view header = bytes.substr(0, bytes.find("\r\n\r\n") + 2);
  while (!header.empty()) {
    const auto end = header.find("\r\n");
    const auto line = header.substr(0, end);
    const auto word = line.find_first_not_of(' ');
    const auto name = word == 0 ? line.find(": ") + 2 : word;
    const bool whole = line.size() <= 78 || line.find(' ', name) == line.npos;
    EXPECT_TRUE(whole || line.find('"') != line.npos) << line;
    header.remove_prefix(end + 2);
  }
}

void expect_attachments(const Draft& draft, const MessageSummary& read, const std::string& bytes) {
  ASSERT_EQ(draft.attachments.size(), read.attachments.size());
  std::vector<bool> found(draft.attachments.size());
  for (std::size_t i = 0; i < read.attachments.size(); ++i) {
    const auto content = decode_attachment(bytes, i).value();
    bool matched = false;
    for (std::size_t n = 0; n < found.size() && !matched; ++n) {  // inline ones come first
      const auto& one = draft.attachments[n];
      matched = !found[n] && one.filename == read.attachments[i].filename &&
                one.content_id == read.attachments[i].content_id && one.content == content;
      if (matched) found[n] = true;
    }
    EXPECT_TRUE(matched) << read.attachments[i].filename;
  }
}

TEST(Compose_property, Every_draft_reads_back_to_the_same_fields) {
  for (std::uint64_t seed = 1; seed <= drafts; ++seed) {
    SCOPED_TRACE(seed);
    Generator generator(seed);
    const Draft mail = generator.draft();

    const std::string bytes = bytes_of(mail);
    const MessageSummary read = digest(bytes);

    expect_folded(bytes);
    expect_same(mail.from, read.from);
    expect_same(mail.reply_to, read.reply_to);
    expect_same(mail.to, read.to);
    expect_same(mail.cc, read.cc);
    EXPECT_EQ(read.subject.value_or(""), mail.subject);
    EXPECT_EQ(read.in_reply_to, mail.in_reply_to);
    EXPECT_EQ(read.references, mail.references);
    for (const auto& header : mail.headers) {
      if (header.second.empty()) continue;
      EXPECT_NE(std::find(read.headers.begin(), read.headers.end(), header), read.headers.end())
          << header.first << ": " << header.second;
    }
    if (mail.text) {
      const std::string whole = mail.text->ends_with('\n') ? *mail.text : *mail.text + "\n";
      EXPECT_TRUE(read.text == whole || read.text == *mail.text) << *read.text;
    }
    if (mail.html) EXPECT_TRUE(read.html.value_or("").starts_with(*mail.html));
    expect_attachments(mail, read, bytes);
    if (HasFailure()) break;  // one draft's story is enough
  }
}

TEST(Compose_property, A_list_of_addresses_that_was_taken_is_written_so_that_it_is_taken_again) {
  for (std::uint64_t seed = 1; seed <= drafts; ++seed) {
    SCOPED_TRACE(seed);
    Generator generator(seed);
    const auto list =
        parse_address_list(generator.line(3) + " <a@x.org>; b@x.org (" + generator.line(2) + ")");
    const auto long_name = [](const MailAddress& one) { return one.name.size() > 900; };
    if (!list || std::ranges::any_of(list.value(), long_name)) continue;  // readers keep 998
    Draft mail = draft();
    mail.to = list.value();

    expect_same(mail.to, digest(bytes_of(mail)).to);
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace postern::message
