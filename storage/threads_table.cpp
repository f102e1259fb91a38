// See threads_table.hpp.
#include "storage/threads_table.hpp"

#include "core/provider_message_id.hpp"

namespace postern::storage {

std::int64_t day_of(Instant at) {
  return std::chrono::floor<std::chrono::days>(at).time_since_epoch().count();
}

namespace {

std::optional<std::string> thread_of(Transaction& transaction, IntegrationId integration,
                                     const std::string& key) {
  auto query = transaction.query(
      "SELECT thread FROM thread_key WHERE key = ?1 AND integration = ?2", key, integration);
  if (!query.step()) return std::nullopt;
  std::string thread;
  query.read(thread);
  return thread;
}

bool is_sent(Transaction& transaction, IntegrationId integration, const std::string& message_id) {
  return transaction
      .query("SELECT 1 FROM delivery WHERE message_id = ?1 AND integration = ?2 LIMIT 1",
             message_id, integration)
      .step();
}

/// Our own Message-ID of what a provider called `key`.
std::optional<std::string> sent_as(Transaction& transaction, IntegrationId integration,
                                   const std::string& key) {
  const auto alias = provider_alias_of(key);
  auto query = transaction.query(
      "SELECT message_id FROM sent_alias WHERE key = ?1 AND integration = ?2", alias, integration);
  if (!query.step()) return std::nullopt;
  std::string message_id;
  query.read(message_id);
  return message_id;
}

std::vector<IntegrationId> others_with(Transaction& transaction, const std::string& message_id,
                                       IntegrationId integration) {
  std::vector<IntegrationId> others;
  if (message_id.empty()) return others;
  auto query = transaction.query(
      "SELECT integration FROM thread_key WHERE key = ?1 AND integration <> ?2 AND "
      "message IS NOT NULL ORDER BY integration LIMIT 100",
      message_id, integration);
  while (query.step()) query.read(others.emplace_back());
  return others;
}

int count_today(Transaction& transaction, const ThreadQuestion& question,
                const std::string& thread) {
  auto query = transaction.query(
      "SELECT count FROM thread_rate WHERE day = ?1 AND integration = ?2 AND thread = ?3 AND "
      "sender = ?4",
      day_of(question.at), question.integration, thread, question.sender);
  int count = 0;
  if (query.step()) query.read(count);
  return count;
}

ThreadAnswer answer(Transaction& transaction, const ThreadQuestion& question) {
  ThreadAnswer found;
  std::optional<std::string> thread;
  for (std::size_t i = 0; i < question.keys.size() && !found.matched; ++i) {
    const auto& key = question.keys[i];
    thread = thread_of(transaction, question.integration, key);
    if (thread || is_sent(transaction, question.integration, key)) {
      found.matched = i;
    } else if (auto own = sent_as(transaction, question.integration, key)) {
      found.matched = i;
      thread = thread_of(transaction, question.integration, *own).value_or(*own);
      found.matched_id = std::move(*own);
    }
  }
  // An answer to it may have been here before it.
  if (!thread && !question.message_id.empty()) {
    thread = thread_of(transaction, question.integration, question.message_id);
  }
  found.thread = thread.value_or(question.fallback);
  found.sent_today = count_today(transaction, question, found.thread);
  found.also_in = others_with(transaction, question.message_id, question.integration);
  return found;
}

void note_key(Transaction& transaction, IntegrationId integration, const std::string& key,
              const std::string& thread, std::optional<MessageId> message, Instant at) {
  transaction.run(
      "INSERT INTO thread_key (key, integration, thread, message, at) VALUES (?1, ?2, ?3, ?4, ?5) "
      "ON CONFLICT DO UPDATE SET message = coalesce(message, excluded.message), at = excluded.at",
      key, integration, thread, message, at);
}

}  // namespace

net::Task<Result<std::vector<ThreadAnswer>>> ThreadsTable::find(
    std::vector<ThreadQuestion> questions) {
  return engine_.read([questions = std::move(questions)](
                          Transaction& transaction) -> Result<std::vector<ThreadAnswer>> {
    std::vector<ThreadAnswer> answers;
    answers.reserve(questions.size());
    for (const auto& question : questions) answers.push_back(answer(transaction, question));
    return answers;
  });
}

net::Task<Result<std::vector<IntegrationId>>> ThreadsTable::also_in(std::string message_id,
                                                                    IntegrationId integration) {
  return engine_.read([message_id = std::move(message_id), integration](
                          Transaction& transaction) -> Result<std::vector<IntegrationId>> {
    return others_with(transaction, message_id, integration);
  });
}

void note_thread(Transaction& transaction, MessageId message, const ThreadNote& note, Instant at) {
  if (note.thread.empty()) return;
  IntegrationId integration;
  {
    auto row = transaction.query("SELECT integration FROM message WHERE id = ?1", message);
    if (!row.step()) return;
    row.read(integration);
  }
  if (!note.message_id.empty()) {
    note_key(transaction, integration, note.message_id, note.thread, message, at);
  }
  for (const auto& key : note.keys) {
    note_key(transaction, integration, key, note.thread, std::nullopt, at);
  }
  transaction.run(
      "INSERT INTO thread_rate (day, integration, thread, sender, count) VALUES (?1, ?2, ?3, ?4, "
      "1) "
      "ON CONFLICT DO UPDATE SET count = count + 1",
      day_of(at), integration, note.thread, note.sender);
}

void note_sent_alias(Transaction& transaction, const Delivery& delivery, Instant at) {
  const auto alias = provider_alias_in(delivery.outcome.result_message, delivery.message_id);
  if (!alias) return;
  transaction.run(
      "INSERT OR REPLACE INTO sent_alias (key, integration, message_id, at) "
      "VALUES (?1, ?2, ?3, ?4)",
      *alias, delivery.integration, delivery.message_id, at);
}

}  // namespace postern::storage
