// Templates: names in, text out, every mistake with its place.
#include "core/template.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace postern {
namespace {

constexpr std::size_t plenty = 10'000;

const TemplateVariables variables{{"name", "Ann & \"Bob\" <x>"},
                                  {"event.kind", "imap.login_failed"},
                                  {"tricky", "{{name}}"},
                                  {"empty", ""}};

std::string expanded(std::string_view text, TemplateEscape escape = TemplateEscape::none) {
  const auto result = expand_template(text, variables, escape, plenty);
  EXPECT_TRUE(result.mistakes.empty()) << result.mistakes.at(0);
  return result.text;
}

std::vector<std::string> mistakes(std::string_view text) {
  return expand_template(text, variables, TemplateEscape::none, plenty).mistakes;
}

TEST(Template, Puts_values_in_the_place_of_names) {
  EXPECT_EQ(expanded("{{event.kind}}: {{ empty }}hello"), "imap.login_failed: hello");
  EXPECT_EQ(expanded("nothing } to { do }}"), "nothing } to { do }}");
  EXPECT_EQ(expanded(""), "");
}

TEST(Template, Escapes_values_and_not_the_text_around_them) {
  EXPECT_EQ(expanded("<b>{{name}}</b>", TemplateEscape::html),
            "<b>Ann &amp; &quot;Bob&quot; &lt;x&gt;</b>");
  EXPECT_EQ(expanded("/?q={{name}}", TemplateEscape::url), "/?q=Ann%20%26%20%22Bob%22%20%3Cx%3E");
}

TEST(Template, Never_reads_a_value_as_a_template) {
  EXPECT_EQ(expanded("{{tricky}}"), "{{name}}");
}

TEST(Template, Keeps_braces_behind_a_backslash) {
  EXPECT_EQ(expanded(R"(\{{name}} is {{event.kind}})"), "{{name}} is imap.login_failed");
}

TEST(Template, Names_what_is_not_known_with_its_place_and_the_nearest) {
  const auto told =
      mistakes("first\nand {{nmae}} {{event.kind}} {{x y}} {{}} {{.a}} {{a.}} {{a..b}}");

  ASSERT_EQ(told.size(), 6u);
  EXPECT_EQ(told[0],
            "line 2, column 5: \"nmae\" is not among the variables (did you mean \"name\"?)");
  EXPECT_EQ(told[1], "line 2, column 29: \"x y\" is no name of a variable");
}

TEST(Template, Tells_of_braces_that_do_not_close) {
  EXPECT_EQ(mistakes("a {{name").size(), 1u);
  EXPECT_EQ(mistakes("{{" + std::string(1000, 'x') + "}}").size(), 1u);
}

TEST(Template, Is_bounded_in_what_comes_out_and_in_the_mistakes_it_tells) {
  EXPECT_TRUE(expand_template("{{name}}", variables, TemplateEscape::none, 15).mistakes.empty());
  EXPECT_EQ(expand_template("{{name}}", variables, TemplateEscape::none, 14).mistakes.size(), 1u);
  EXPECT_EQ(expand_template("xx", variables, TemplateEscape::none, 1).mistakes.size(), 1u);
  std::string many;
  for (std::size_t i = 0; i < template_mistakes_max + 5; ++i) many += "{{no}}";
  EXPECT_EQ(mistakes(many).size(), template_mistakes_max);
}

TEST(Template, Is_checked_against_names_before_there_are_values) {
  EXPECT_TRUE(template_mistakes("{{a.b}} {{c}}", {"a.b", "c"}).empty());
  EXPECT_EQ(template_mistakes("{{a.b}} {{c}}", {"c"}).size(), 1u);
}

TemplateVariables read(std::string_view json, FieldProblems& problems) {
  return read_template_variables(boost::json::parse(json).as_object(), "/variables", problems);
}

TEST(Template_variables, Are_texts_numbers_booleans_and_objects_with_dots) {
  FieldProblems problems;

  const auto read_ones =
      read(R"({"a": "x", "n": 42, "b": true, "z": null, "event": {"kind": "k", "deep": {"er": 1}},
               "has.dot": "y"})",
           problems);

  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(read_ones, (TemplateVariables{{"a", "x"},
                                          {"n", "42"},
                                          {"b", "true"},
                                          {"z", ""},
                                          {"event.kind", "k"},
                                          {"event.deep.er", "1"},
                                          {"has.dot", "y"}}));
}

TEST(Template_variables, Name_what_cannot_be_one) {
  FieldProblems problems;

  read(R"({"a b": 1, "l": [1], "x": {"y": 1}, "x.y": 2, "": "", "ok": 1})", problems);

  ASSERT_EQ(problems.size(), 4u);
  EXPECT_EQ(problems[0].pointer, "/variables/a b");
  EXPECT_EQ(problems[1].pointer, "/variables/l");
  EXPECT_EQ(problems[3].pointer, "/variables/x/y");
}

TEST(Template_variables, Are_bounded_in_number_depth_and_length) {
  FieldProblems problems;
  boost::json::object many;
  for (std::size_t i = 0; i <= template_variables_max; ++i) many["v" + std::to_string(i)] = 1;
  read_template_variables(many, "/variables", problems);
  EXPECT_EQ(problems.size(), 1u);

  problems.clear();
  boost::json::value deep = "x";
  for (std::size_t i = 0; i < template_depth_max; ++i) deep = boost::json::object{{"d", deep}};
  EXPECT_EQ(read_template_variables(deep.as_object(), "", problems).size(), 1u);
  deep = boost::json::object{{"d", deep}};
  EXPECT_TRUE(read_template_variables(deep.as_object(), "", problems).empty());
  EXPECT_EQ(problems.size(), 1u);

  problems.clear();
  const boost::json::object lengths{{"fits", std::string(template_value_bytes_max, 'x')},
                                    {"not", std::string(template_value_bytes_max + 1, 'x')}};
  EXPECT_EQ(read_template_variables(lengths, "", problems).size(), 1u);
  EXPECT_EQ(problems.size(), 1u);
}

}  // namespace
}  // namespace postern
