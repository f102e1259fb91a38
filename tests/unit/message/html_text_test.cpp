// What HTML says as plain text.
#include "message/html_text.hpp"

#include "core/utf8.hpp"
#include "unit/message/mail_text.hpp"

#include <gtest/gtest.h>

namespace postern::message {
namespace {

std::string said(std::string_view html) {
  const HtmlText made = text_of_html(html);
  EXPECT_FALSE(made.cut);
  return made.text;
}

TEST(Html_text, Makes_paragraphs_and_lines_of_blocks) {
  EXPECT_EQ(said("<h1>Title</h1>\n<p>One  two\n three<br>four</p><div>five</div><div>six</div>"),
            "Title\n\nOne two three\nfour\n\nfive\nsix\n");
}

TEST(Html_text, Shows_neither_scripts_nor_styles_nor_comments_nor_the_title) {
  EXPECT_EQ(said("<html><head><title>t</title><style>p{x}</style></head><body><!-- c --><p>x</p>"
                 "<script>if (1 < 2) alert('<p>y</p>')</script></body></html>"),
            "x\n");
}

TEST(Html_text, Decodes_entities_and_hard_blanks) {
  EXPECT_EQ(said("<p>a&nbsp;&amp;&#32;b &lt;&euro;&#x1F600;&gt; &nosuch; Gr\xC3\xBC\xC3\x9F"
                 "e</p>"),
            "a & b <€😀> &nosuch; Grüße\n");
}

TEST(Html_text, Writes_lists_with_their_marks) {
  EXPECT_EQ(said("<p>see</p><ul><li>one</li><li>two<ol><li>a<li>b</ol></li><li></li></ul><p>end"),
            "see\n\n- one\n- two\n  1. a\n  2. b\n\nend\n");
}

TEST(Html_text, Marks_quotations) {
  EXPECT_EQ(said("<p>He said</p><blockquote><p>one</p><blockquote>two</blockquote></blockquote>"
                 "<p>me</p>"),
            "He said\n\n> one\n\n> > two\n\nme\n");
}

TEST(Html_text, Writes_the_address_behind_a_link_where_it_is_of_use) {
  EXPECT_EQ(
      said("<a href=\"https://x.org/a?b=1&amp;c=2\">here</a>, <a href='#top'>top</a>, "
           "<a href=\"https://x.org\">https://x.org</a>, <a href=\"https://x.org\">x.org</a>, "
           "<a href=\"mailto:a@x.org\">a@x.org</a>, <a href=\"javascript:alert(1)\">js</a>, "
           "<a href=\"https://x.org\"></a><a href=\"https://x.org/ y\">odd</a>"),
      "here <https://x.org/a?b=1&c=2>, top, https://x.org, x.org, a@x.org, js, odd\n");
}

TEST(Html_text, Keeps_cells_apart_and_preformatted_text_as_it_is) {
  EXPECT_EQ(said("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>"
                 "<pre>x  y\n  z\n</pre>"),
            "a b\nc\n\nx  y\n  z\n");
}

TEST(Html_text, Says_what_an_image_shows) {
  EXPECT_EQ(said("<img src=\"cid:a\" alt=\"Our logo\"> <img src=\"cid:b\">"), "[Our logo]\n");
  EXPECT_EQ(said("<img src=\"cid:b\"><p> </p>"), "");
  EXPECT_EQ(said(""), "");
}

TEST(Html_text, Reads_broken_html_as_well_as_it_can) {
  EXPECT_EQ(said("<p>a<b>b</p>c</i> <p d"), "ab\n\nc\n");
  EXPECT_EQ(said("no tags & at all <"), "no tags & at all <\n");
  EXPECT_TRUE(valid_utf8(said("<p>\xFF\xC3</p><meta charset=\"utf-16\"><p>ok</p>")));
  EXPECT_EQ(said("<meta charset=\"iso-8859-1\"><p>ü</p>"), "ü\n");
}

TEST(Html_text, Reads_elements_in_each_other_up_to_its_limit) {
  EXPECT_FALSE(text_of_html(repeat("<div>", html_nesting_max - 5) + "x").cut);

  const HtmlText deep = text_of_html("<p>first</p>" + repeat("<div>", 200'000) + "x");
  EXPECT_TRUE(deep.cut);
  EXPECT_EQ(deep.text, "first\n");
}

TEST(Html_text, Is_bounded_in_what_it_reads_and_writes) {
  EXPECT_TRUE(text_of_html("<p>a</p>" + std::string(html_text_source_bytes_max, ' ')).cut);

  const HtmlText grown =
      text_of_html(repeat("<blockquote>", 12) + repeat("<br>x", html_text_source_bytes_max / 6));
  EXPECT_TRUE(grown.cut);
  EXPECT_LT(grown.text.size(), html_text_bytes_max + 10'000);
}

}  // namespace
}  // namespace postern::message
