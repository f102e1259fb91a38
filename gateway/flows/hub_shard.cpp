#include "flows/hub_shard.hpp"

namespace postern::flows {

net::Task<void> start_pump(std::shared_ptr<HandoverPump> pump) {
  pump->start();
  co_return;
}

net::Task<void> stop_pump(std::shared_ptr<HandoverPump> pump) {
  co_await pump->stop();
}

net::Task<void> start_supervisor(std::shared_ptr<Supervisor> supervisor) {
  co_await supervisor->start();
}

net::Task<void> stop_supervisor(std::shared_ptr<Supervisor> supervisor) {
  co_await supervisor->stop();
}

net::Task<Result<Delivery>> send_on_shard(std::shared_ptr<Supervisor> supervisor, DeliveryId id,
                                          Duration limit) {
  co_return co_await supervisor->send_now(id, limit);
}

net::Task<std::vector<Activity>> entries_on_shard(std::shared_ptr<Supervisor> supervisor) {
  co_return supervisor->journal().entries();
}

net::Task<void> record_on_shard(std::shared_ptr<Supervisor> supervisor, Direction direction,
                                Duration duration) {
  supervisor->journal().recording(direction).begin(duration);
  co_return;
}

net::Task<Recorded> recorded_on_shard(std::shared_ptr<Supervisor> supervisor, Direction direction) {
  const auto& recording = supervisor->journal().recording(direction);
  const bool incoming = direction == Direction::incoming;
  Recorded recorded;
  recorded.begun = recording.begun();
  recorded.full = recording.full();
  recorded.until = recording.ends_at();
  recorded.transcript.at = recording.begun_at();
  recorded.transcript.protocol = incoming ? supervisor->integration().incoming.protocol : "smtp";
  recorded.transcript.direction = to_string(direction);
  recorded.transcript.lines = recording.lines();
  co_return recorded;
}

}  // namespace postern::flows
