// The admin page: its document at /, its files under /pages and /modules, and the same under a path
// that changes with them. A program built without the page's modules says so instead.
#include "web/api.hpp"
#include "web/pages.hpp"
#include "web/routes.hpp"

namespace postern::web {
namespace {

Problem no_file() {
  return {404, "not_found", "The page has no such file.",
          "Load the page anew: another version of it may run by now."};
}

net::Task<Answer<Response>> first_page(Api& api, Call&) {
  if (page_modules_embedded()) {
    if (auto index = api.pages.index()) co_return std::move(*index);
  }
  co_return page_response_html(index_page());
}

net::Task<Answer<Response>> style_sheet(Api&, Call&) {
  Response response;
  response.content_type = "text/css; charset=utf-8";
  response.body = index_style();
  co_return response;
}

net::Task<Answer<Response>> own_file(Api& api, Call& call) {
  if (auto file = api.pages.file("/pages/" + call.parameter("path"))) co_return std::move(*file);
  co_return no_file();
}

net::Task<Answer<Response>> module_file(Api& api, Call& call) {
  if (auto file = api.pages.file("/modules/" + call.parameter("path"))) co_return std::move(*file);
  co_return no_file();
}

net::Task<Answer<Response>> kept_file(Api& api, Call& call) {
  auto file = api.pages.file(call.parameter("version"), "/" + call.parameter("file"));
  if (file) co_return std::move(*file);
  co_return no_file();
}

RouteDoc file_doc(std::string_view summary) {
  return {summary, "", "", {{200, "*/*", ""}}};
}

}  // namespace

Routes page_routes() {
  return {
      {"GET",
       "/",
       scope_none,
       BodyKind::none,
       first_page,
       {"The admin page", "", "", {{200, "text/html", ""}}}},
      {"GET",
       "/style.css",
       scope_none,
       BodyKind::none,
       style_sheet,
       {"The looks of the small pages", "", "", {{200, "text/css", ""}}}},
      {"GET", "/pages/{path*}", scope_none, BodyKind::none, own_file,
       file_doc("A file of the admin page")},
      {"GET", "/modules/{path*}", scope_none, BodyKind::none, module_file,
       file_doc("A module that the admin page loads")},
      {"GET", "/assets/{version}/{file*}", scope_none, BodyKind::none, kept_file,
       file_doc("The same files, as the page of this build names them: they may be kept for ever")},
  };
}

}  // namespace postern::web
