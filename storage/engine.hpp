// Engine: what the tables share: the writer, the readers, the spool, the secrets' key.
#pragma once

#include "storage/chance.hpp"
#include "storage/event_watch.hpp"
#include "storage/readers.hpp"
#include "storage/secret_keys.hpp"
#include "storage/spool.hpp"
#include "storage/submit.hpp"
#include "storage/writer.hpp"

#include <atomic>
#include <cstdint>

namespace postern::storage {

struct Engine {
  Engine(Chance chance_, SecretKeys keys_, Spool spool_, Database database,
         std::optional<Database> checkpoints, IdSource ids, Writer::Options options,
         std::vector<Database> connections)
      : chance(std::move(chance_)),
        keys(std::move(keys_)),
        spool(std::move(spool_)),
        writer(std::move(database), std::move(checkpoints), std::move(ids),
               telling(std::move(options), event_watch)),
        readers(std::move(connections), writer) {}

  // Shared with those who watch, who may go later.
  std::shared_ptr<EventWatch> event_watch = std::make_shared<EventWatch>();
  Chance chance;
  SecretKeys keys;
  Spool spool;
  Writer writer;
  Readers readers;
  std::atomic<std::uint64_t> routes_revision{1};  // of the rules and targets; see rules_table

  /// To be called when a change of them is durable.
  void routes_changed() { ++routes_revision; }

  /// `job`: Transaction& → Result<T>, in one durable transaction.
  template <class Job>
  auto write(Job job, std::size_t bytes = 0) {
    return submit(writer, std::move(job), bytes);
  }
  /// As write, but nobody waits for it, and its failure is nobody's concern.
  template <class Job>
  void write_later(Job job) {
    writer.push(std::make_shared<WorkOf<Job>>(std::move(job), 0), nullptr);
  }
  /// `job`: Transaction& → Result<T>, in one snapshot.
  template <class Job>
  auto read(Job job) {
    return submit(readers, std::move(job));
  }

 private:
  static Writer::Options telling(Writer::Options options, std::shared_ptr<EventWatch> watch) {
    options.on_events = [watch = std::move(watch)] { watch->tell(); };
    return options;
  }
};

}  // namespace postern::storage
