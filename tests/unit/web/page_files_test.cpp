// The page's files: what is embedded, what a browser is told about it, and what it cannot ask for.
#include "web/page_files.hpp"
#include "unit/web/api_fixture.hpp"

#include <fstream>

namespace postern::web::test {
namespace {

const std::vector<PageBytes> sample = {
    {"/pages/index.html", R"(<script type="module" src="/pages/main.js"></script>)"},
    {"/pages/main.js", R"(import { h } from "preact"; import "./list.js";)"},
    {"/pages/list.js", ""},
    {"/modules/preact.js", "export const h = 1;"},
    {"/modules/hooks.js", R"(import{options as n}from"preact";)"}};

std::string header(const Response& response, std::string_view name) {
  const auto* value = response.header(name);
  return value == nullptr ? "" : *value;
}

TEST(PageFiles, Gives_a_file_with_its_type_and_asks_for_it_anew_each_time) {
  const PageFiles files(sample, "");

  const auto main = files.file("/pages/main.js");

  ASSERT_TRUE(main);
  EXPECT_EQ("text/javascript; charset=utf-8", main->content_type);
  EXPECT_EQ("no-cache", header(*main, "Cache-Control"));
  EXPECT_EQ(R"(import { h } from "/modules/preact.js"; import "./list.js";)", main->body);
  EXPECT_TRUE(files.file("/pages/list.js"));
  EXPECT_FALSE(files.file("/pages/none.js"));
  EXPECT_FALSE(files.file("/pages/"));
}

TEST(PageFiles, Files_of_a_version_name_only_files_of_that_version_and_may_be_kept) {
  const PageFiles files(sample, "");
  const auto under = "/assets/" + files.version();

  const auto index = files.index();
  const auto hooks = files.file(files.version(), "/modules/hooks.js");

  ASSERT_TRUE(index && hooks);
  EXPECT_EQ("<script type=\"module\" src=\"" + under + "/pages/main.js\"></script>", index->body);
  EXPECT_EQ("no-cache", header(*index, "Cache-Control"));
  EXPECT_EQ("import{options as n}from\"" + under + "/modules/preact.js\";", hooks->body);
  EXPECT_EQ("public, max-age=31536000, immutable", header(*hooks, "Cache-Control"));
  EXPECT_FALSE(files.file("0000000000000000", "/modules/hooks.js"));
}

TEST(PageFiles, Another_byte_makes_another_version) {
  auto other = sample;
  other[3].bytes = "export const h = 2;";

  EXPECT_NE(PageFiles(sample, "").version(), PageFiles(other, "").version());
  EXPECT_EQ(PageFiles(sample, "").version(), PageFiles(sample, "").version());
}

TEST(PageFiles, Bare_names_are_replaced_whichever_the_quote_and_other_names_stay) {
  EXPECT_EQ("import a from '/modules/htm.js';", with_paths("import a from 'htm';", ""));
  EXPECT_EQ("import {useState} from \"/modules/hooks.js\"",
            with_paths("import {useState} from \"preact/hooks\"", ""));
  EXPECT_EQ("say(\"preact\") // from \"preactor\"",
            with_paths("say(\"preact\") // from \"preactor\"", ""));
}

TEST(PageFiles, The_modules_that_the_page_needs_are_in_the_program) {
  ASSERT_TRUE(page_modules_embedded()) << "npm ci --prefix web, then run cmake again";
  const PageFiles files(page_bytes(), "");

  for (const char* path : {"/modules/preact.js", "/modules/hooks.js", "/modules/htm.js",
                           "/modules/uplot.js", "/modules/uplot.css"}) {
    const auto file = files.file(path);
    ASSERT_TRUE(file) << path;
    EXPECT_GT(file->body.size(), 500U) << path;
    EXPECT_EQ(std::string::npos, file->body.find("from\"preact\"")) << path;
  }
}

class PageApi : public ApiTest {
 protected:
  PageApi() {
    const auto pages = folder_ / "pages";
    std::filesystem::create_directory(pages);
    write("index.html", "<!doctype html><title>P</title><script src=\"/pages/main.js\"></script>");
    write("main.js", "import { html } from \"htm\";");
    std::ofstream(folder_ / "outside.js") << "secret";
    ServerOptions options;
    options.pages_dir = pages.string();
    restart(std::move(options));
  }
  void write(const std::string& name, std::string_view text) {
    std::ofstream(folder_ / "pages" / name) << text;
  }
};

TEST_F(PageApi, The_page_may_load_only_what_is_ours_and_stands_in_no_frame) {
  const auto reply = call(port(), "GET", "/");

  EXPECT_EQ(200, reply.status);
  EXPECT_EQ("text/html", reply.media());
  EXPECT_EQ(
      "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; "
      "frame-ancestors 'none'",
      reply.header("content-security-policy"));
  EXPECT_EQ("nosniff", reply.header("x-content-type-options"));
  EXPECT_NE(std::string::npos, reply.body.find("/pages/main.js"));
}

TEST_F(PageApi, From_a_folder_a_change_is_seen_at_once_and_the_same_bytes_are_not_sent_twice) {
  const auto first = call(port(), "GET", "/pages/main.js");
  const auto again =
      call(port(), "GET", "/pages/main.js", {{"If-None-Match", first.header("etag")}});
  write("main.js", "changed");
  const auto changed =
      call(port(), "GET", "/pages/main.js", {{"If-None-Match", first.header("etag")}});

  EXPECT_EQ("import { html } from \"/modules/htm.js\";", first.body);
  EXPECT_EQ(304, again.status);
  EXPECT_EQ("", again.body);
  EXPECT_EQ(200, changed.status);
  EXPECT_EQ("changed", changed.body);
}

TEST_F(PageApi, Nothing_outside_the_folder_is_given_away) {
  for (const char* target :
       {"/pages/../outside.js", "/pages/..%2foutside.js", "/pages/%2e%2e/outside.js",
        "/pages//outside.js", "/pages/.hidden.js", "/pages/main.txt", "/pages",
        "/modules/../../outside.js", "/assets/x/../outside.js"}) {
    const auto reply = call(port(), "GET", target);
    EXPECT_EQ(404, reply.status) << target;
    EXPECT_EQ(std::string::npos, reply.body.find("secret")) << target;
  }
}

}  // namespace
}  // namespace postern::web::test
