// Look-ups in headers and the reason phrases we use.
#include "web/http.hpp"

#include <algorithm>

namespace postern::web {
namespace {

const std::string* find(const Headers& headers, std::string_view name) {
  const auto found = std::ranges::find(
      headers, name, [](const auto& header) { return std::string_view(header.first); });
  return found == headers.end() ? nullptr : &found->second;
}

struct Reason {
  int status;
  std::string_view phrase;
};

constexpr Reason reasons[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

}  // namespace

const std::string* Request::header(std::string_view lower_case_name) const {
  return find(headers, lower_case_name);
}

const std::string* Response::header(std::string_view name) const {
  return find(headers, name);
}

bool is_media_type(std::string_view content_type, std::string_view wanted) {
  content_type = content_type.substr(0, content_type.find(';'));
  while (content_type.ends_with(' ')) content_type.remove_suffix(1);
  return std::ranges::equal(content_type, wanted,
                            [](char a, char b) { return (a | 0x20) == (b | 0x20); });
}

std::string_view reason_phrase(int status) {
  const auto found = std::ranges::find(reasons, status, &Reason::status);
  return found == std::end(reasons) ? "Unknown" : found->phrase;
}

}  // namespace postern::web
