// What the hub has done on the shard of a supervisor or a pump: coroutines for net::run_on, which
// keep what they work on alive.
#pragma once

#include "flows/handover.hpp"
#include "flows/hub.hpp"
#include "flows/supervisor.hpp"

#include <memory>
#include <vector>

namespace postern::flows {

net::Task<void> start_pump(std::shared_ptr<HandoverPump> pump);
net::Task<void> stop_pump(std::shared_ptr<HandoverPump> pump);
net::Task<void> start_supervisor(std::shared_ptr<Supervisor> supervisor);
net::Task<void> stop_supervisor(std::shared_ptr<Supervisor> supervisor);
net::Task<Result<Delivery>> send_on_shard(std::shared_ptr<Supervisor> supervisor, DeliveryId id,
                                          Duration limit);
net::Task<std::vector<Activity>> entries_on_shard(std::shared_ptr<Supervisor> supervisor);
net::Task<void> record_on_shard(std::shared_ptr<Supervisor> supervisor, Direction direction,
                                Duration duration);
net::Task<Recorded> recorded_on_shard(std::shared_ptr<Supervisor> supervisor, Direction direction);

}  // namespace postern::flows
