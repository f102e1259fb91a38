// See activity_table.hpp. The list is read out of the rows that are there anyway, so that nothing
// is written for it but acts; each query walks an index of the integration and ends at the window.
#include "storage/activity_table.hpp"

#include "storage/columns.hpp"

#include <fmt/format.h>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace postern::storage {
namespace {

using Activities = std::vector<Activity>;

/// A busy integration has one event a mail: so many rows are looked at for those that count here.
constexpr int events_read_max = 5000;

/// Told by the attempts of sends and hand-overs, or by the mails themselves, in more detail. An
/// integration's own fault while sending has no delivery beside it, and stays.
bool told_elsewhere(std::string_view kind, const boost::json::object& data) {
  if (kind == "message.received" || kind == "message.sent") return true;
  if (kind == "handover.failed") return true;
  return kind.starts_with("smtp.") && data.contains("delivery");
}

void read_events(Transaction& transaction, IntegrationId id, Activities& all) {
  auto query = transaction.query(
      "SELECT id, kind, at, message, hint, data FROM event WHERE integration = ?1 "
      "ORDER BY id DESC LIMIT ?2",
      id, events_read_max);
  for (int told = 0; told < activity_window && query.step();) {
    EventId event;
    Activity activity;
    std::string hint, data;
    query.read(event, activity.kind, activity.at, activity.text, hint, data);
    if (told_elsewhere(activity.kind, object_from_json(data))) continue;
    ++told;
    activity.key = event.str();
    activity.data["event"] = event.str();
    if (!hint.empty()) activity.data["hint"] = hint;
    all.push_back(std::move(activity));
  }
}

void read_mails(Transaction& transaction, IntegrationId id, Activities& all) {
  auto query = transaction.query(
      "SELECT min(id), max(id), min(stored_at), max(stored_at), count(*), sum(size_bytes), folder "
      "FROM "
      "(SELECT id, stored_at, size_bytes, folder FROM message WHERE integration = ?1 "
      "ORDER BY id DESC LIMIT ?2) GROUP BY folder, stored_at / 60000",
      id, activity_window);
  while (query.step()) {
    // Placed by the first of the minute: an entry that moved would be missed by who turns pages.
    MessageId first, newest;
    Activity activity;
    Instant last;
    std::int64_t count = 0, bytes = 0;
    std::string folder;
    query.read(first, newest, activity.at, last, count, bytes, folder);
    activity.kind = "messages.stored";
    activity.key = first.str();
    activity.text = count == 1
                        ? fmt::format("1 mail of {} stored, {} bytes", folder, bytes)
                        : fmt::format("{} mails of {} stored, {} bytes", count, folder, bytes);
    activity.data["count"] = count;
    activity.data["until"] = to_rfc3339(last);
    activity.data["message"] = newest.str();
    all.push_back(std::move(activity));
  }
}

void read_sends(Transaction& transaction, IntegrationId id, Activities& all) {
  auto query = transaction.query(
      "SELECT d.id, d.subject, a.number, coalesce(a.ended_at, a.began_at), a.ended_at IS NULL, "
      "a.state, a.result_code, a.result_message FROM (SELECT id, subject FROM delivery "
      "WHERE integration = ?1 ORDER BY id DESC LIMIT ?2) AS d JOIN delivery_attempt AS a "
      "ON a.delivery = d.id ORDER BY 4 DESC LIMIT ?2",
      id, activity_window);
  while (query.step()) {
    DeliveryId delivery;
    Activity activity;
    std::string subject, state, words;
    int number = 0, code = 0;
    bool under_way = false;
    query.read(delivery, subject, number, activity.at, under_way, state, code, words);
    // A queued mail whose attempt ended is one that waits for the next.
    const bool waits = !under_way && state == "queued";
    activity.kind = "delivery." + (under_way ? "sending" : waits ? "deferred" : state);
    activity.key = fmt::format("{}.{:06}", delivery.str(), number);
    activity.text = under_way ? "being sent" : words;
    activity.data["delivery"] = delivery.str();
    activity.data["subject"] = subject;
    activity.data["attempt"] = number;
    activity.data["result_code"] = code;
    all.push_back(std::move(activity));
  }
}

void read_handovers(Transaction& transaction, IntegrationId id, Activities& all) {
  auto query = transaction.query(
      "SELECT h.id, h.message, t.name, a.number, a.at, a.status, a.error, "
      "h.state = 'acknowledged' AND a.number = h.attempts FROM (SELECT id FROM message "
      "WHERE integration = ?1 ORDER BY id DESC LIMIT ?2) AS m "
      "JOIN handover AS h ON h.message = m.id JOIN target AS t ON t.id = h.target "
      "JOIN handover_attempt AS a ON a.handover = h.id ORDER BY a.at DESC LIMIT ?2",
      id, activity_window);
  while (query.step()) {
    HandoverId handover;
    MessageId message;
    Activity activity;
    std::string target, error;
    int number = 0, status = 0;
    bool acknowledged = false;
    query.read(handover, message, target, number, activity.at, status, error, acknowledged);
    activity.kind = acknowledged ? "handover.acknowledged" : "handover.attempt_failed";
    activity.key = fmt::format("{}.{:06}", handover.str(), number);
    activity.text = acknowledged ? "handed over to " + target : target + ": " + error;
    activity.data["handover"] = handover.str();
    activity.data["message"] = message.str();
    activity.data["target"] = target;
    activity.data["attempt"] = number;
    if (status != 0) activity.data["status"] = status;
    all.push_back(std::move(activity));
  }
}

void read_acts(Transaction& transaction, IntegrationId id, Activities& all) {
  auto query = transaction.query(
      "SELECT id, at, kind, text, data FROM act WHERE integration = ?1 ORDER BY id DESC", id);
  while (query.step()) {
    EventId act;
    Activity activity;
    std::string data;
    query.read(act, activity.at, activity.kind, activity.text, data);
    activity.key = act.str();
    activity.data = object_from_json(data);
    all.push_back(std::move(activity));
  }
}

}  // namespace

net::Task<Result<Activities>> ActivityTable::recent(IntegrationId id) {
  return engine_.read([id](Transaction& transaction) -> Result<Activities> {
    Activities all;
    read_events(transaction, id, all);
    read_mails(transaction, id, all);
    read_sends(transaction, id, all);
    read_handovers(transaction, id, all);
    read_acts(transaction, id, all);
    std::ranges::sort(all, newer);
    return all;
  });
}

void ActivityTable::add_act(IntegrationId id, Activity act) {
  engine_.write_later([id, act = std::move(act)](Transaction& transaction) -> Result<void> {
    transaction.run(
        "INSERT INTO act (id, integration, at, kind, text, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        transaction.new_id<EventId>(), id, act.at, act.kind, act.text,
        boost::json::serialize(act.data));
    transaction.run(
        "DELETE FROM act WHERE integration = ?1 AND id <= (SELECT id FROM act "
        "WHERE integration = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
        id, acts_max);
    return success();
  });
}

void ActivityTable::keep_transcript(IntegrationId id, Transcript transcript) {
  engine_.write_later(
      [id, transcript = std::move(transcript)](Transaction& transaction) -> Result<void> {
        transaction.run(
            "INSERT OR REPLACE INTO transcript (integration, direction, at, content) "
            "VALUES (?1, ?2, ?3, ?4)",
            id, transcript.direction, transcript.at, boost::json::serialize(to_json(transcript)));
        return success();
      });
}

net::Task<Result<std::optional<Transcript>>> ActivityTable::transcript(IntegrationId id,
                                                                       std::string direction) {
  return engine_.read([id, direction = std::move(direction)](
                          Transaction& transaction) -> Result<std::optional<Transcript>> {
    auto query = transaction.query(
        "SELECT content FROM transcript WHERE integration = ?1 AND (?2 = '' OR direction = ?2) "
        "ORDER BY at DESC LIMIT 1",
        id, direction);
    if (!query.step()) return std::optional<Transcript>();
    std::string content;
    query.read(content);
    return std::optional(transcript_from_json(object_from_json(content)));
  });
}

void remove_activity(Transaction& transaction, IntegrationId id) {
  transaction.run("DELETE FROM act WHERE integration = ?1", id);
  transaction.run("DELETE FROM transcript WHERE integration = ?1", id);
}

}  // namespace postern::storage
