// Context: what every flow is given. References to things main.cpp owns and that outlive all flows.
#pragma once

#include "core/integration.hpp"
#include "core/monitoring.hpp"
#include "core/time.hpp"
#include "flows/gate_book.hpp"
#include "net/env.hpp"
#include "net/shards.hpp"
#include "net/worker_pool.hpp"
#include "storage/store.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace postern::flows {

class ByteGate;
class Metrics;
class ServerGate;
class TokenKeeper;

/// [alerts]: a way of its own for notices. Off without a host.
struct AlertTransport {
  Outgoing outgoing;
  Secret password;
  std::string from;
};

/// The thresholds of the moment, read on every shard, written by the monitor; 0: as configured.
struct LiveThresholds {
  std::atomic<int> notify_after = 0, disable_after = 0, login_disable_after = 0, recover_after = 0;
};

/// What the configuration says of the flows; defaults are the contract's.
struct FlowOptions {
  std::string public_url;  // without a slash at its end; empty: paths are given instead of URLs
  std::string hostname = "localhost";  // for EHLO and Message-IDs
  int notify_after = 3;
  int disable_after = 10;
  int recover_after = 1;
  std::vector<std::chrono::seconds> outgoing_retry{
      std::chrono::seconds(60),  std::chrono::seconds(120),  std::chrono::seconds(300),
      std::chrono::seconds(900), std::chrono::seconds(3600), std::chrono::seconds(14400)};
  std::chrono::seconds outgoing_for{432000};
  GateLimits connections;
  // [storage]: what is beyond is removed, oldest first; nothing: kept for ever.
  std::optional<int> retention_days;
  std::optional<std::uint64_t> retention_bytes, retention_messages;
  MonitoringSettings monitoring;  // as configured
  AlertTransport alerts;
  std::chrono::seconds max_frequency{900};  // of event rules that name none
  std::string log_dir;                      // where event rules write files; empty: nowhere
  std::string ping_url;                     // called as long as all is well; empty: none
  std::chrono::seconds ping_every{60};
  int retention_sent_days = 30;  // of deliveries that have ended, with their bytes
};

/// Where a flow's coroutines live. In the simulator all shards are one executor.
struct Context {
  net::Env& env;
  storage::Store& store;
  net::Workers& workers;
  Metrics& metrics;
  FlowOptions options;
  /// A hint from any thread, set by the hub: the fate of a mail of this integration may be sealed.
  std::function<void(IntegrationId)> mail_settled = [](IntegrationId) {};
  /// A hint from any thread, set by the hub: the status of this integration changed.
  std::function<void(IntegrationId)> status_changed = [](IntegrationId) {};
  /// A hint from any thread, set by the hub: a mail of Postern's own was queued.
  std::function<void()> own_mail_queued = [] {};
  std::shared_ptr<LiveThresholds> thresholds =  // shared by all who were given this context
      std::make_shared<LiveThresholds>();
  ServerGate* gate = nullptr;  // set by the hub while it lives; without it nothing waits
  // Set by the hub while it lives; without them nothing waits.
  ByteGate *handover_bytes = nullptr, *digest_bytes = nullptr;
  TokenKeeper* tokens = nullptr;  // set by the hub while it lives; without it nobody has a grant
};

}  // namespace postern::flows
