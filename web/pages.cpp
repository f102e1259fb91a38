// The first page: what runs here and where to read on.
#include "web/pages.hpp"

namespace postern::web {

std::string index_page() {
  return R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Postern</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main>
<h1>Postern</h1>
<p>A mail gateway runs here. It watches mailboxes, keeps every message durably, hands it to your
systems by webhook, and sends their mail by SMTP.</p>
<h2>Using it</h2>
<ul>
<li><a href="/openapi.json">/openapi.json</a> describes the whole HTTP API (OpenAPI 3.1).</li>
<li><code>postern token create --name N --scope admin</code> makes a token; send it as
<code>Authorization: Bearer TOKEN</code>.</li>
<li><a href="/healthz">/healthz</a> and <a href="/readyz">/readyz</a> are for your supervisor,
<code>/metrics</code> is for Prometheus.</li>
</ul>
<p>The README shows the first steps: an integration, a target, a mail received and one sent.</p>
</main>
</body>
</html>
)";
}

std::string index_style() {
  return R"(:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; padding: 2rem 1rem; }
main { max-width: 42rem; margin: 0 auto; }
h1 { font-size: 1.75rem; margin: 0 0 1rem; }
h2 { font-size: 1.2rem; margin: 2rem 0 0.5rem; }
code { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere; }
li { margin: 0.4rem 0; }
)";
}

namespace {

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

}  // namespace

std::string message_page(std::string_view title, const std::vector<std::string>& lines) {
  std::string page = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>)" + escaped(title) +
                     R"( - Postern</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main>
<h1>)" + escaped(title) +
                     "</h1>\n";
  for (const auto& line : lines) page += "<p>" + escaped(line) + "</p>\n";
  return page + "</main>\n</body>\n</html>\n";
}

std::string question_page(std::string_view title, const std::vector<std::string>& lines,
                          std::string_view button) {
  auto page = message_page(title, lines);
  const std::string form = "<form method=\"post\"><button class=\"button primary\">" +
                           std::string(button) + "</button></form>\n";
  page.insert(page.rfind("</main>"), form);
  return page;
}

Response page_response_html(std::string page) {
  Response response;
  response.content_type = "text/html; charset=utf-8";
  response.headers.emplace_back("Content-Security-Policy",
                                "default-src 'none'; style-src 'self'; img-src 'self'; "
                                "script-src 'self'; connect-src 'self'; form-action 'self'; "
                                "base-uri 'none'; frame-ancestors 'none'");
  response.headers.emplace_back("Cache-Control", "no-cache");
  response.body = std::move(page);
  return response;
}

}  // namespace postern::web
