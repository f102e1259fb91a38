#include "cli/remote.hpp"

#include "cli/api_client.hpp"
#include "cli/exit_code.hpp"
#include "core/base64.hpp"
#include "core/json_text.hpp"

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>
#include <iostream>
#include <iterator>

namespace postern::cli {
namespace {

namespace json = boost::json;

std::string path_of(const std::string& integration) {
  return "/integrations/" + url_encoded(integration);
}

json::array texts(const std::vector<std::string>& items) {
  return json::array(items.begin(), items.end());
}

/// The last segment of a path, as the attachment's name.
std::string file_name(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

/// A transcript, a line each: who said it and what.
void print_lines(const json::object& transcript) {
  const auto* lines = transcript.if_contains("lines");
  if (lines == nullptr || !lines->is_array()) return;
  for (const auto& line : lines->get_array()) {
    if (!line.is_object()) continue;
    const char from = json_text(line.get_object(), "from") == "server" ? 'S' : 'C';
    fmt::print("       {}: {}\n", from, json_text(line.get_object(), "text"));
  }
}

int print_step(std::string_view line) {
  json::error_code error;
  const auto value = json::parse(line, error);
  if (error || !value.is_object()) return ok;
  const auto& step = value.get_object();
  const auto* passed = step.if_contains("ok");
  if (passed == nullptr || !passed->is_bool()) return ok;
  const auto* ms = step.if_contains("ms");
  const auto took = ms != nullptr && ms->is_int64() ? ms->get_int64() : 0;
  fmt::print("{:6} {:9} {:14} {:5} ms  {}\n", passed->get_bool() ? "passed" : "FAILED",
             json_text(step, "direction"), json_text(step, "step"), took,
             json_text(step, "server"));
  if (!passed->get_bool()) {
    const auto field = json_text(step, "field");
    if (!field.empty()) fmt::print("       field {}\n", field);
    fmt::print("       {}\n", json_text(step, "hint"));
  }
  const auto* transcript = step.if_contains("transcript");
  if (transcript != nullptr && transcript->is_object()) print_lines(transcript->get_object());
  return passed->get_bool() ? ok : failed;
}

/// Prints one integration or all; the exit code.
int print_json(ApiClient& client, const std::string& path) {
  const auto answer = client.call("GET", path);
  if (!answer) return unavailable;
  if (answer->status != 200) return ApiClient::complain(*answer);
  fmt::print("{}\n", json::serialize(answer->json));
  return ok;
}

/// All of a list, page by page; nothing after a complaint, whose exit code is in `code`.
std::optional<json::array> all_of(ApiClient& client, const std::string& path, int& code) {
  json::array all;
  std::string cursor;
  const std::string first = path + (path.find('?') == std::string::npos ? "?" : "&") + "limit=500";
  do {
    const auto answer =
        client.call("GET", first + (cursor.empty() ? "" : "&cursor=" + url_encoded(cursor)));
    code = unavailable;
    if (!answer) return std::nullopt;
    if (answer->status != 200 || !answer->json.is_object()) {
      code = ApiClient::complain(*answer);
      return std::nullopt;
    }
    const auto& page = answer->json.get_object();
    if (const auto* items = page.if_contains("items"); items && items->is_array()) {
      all.insert(all.end(), items->get_array().begin(), items->get_array().end());
    }
    cursor = json_text(page, "next_cursor");
  } while (!cursor.empty());
  code = ok;
  return all;
}

std::optional<json::array> all_integrations(ApiClient& client, int& code) {
  return all_of(client, "/integrations", code);
}

}  // namespace

int send(const RemoteFlags& remote, const SendFlags& flags) {
  json::object body;
  if (!flags.integration.empty()) body["integration"] = flags.integration;
  if (!flags.from.empty()) body["from"] = flags.from;
  body["mode"] = flags.sync ? "sync" : "queue";
  body["to"] = texts(flags.to);
  body["cc"] = texts(flags.cc);
  body["bcc"] = texts(flags.bcc);
  body["subject"] = flags.subject;
  const std::string text((std::istreambuf_iterator<char>(std::cin)),
                         std::istreambuf_iterator<char>());
  body[flags.html ? "html" : "text"] = text;
  json::array attachments;
  for (const auto& path : flags.attachments) {
    const auto bytes = read_file(path);
    if (!bytes) {
      std::fprintf(stderr, "postern: --attach: %s can't be read\n", path.c_str());
      return no_input;
    }
    json::object attachment;
    attachment["filename"] = file_name(path);
    attachment["content_base64"] = to_base64(*bytes);
    attachments.push_back(std::move(attachment));
  }
  body["attachments"] = std::move(attachments);
  ApiClient client(remote);
  const auto answer = client.call("POST", "/send", body);
  if (!answer) return unavailable;
  if ((answer->status != 200 && answer->status != 202) || !answer->json.is_object()) {
    return ApiClient::complain(*answer);
  }
  const auto& delivery = answer->json.get_object();
  const auto* code = delivery.if_contains("result_code");
  const auto number = code != nullptr && code->is_int64() ? code->get_int64() : 99;
  fmt::print("{} {}\n", number, json_text(delivery, "result_message"));
  if (number == 0 || number == 1 || number == 52) return ok;
  const auto* again = delivery.if_contains("retryable");
  return again != nullptr && again->is_bool() && again->get_bool() ? try_later : data_error;
}

int test(const RemoteFlags& remote, const std::string& integration, const TestFlags& flags) {
  std::string path = path_of(integration) + "/test?transcript=";
  path += flags.transcript ? "always" : "failed";
  if (flags.incoming != flags.outgoing) {
    path += flags.incoming ? "&directions=incoming" : "&directions=outgoing";
  }
  std::string pending;
  int code = ok;
  ApiClient client(remote);
  const auto answer = client.call("POST", path, std::nullopt, [&](std::string_view bytes) {
    pending += bytes;
    for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
      code = std::max(code, print_step(std::string_view(pending).substr(0, end)));
      std::fflush(stdout);
      pending.erase(0, end + 1);
    }
  });
  if (!answer) return unavailable;
  if (answer->status != 200) return ApiClient::complain(*answer);
  return code;
}

int list_problems(const RemoteFlags& remote, bool closed, bool as_json) {
  ApiClient client(remote);
  int code = ok;
  const auto all = all_of(client, closed ? "/problems?state=closed" : "/problems", code);
  if (!all) return code;
  if (as_json) {
    fmt::print("{}\n", json::serialize(*all));
    return ok;
  }
  for (const auto& item : *all) {
    const auto& problem = item.as_object();
    const bool taken = !json_text(problem, "acknowledged_by").empty();
    fmt::print("{}  {:10} {}  {} {}: {}{}\n", json_text(problem, "id"), json_text(problem, "state"),
               json_text(problem, "since"), json_text(problem, "kind"), json_text(problem, "title"),
               json_text(problem, "message"),
               taken ? "  (taken on by " + json_text(problem, "acknowledged_by") + ")" : "");
  }
  return ok;
}

int acknowledge_problem(const RemoteFlags& remote, const std::string& problem) {
  ApiClient client(remote);
  const auto answer = client.call("POST", "/problems/" + url_encoded(problem) + "/acknowledge");
  if (!answer) return unavailable;
  return answer->status == 200 ? ok : ApiClient::complain(*answer);
}

int list_integrations(const RemoteFlags& remote) {
  ApiClient client(remote);
  int code = ok;
  const auto all = all_integrations(client, code);
  if (!all) return code;
  for (const auto& item : *all) {
    const auto& integration = item.as_object();
    const auto& status = integration.at("status").as_object();
    fmt::print("{}  {:24} in: {:13} out: {:13}{}\n", json_text(integration, "id"),
               json_text(integration, "name"), json_text(status, "incoming_state"),
               json_text(status, "outgoing_state"),
               integration.at("is_default").as_bool() ? " default" : "");
  }
  return ok;
}

int show_integration(const RemoteFlags& remote, const std::string& integration) {
  ApiClient client(remote);
  return print_json(client, path_of(integration));
}

int export_integrations(const RemoteFlags& remote) {
  ApiClient client(remote);
  int code = ok;
  const auto all = all_integrations(client, code);
  if (all) fmt::print("{}\n", json::serialize(*all));
  return code;
}

int import_integrations(const RemoteFlags& remote, const std::string& file) {
  const auto bytes = read_file(file);
  if (!bytes) {
    std::fprintf(stderr, "postern: %s can't be read\n", file.c_str());
    return no_input;
  }
  json::error_code error;
  auto value = json::parse(*bytes, error);
  if (error || !(value.is_object() || value.is_array())) {
    std::fprintf(stderr, "postern: %s: is not JSON of one integration or an array of them\n",
                 file.c_str());
    return data_error;
  }
  const json::array items = value.is_array() ? value.get_array() : json::array{value};
  ApiClient client(remote);
  int code = ok;
  for (const auto& item : items) {
    if (!item.is_object()) {
      std::fprintf(stderr, "postern: %s: an item is no object\n", file.c_str());
      return data_error;
    }
    const auto name = json_text(item.get_object(), "name");
    const auto known = client.call("GET", path_of(name));
    if (!known) return unavailable;
    const bool exists = !name.empty() && known->status == 200;
    const auto answer = exists ? client.call("PUT", path_of(name), item)
                               : client.call("POST", "/integrations", item);
    if (!answer) return unavailable;
    if (answer->status != 200 && answer->status != 201) {
      std::fprintf(stderr, "postern: %s was not imported\n", name.c_str());
      code = ApiClient::complain(*answer);
      continue;
    }
    fmt::print("{} {}\n", exists ? "changed" : "made", name);
  }
  return code;
}

int health(const RemoteFlags& remote) {
  ApiClient client(remote);
  const auto answer = client.look("/readyz");
  if (!answer) return unavailable;
  if (answer->status != 200) return ApiClient::complain(*answer);
  fmt::print("{}", answer->body);
  return ok;
}

}  // namespace postern::cli
