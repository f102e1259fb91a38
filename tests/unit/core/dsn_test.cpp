// What a mail asks of other servers, in JSON and back.
#include "core/dsn.hpp"

#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace postern {
namespace {

std::optional<DsnNotify> notify(std::vector<std::string_view> words) {
  return parse_notify(words);
}

TEST(Dsn, Knows_never_and_the_three_others_apart) {
  EXPECT_EQ(notify({"never"}), (DsnNotify{.never = true}));
  EXPECT_EQ(notify({"Delay", "SUCCESS"}), (DsnNotify{.success = true, .delay = true}));
  EXPECT_FALSE(notify({}));
  EXPECT_FALSE(notify({"never", "failure"}));
  EXPECT_FALSE(notify({"always"}));
  EXPECT_FALSE(notify({""}));
}

TEST(Dsn, Comes_back_from_json_as_it_went) {
  DsnRequest dsn;
  dsn.notify.failure = true;
  dsn.returned = DsnRequest::Return::headers;
  dsn.envelope_id = "a b";
  dsn.original_recipients = true;
  dsn.own = {{"a@x.test", {.never = true}, ""},
             {"b@x.test", {.success = true, .failure = true}, "rfc822;B@x.test"}};

  EXPECT_EQ(dsn_from_json(to_json(dsn)), dsn);
  EXPECT_TRUE(to_json(DsnRequest()).is_null());
  EXPECT_EQ(dsn_from_json(nullptr), DsnRequest());
}

TEST(Dsn, Finds_the_words_of_one_recipient) {
  DsnRequest dsn;
  for (char c = 'a'; c <= 'z'; ++c) dsn.own.push_back({std::string(1, c) + "@x.test", {}, "x"});

  EXPECT_EQ(dsn.find("q@x.test"), &dsn.own[16]);
  EXPECT_EQ(dsn.find("q@y.test"), nullptr);
  EXPECT_EQ(DsnRequest().find("q@x.test"), nullptr);
}

TEST(Dsn, Leaves_empty_what_is_not_well_in_json) {
  const auto odd = dsn_from_json(boost::json::parse(
      R"({"notify": ["never", "failure"], "ret": 1, "envid": null, "recipients": [1, {}]})"));

  EXPECT_EQ(odd.notify, DsnNotify());
  EXPECT_EQ(odd.returned, DsnRequest::Return::not_said);
  EXPECT_EQ(odd.own.size(), 1U);
}

}  // namespace
}  // namespace postern
