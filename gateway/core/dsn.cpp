#include "core/dsn.hpp"

#include "core/json_text.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace postern {
namespace {

namespace json = boost::json;

constexpr std::array<std::pair<std::string_view, bool DsnNotify::*>, 4> notify_words{{
    {"never", &DsnNotify::never},
    {"success", &DsnNotify::success},
    {"failure", &DsnNotify::failure},
    {"delay", &DsnNotify::delay},
}};

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

json::array to_json(const DsnNotify& notify) {
  json::array words;
  for (const auto word : words_of(notify)) words.emplace_back(word);
  return words;
}

json::value or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return json::string(text);
}

DsnNotify notify_from(const json::object& object) {
  std::vector<std::string_view> words;
  const auto* list = object.if_contains("notify");
  if (list == nullptr || !list->is_array()) return {};
  for (const auto& word : list->get_array()) {
    if (word.is_string()) words.emplace_back(word.get_string());
  }
  return parse_notify(words).value_or(DsnNotify());
}

}  // namespace

std::optional<DsnNotify> parse_notify(std::span<const std::string_view> words) {
  DsnNotify notify;
  for (const auto word : words) {
    const auto* known = std::ranges::find_if(
        notify_words, [&](const auto& each) { return same_word(each.first, word); });
    if (known == notify_words.end()) return std::nullopt;
    notify.*(known->second) = true;
  }
  const bool others = notify.success || notify.failure || notify.delay;
  if (notify.never == others) return std::nullopt;
  return notify;
}

std::vector<std::string_view> words_of(const DsnNotify& notify) {
  std::vector<std::string_view> words;
  for (const auto& [word, member] : notify_words) {
    if (notify.*member) words.push_back(word);
  }
  return words;
}

bool valid_envelope_id(std::string_view id) {
  return id.size() <= envelope_id_bytes_max &&
         std::ranges::all_of(id, [](char c) { return c >= ' ' && c <= '~'; });
}

const DsnRecipient* DsnRequest::find(std::string_view address) const {
  const auto found = std::ranges::lower_bound(own, address, {}, &DsnRecipient::address);
  return found == own.end() || found->address != address ? nullptr : &*found;
}

json::value to_json(const DsnRequest& dsn) {
  if (!dsn.asks()) return nullptr;
  json::object object;
  object["notify"] = to_json(dsn.notify);
  object["ret"] = nullptr;
  if (dsn.returned == DsnRequest::Return::headers) object["ret"] = "headers";
  if (dsn.returned == DsnRequest::Return::full) object["ret"] = "full";
  object["envid"] = or_null(dsn.envelope_id);
  object["orcpt"] = dsn.original_recipients;
  json::array recipients;
  for (const auto& each : dsn.own) {
    recipients.push_back(json::object{{"address", each.address},
                                      {"notify", to_json(each.notify)},
                                      {"orcpt", or_null(each.original)}});
  }
  object["recipients"] = std::move(recipients);
  return object;
}

DsnRequest dsn_from_json(const json::value& value) {
  DsnRequest dsn;
  if (!value.is_object()) return dsn;
  const auto& object = value.get_object();
  dsn.notify = notify_from(object);
  const auto returned = json_text(object, "ret");
  if (returned == "headers") dsn.returned = DsnRequest::Return::headers;
  if (returned == "full") dsn.returned = DsnRequest::Return::full;
  dsn.envelope_id = json_text(object, "envid");
  const auto* original = object.if_contains("orcpt");
  dsn.original_recipients = original != nullptr && original->is_bool() && original->get_bool();
  const auto* recipients = object.if_contains("recipients");
  if (recipients == nullptr || !recipients->is_array()) return dsn;
  for (const auto& each : recipients->get_array()) {
    if (!each.is_object()) continue;
    DsnRecipient own;
    own.address = json_text(each.get_object(), "address");
    own.notify = notify_from(each.get_object());
    own.original = json_text(each.get_object(), "orcpt");
    dsn.own.push_back(std::move(own));
  }
  std::ranges::sort(dsn.own, {}, &DsnRecipient::address);
  return dsn;
}

}  // namespace postern
