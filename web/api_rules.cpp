// /rules: routing rules in their order, and trying them on a stored mail.
#include "core/json_fields.hpp"
#include "core/rule.hpp"
#include "flows/routing.hpp"
#include "web/api.hpp"
#include "web/patch_tries.hpp"
#include "web/routes.hpp"

#include <algorithm>

namespace postern::web {
namespace {

namespace json = boost::json;

json::object rule_json(const storage::StoredRule& stored) {
  json::object result;
  for (auto& [key, value] : to_json(stored.value)) result[key] = value;
  result["created_at"] = to_rfc3339(stored.created_at);
  result["modified_at"] = to_rfc3339(stored.modified_at);
  result["modified_by"] = stored.modified_by;
  return result;
}

Response rule_response(const storage::StoredRule& stored, int status = 200) {
  auto response = json_response(rule_json(stored), status);
  response.headers.emplace_back("ETag", etag_of(stored.version));
  return response;
}

net::Task<Answer<storage::StoredRule>> named_rule(Api& api, const Call& call) {
  auto found = co_await api.store.rules().find(call.parameter("rule"));
  if (!found) co_return Problem(found.error());
  co_return std::move(found).value();
}

/// Ids in place of names, so that a renamed target or integration keeps its rules. One that the
/// rule had before (`former`) and that is gone meanwhile may stay.
net::Task<Answer<Rule>> with_ids(Api& api, Rule rule, const Rule* former) {
  FieldProblems problems;
  const auto was_there = [&](const std::vector<std::string>* list, const std::string& word) {
    return list != nullptr && std::ranges::find(*list, word) != list->end();
  };
  POSTERN_CO_TRY(const auto targets, co_await api.store.targets().list());
  for (std::size_t i = 0; i < rule.actions.targets.size(); ++i) {
    auto& word = rule.actions.targets[i];
    const auto found = std::ranges::find_if(targets, [&](const auto& each) {
      return each.value.id.str() == word || each.value.name == word;
    });
    if (found != targets.end()) {
      word = found->value.id.str();
    } else if (!was_there(former == nullptr ? nullptr : &former->actions.targets, word)) {
      problems.push_back({"/actions/targets/" + std::to_string(i), "names no target"});
    }
  }
  POSTERN_CO_TRY(const auto integrations, co_await api.store.integrations().entries());
  for (std::size_t i = 0; rule.scope && i < rule.scope->size(); ++i) {
    auto& word = (*rule.scope)[i];
    const auto found = std::ranges::find_if(
        integrations, [&](const auto& each) { return each.id.str() == word || each.name == word; });
    const bool had = former != nullptr && former->scope && was_there(&*former->scope, word);
    if (found != integrations.end()) {
      word = found->id.str();
    } else if (!had) {
      problems.push_back({"/scope/" + std::to_string(i), "names no integration"});
    }
  }
  if (!problems.empty()) co_return invalid_body(std::move(problems));
  co_return rule;
}

net::Task<Answer<Rule>> read_rule(Api& api, const json::value& body, const Rule* former) {
  auto read = parse_rule(body);
  if (auto* problems = std::get_if<FieldProblems>(&read)) {
    co_return invalid_body(std::move(*problems));
  }
  auto rule = std::get<Rule>(std::move(read));
  co_return co_await with_ids(api, std::move(rule), former);
}

net::Task<Answer<Response>> list(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto page, page_request(call));
  POSTERN_CO_TRY(const auto all, co_await api.store.rules().list());
  // The order is what counts, and it may change: the cursor is the last rule shown.
  auto at = all.begin();
  if (!page.cursor.empty()) {
    at = std::ranges::find_if(all,
                              [&](const auto& each) { return each.value.id.str() == page.cursor; });
    if (at == all.end()) co_return invalid_parameter("cursor", "is of a rule that is gone");
    ++at;
  }
  json::array items;
  std::string next;
  for (; at != all.end(); ++at) {
    if (items.size() == static_cast<std::size_t>(page.limit)) {
      next = std::prev(at)->value.id.str();
      break;
    }
    items.push_back(rule_json(*at));
  }
  co_return page_response(std::move(items), next);
}

net::Task<Answer<Response>> create(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, parse_json(call.request.body));
  POSTERN_CO_TRY(auto rule, co_await read_rule(api, body, nullptr));
  POSTERN_CO_TRY(const auto stored, co_await api.store.rules().create(
                                        std::move(rule), call.identity.name, api.env.now()));
  auto response = rule_response(stored, 201);
  response.headers.emplace_back("Location", "/api/v1/rules/" + stored.value.id.str());
  co_return response;
}

net::Task<Answer<Response>> get(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto stored, co_await named_rule(api, call));
  co_return rule_response(stored);
}

net::Task<Answer<Response>> replace(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, parse_json(call.request.body));
  POSTERN_CO_TRY(const auto former, co_await named_rule(api, call));
  POSTERN_CO_TRY(const auto version, if_match(call, former.version));
  POSTERN_CO_TRY(auto rule, co_await read_rule(api, body, &former.value));
  POSTERN_CO_TRY(const auto stored,
                 co_await api.store.rules().replace(former.value.id, std::move(rule), version,
                                                    call.identity.name, api.env.now()));
  co_return rule_response(stored);
}

/// A condition is one value, replaced as a whole: parts of two trees merged would be a third.
json::object merged_rule(const Rule& former, const json::object& changes) {
  auto merged = to_json(former);
  merge_patch(merged, changes);
  if (const auto* condition = changes.if_contains("condition")) merged["condition"] = *condition;
  return merged;
}

net::Task<Answer<Response>> patch(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto changes, object_body(call));
  PatchTries tries(call);
  for (;;) {
    POSTERN_CO_TRY(const auto former, co_await named_rule(api, call));
    POSTERN_CO_TRY(if_match(call, former.version));
    const json::value merged = merged_rule(former.value, changes);
    POSTERN_CO_TRY(auto rule, co_await read_rule(api, merged, &former.value));
    const auto stored = co_await api.store.rules().replace(
        former.value.id, std::move(rule), former.version, call.identity.name, api.env.now());
    if (stored) co_return rule_response(stored.value());
    if (!tries.again(stored.error())) co_return Problem(stored.error());
  }
}

net::Task<Answer<Response>> remove(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto former, co_await named_rule(api, call));
  POSTERN_CO_TRY(const auto version, if_match(call, former.version));
  POSTERN_CO_TRY(co_await api.store.rules().remove(former.value.id, version));
  co_return no_content();
}

net::Task<Answer<Response>> reorder(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, object_body(call));
  FieldProblems problems;
  std::vector<std::string> words;
  JsonFields fields(body, "", problems);
  fields.texts("ids", words, {.required = true}, rules_max);
  if (words.empty() && problems.empty())
    fields.problem("ids", "must name the rules in their order");
  fields.finish();
  POSTERN_CO_TRY(const auto all, co_await api.store.rules().list());
  std::vector<RuleId> ids;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto found = std::ranges::find_if(all, [&](const auto& each) {
      return each.value.id.str() == words[i] || each.value.name == words[i];
    });
    const auto pointer = "/ids/" + std::to_string(i);
    if (found == all.end()) {
      problems.push_back({pointer, "names no rule"});
    } else if (std::ranges::find(ids, found->value.id) != ids.end()) {
      problems.push_back({pointer, "names a rule twice"});
    } else {
      ids.push_back(found->value.id);
    }
  }
  if (!problems.empty()) co_return invalid_body(std::move(problems));
  POSTERN_CO_TRY(
      co_await api.store.rules().reorder(std::move(ids), call.identity.name, api.env.now()));
  POSTERN_CO_TRY(const auto ordered, co_await api.store.rules().list());
  json::array items;
  for (const auto& each : ordered) items.push_back(rule_json(each));
  co_return page_response(std::move(items), "");
}

net::Task<Answer<Response>> try_out(Api& api, Call& call) {
  POSTERN_CO_TRY(const auto body, object_body(call));
  FieldProblems problems;
  std::string message;
  JsonFields fields(body, "", problems);
  fields.text("message_id", message, {.required = true});
  const auto* draft = fields.object("rule");
  fields.finish();
  const auto id = MessageId::parse(message);
  if (!message.empty() && !id) fields.problem("message_id", "is not the id of a message (msg_…)");
  if (!problems.empty()) co_return invalid_body(std::move(problems));
  std::optional<Rule> rule;
  if (draft != nullptr) {
    // One that is written only now needs no name yet.
    json::object named = *draft;
    const auto* name = named.if_contains("name");
    if (name == nullptr || *name == json::value("")) named["name"] = "this rule";
    const json::value value = std::move(named);
    auto read = co_await read_rule(api, value, nullptr);
    if (!read) co_return read.error();
    rule = std::move(read).value();
  }
  POSTERN_CO_TRY(const auto stored, co_await api.store.messages().get(*id));
  if (!stored.digested) {
    co_return Problem(
        409, "not_digested", "The message has not been looked at yet.",
        "Try again in a moment; quarantined mail that could not be fetched never is.");
  }
  POSTERN_CO_TRY(const auto routing, co_await flows::try_rules(api.store, *id, std::move(rule)));
  co_return json_response(to_json(routing));
}

constexpr std::string_view by_name = "/api/v1/rules/{rule}";
constexpr AnswerDoc one{200, "application/json", "Rule"};
constexpr AnswerDoc page{200, "application/json", "RulePage"};

}  // namespace

Routes rule_routes() {
  return {
      {"GET",
       "/api/v1/rules",
       scope_read,
       BodyKind::none,
       list,
       {"All routing rules, in the order they are asked", "limit cursor", "", {page}}},
      {"POST",
       "/api/v1/rules",
       scope_admin,
       BodyKind::json,
       create,
       {"Add a rule; without a position it is the last",
        "",
        "RuleInput",
        {{201, "application/json", "Rule"}}}},
      {"POST",
       "/api/v1/rules/reorder",
       scope_admin,
       BodyKind::json,
       reorder,
       {"Bring rules into this order; those not named follow as they were",
        "",
        "RuleOrder",
        {page}}},
      {"POST",
       "/api/v1/rules/try",
       scope_read,
       BodyKind::json,
       try_out,
       {"What the rules, or one that is not saved, make of a stored mail, and why; changes nothing",
        "",
        "RuleTrial",
        {{200, "application/json", "RuleOutcome"}}}},
      {"GET", by_name, scope_read, BodyKind::none, get, {"One rule, by id or name", "", "", {one}}},
      {"PUT",
       by_name,
       scope_admin,
       BodyKind::json,
       replace,
       {"Replace a rule; mail that was routed before stays as it is", "", "RuleInput", {one}}},
      {"PATCH",
       by_name,
       scope_admin,
       BodyKind::merge_patch,
       patch,
       {"Change some fields (JSON Merge Patch); a condition is replaced as a whole",
        "",
        "RulePatch",
        {one}}},
      {"DELETE",
       by_name,
       scope_admin,
       BodyKind::none,
       remove,
       {"Delete a rule", "", "", {{204, "", ""}}}},
  };
}

}  // namespace postern::web
