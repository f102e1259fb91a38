// What every handler is given, and the small things most of them do: ETags, pages, ids.
#pragma once

#include "storage/store.hpp"
#include "web/event_streams.hpp"
#include "web/figure_desk.hpp"
#include "web/first_start.hpp"
#include "web/gateway.hpp"
#include "web/json_body.hpp"
#include "web/page_files.hpp"
#include "web/router.hpp"
#include "web/server_facts.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/json/array.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace postern::web {

struct ApiOptions {
  std::string public_url;  // without a slash at its end; empty: paths are given
  bool metrics_public = false;
  bool secure_cookies = false;
  std::uint64_t large_body_bytes_max = 40 * 1024 * 1024;
  ServerFacts facts;
};

/// References to what Server owns or was given; outlives every call.
struct Api {
  storage::Store& store;
  Gateway& gateway;
  net::Env& env;
  Access& access;
  boost::asio::any_io_executor hashing;  // a thread of its own, for passwords
  const PageFiles& pages;
  FirstStart& first_start;
  boost::asio::any_io_executor slow;  // a thread of its own, for what takes minutes
  EventStreams& streams;
  FigureDesk& figures;
  ApiOptions options;
  bool backup_runs = false;
};

/// How long a body may be, but one with a mail in it, or none at all.
constexpr std::uint64_t body_bytes_max = 1024 * 1024;
constexpr std::uint64_t open_body_bytes_max = 16 * 1024;  // of a route without access

constexpr int page_items_default = 50;
constexpr int page_items_max = 500;

/// ?limit= and ?cursor=.
Answer<storage::PageRequest> page_request(const Call& call);

/// {items, next_cursor}.
Response page_response(boost::json::array items, const std::string& next_cursor);

/// A page of a whole list whose order never changes and whose items have the id `id_of`: the cursor
/// is the last id shown, so inserts shift nothing.
template <class T>
Answer<storage::Page<T>> page_of(std::vector<T> all, const storage::PageRequest& request,
                                 const std::function<std::string(const T&)>& id_of);

/// ?integration= by id or name. An id need not exist any more; an unknown name is a problem.
net::Task<Answer<std::optional<IntegrationId>>> integration_filter(Api& api, const Call& call);

/// A parameter's text as it may be searched for; problems: empty, over 998 bytes, not UTF-8.
Answer<std::optional<std::string>> searched(const Call& call, std::string_view name);

/// A parameter's time, or its day's begin in UTC.
Answer<std::optional<Instant>> time_parameter(const Call& call, std::string_view name);

/// The path's parameter as an id; 404 when it is none.
template <class AnyId>
Answer<AnyId> id_parameter(const Call& call, std::string_view name) {
  if (const auto id = AnyId::parse(call.parameter(name))) return *id;
  return Problem(404, "not_found", "There is no such resource.", "Look at the list for its id.");
}

std::string etag_of(std::uint64_t version);

/// What If-Match demands when the resource is at `version`: the version to hand to the store, or
/// nothing when the header is not there. Problems: 412.
Answer<std::optional<std::uint64_t>> if_match(const Call& call, std::uint64_t version);

Response no_content();

/// Writes `error` to the log: it happened after the answer was decided.
void log_failure(const Call& call, std::string_view deed, const Error& error);

template <class T>
Answer<storage::Page<T>> page_of(std::vector<T> all, const storage::PageRequest& request,
                                 const std::function<std::string(const T&)>& id_of) {
  storage::Page<T> page;
  bool begun = request.cursor.empty();
  for (auto& each : all) {
    const auto id = id_of(each);
    // Ids sort by age as texts do, so a cursor whose item is gone still has its place.
    begun = begun || id > request.cursor;
    if (!begun) continue;
    if (page.items.size() == static_cast<std::size_t>(request.limit)) {
      page.next_cursor = id_of(page.items.back());
      break;
    }
    page.items.push_back(std::move(each));
  }
  return page;
}

}  // namespace postern::web
