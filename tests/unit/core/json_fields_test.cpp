// JsonFields: strict types, every problem told at once, unknown fields with a hint.
#include "core/json_fields.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

namespace postern {
namespace {

enum class Colour { red, blue };
constexpr Choice<Colour> colours[] = {
    {"red", Colour::red}, {"blue", Colour::blue}, {"azure", Colour::blue, true}};

boost::json::object parsed(std::string_view text) {
  return boost::json::parse(boost::json::string_view(text)).as_object();
}

TEST(JsonFields, Reads_every_kind_of_field) {
  const auto object = parsed(R"({"host": "a", "port": 25, "on": true, "to": ["x", "y"],
                                 "colour": "azure", "inner": {}, "limit": 7, "note": "n"})");
  FieldProblems problems;
  JsonFields fields(object, "", problems);
  std::string host;
  std::uint16_t port = 0;
  bool on = false;
  std::vector<std::string> to;
  auto colour = Colour::red;
  std::optional<int> limit;
  std::optional<std::string> note;

  EXPECT_TRUE(fields.text("host", host));
  EXPECT_TRUE(fields.integer("port", port, 1, 65535));
  EXPECT_TRUE(fields.boolean("on", on));
  EXPECT_TRUE(fields.texts("to", to));
  EXPECT_TRUE(fields.choice("colour", colour, colours));
  EXPECT_TRUE(fields.integer("limit", limit, 1, 9));
  EXPECT_TRUE(fields.text("note", note));
  EXPECT_NE(fields.object("inner"), nullptr);
  fields.finish();

  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(host, "a");
  EXPECT_EQ(port, 25);
  EXPECT_TRUE(on);
  EXPECT_EQ(to, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(colour, Colour::blue);
  EXPECT_EQ(limit, 7);
  EXPECT_EQ(note, "n");
}

TEST(JsonFields, Leaves_the_variable_of_an_absent_field_alone) {
  const boost::json::object object;
  FieldProblems problems;
  JsonFields fields(object, "", problems);
  std::string host = "before";
  int port = 7;

  EXPECT_FALSE(fields.text("host", host));
  EXPECT_FALSE(fields.integer("port", port, 1, 9));
  fields.finish();

  EXPECT_EQ(host, "before");
  EXPECT_EQ(port, 7);
  EXPECT_TRUE(problems.empty());
}

TEST(JsonFields, Null_empties_what_is_optional) {
  const auto object = parsed(R"({"a": null, "b": null, "c": null})");
  FieldProblems problems;
  JsonFields fields(object, "", problems);
  std::optional<std::string> a = "x";
  std::optional<int> b = 1;
  std::vector<std::string> c = {"x"};

  fields.text("a", a);
  fields.integer("b", b, 1, 9);
  fields.texts("c", c);

  EXPECT_FALSE(a);
  EXPECT_FALSE(b);
  EXPECT_TRUE(c.empty());
  EXPECT_TRUE(problems.empty());
}

TEST(JsonFields, Tells_all_wrong_types_at_once_with_pointers) {
  const auto object = parsed(R"({"host": 1, "port": "25", "on": 1, "to": "x", "colour": 3,
                                 "inner": [], "list": [1, "ok"], "half": 2.5})");
  FieldProblems problems;
  JsonFields fields(object, "/incoming", problems);
  std::string host;
  int number = 0;
  bool on = false;
  std::vector<std::string> texts;
  auto colour = Colour::red;

  fields.text("host", host);
  fields.integer("port", number, 1, 9);
  fields.boolean("on", on);
  fields.texts("to", texts);
  fields.choice("colour", colour, colours);
  fields.object("inner");
  fields.texts("list", texts);
  fields.integer("half", number, 1, 9);
  fields.finish();

  ASSERT_EQ(problems.size(), 8u);
  EXPECT_EQ(problems[0].pointer, "/incoming/host");
  EXPECT_EQ(problems[0].detail, "must be a string, not a number");
  EXPECT_EQ(problems[1].detail, "must be a whole number, not a string");
  EXPECT_EQ(problems[2].detail, "must be true or false, not a number");
  EXPECT_EQ(problems[3].detail, "must be an array, not a string");
  EXPECT_EQ(problems[4].detail, "must be one of \"red\", \"blue\", not a number");
  EXPECT_EQ(problems[5].detail, "must be an object, not an array");
  EXPECT_EQ(problems[6].pointer, "/incoming/list/0");
  EXPECT_EQ(problems[7].detail, "must be a whole number, not a number");
}

TEST(JsonFields, Names_unknown_fields_and_the_nearest_known_one) {
  const auto object = parsed(R"({"hots": "a", "zzzzzzzz": 1, "a/b~c": 1})");
  FieldProblems problems;
  JsonFields fields(object, "/x", problems);
  std::string host;

  fields.text("host", host);
  fields.finish();

  ASSERT_EQ(problems.size(), 3u);
  EXPECT_EQ(problems[0].pointer, "/x/hots");
  EXPECT_EQ(problems[0].detail, "unknown field \"hots\" (did you mean \"host\"?)");
  EXPECT_EQ(problems[1].detail, "unknown field \"zzzzzzzz\"");
  EXPECT_EQ(problems[2].pointer, "/x/a~1b~0c");
}

TEST(JsonFields, Ignored_fields_are_not_unknown) {
  const auto object = parsed(R"({"id": 1, "status": {}})");
  FieldProblems problems;
  JsonFields fields(object, "", problems);

  fields.ignore({"id", "status"});
  fields.finish();

  EXPECT_TRUE(problems.empty());
}

TEST(JsonFields, Refuses_numbers_out_of_range) {
  for (const char* text : {"0", "65536", "-1", "99999999999", "18446744073709551615"}) {
    const auto object = parsed(std::string(R"({"port": )") + text + "}");
    FieldProblems problems;
    JsonFields fields(object, "", problems);
    int port = 5;

    EXPECT_FALSE(fields.integer("port", port, 1, 65535)) << text;

    ASSERT_EQ(problems.size(), 1u) << text;
    EXPECT_EQ(problems[0].detail, "must be from 1 to 65535");
    EXPECT_EQ(port, 5);
  }
}

TEST(JsonFields, Refuses_control_characters_where_lines_are_not_allowed) {
  for (const char* text :
       {R"("a\r\nb")", R"("a\u0000b")", R"("a\tb")", R"("a\u007fb")", R"("a\u0085b")"}) {
    const auto object = parsed(std::string(R"({"a": )") + text + "}");
    FieldProblems problems;
    JsonFields fields(object, "", problems);
    std::string a;

    EXPECT_FALSE(fields.text("a", a)) << text;
    EXPECT_EQ(problems.size(), 1u) << text;
  }
}

TEST(JsonFields, Lines_allow_line_breaks_and_tabs_only) {
  EXPECT_FALSE(check_text("a\r\n\tb", {.lines = true}));
  EXPECT_TRUE(check_text(std::string_view("a\0b", 3), {.lines = true}));
}

TEST(JsonFields, Holds_texts_to_their_length) {
  EXPECT_FALSE(check_text("12345", {.bytes_max = 5}));
  EXPECT_EQ(check_text("123456", {.bytes_max = 5}), "is too long: 6 bytes, at most 5");
}

TEST(JsonFields, A_required_text_is_missed_when_absent_and_when_empty) {
  const auto object = parsed(R"({"b": ""})");
  FieldProblems problems;
  JsonFields fields(object, "", problems);
  std::string out;

  fields.text("a", out, {.required = true});
  fields.text("b", out, {.required = true});

  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].detail, "is required");
  EXPECT_EQ(problems[1].detail, "must not be empty");
}

TEST(JsonFields, Holds_arrays_to_their_length) {
  const auto object = parsed(R"({"a": ["1", "2", "3"]})");
  FieldProblems problems;
  JsonFields fields(object, "", problems);
  std::vector<std::string> out;

  EXPECT_FALSE(fields.texts("a", out, {}, 2));
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].detail, "has too many items: 3, at most 2");
}

TEST(JsonFields, Stops_collecting_after_a_hundred_problems) {
  boost::json::object object;
  for (int i = 0; i < 500; ++i) object["field" + std::to_string(i)] = i;
  FieldProblems problems;
  JsonFields fields(object, "", problems);

  fields.finish();

  EXPECT_EQ(problems.size(), 100u);
}

TEST(JsonFields, Words_of_any_case_when_asked) {
  const auto object = parsed(R"({"a": "RED", "b": "RED"})");
  FieldProblems problems;
  JsonFields fields(object, "", problems);
  auto colour = Colour::blue;

  EXPECT_TRUE(fields.choice("a", colour, colours, true));
  EXPECT_FALSE(fields.choice("b", colour, colours));

  EXPECT_EQ(colour, Colour::red);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].detail,
            "must be one of \"red\", \"blue\", not \"RED\" (did you mean \"red\"?)");
}

TEST(RootObject, Wants_an_object) {
  FieldProblems problems;

  EXPECT_EQ(root_object(boost::json::value(1), problems), nullptr);

  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].pointer, "");
  EXPECT_EQ(problems[0].detail, "the body must be a JSON object, not a number");
}

}  // namespace
}  // namespace postern
