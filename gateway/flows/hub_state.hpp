// The hub's insides, for hub*.cpp.
#pragma once

#include "flows/authoriser.hpp"
#include "flows/byte_gate.hpp"
#include "flows/event_actions.hpp"
#include "flows/handover.hpp"
#include "flows/hub.hpp"
#include "flows/limits.hpp"
#include "flows/monitor.hpp"
#include "flows/pull_desk.hpp"
#include "flows/server_gate.hpp"
#include "flows/supervisor.hpp"
#include "flows/token_keeper.hpp"
#include "net/scope.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace postern::flows {

// Everything but `ready` is touched on `home` only.
struct Hub::State {
  State(Context& of, boost::asio::any_io_executor at,
        std::function<boost::asio::any_io_executor(std::uint64_t)> shards)
      : context(of),
        home(at),
        shard_of(std::move(shards)),
        gate(of.env, at, of.options.connections),
        handover_bytes(of.env, at, limits::handover_bytes),
        digest_bytes(of.env, at, limits::digest_bytes),
        tokens(of, at),
        authoriser(of, at),
        desk(of, at),
        event_actions(of, at),
        house(std::move(at)) {
    context.gate = &gate;
    context.handover_bytes = &handover_bytes;
    context.digest_bytes = &digest_bytes;
    context.tokens = &tokens;
  }
  ~State() {
    context.gate = nullptr;
    context.handover_bytes = nullptr;
    context.digest_bytes = nullptr;
    context.tokens = nullptr;
  }

  Context& context;
  boost::asio::any_io_executor home;
  std::function<boost::asio::any_io_executor(std::uint64_t)> shard_of;
  ServerGate gate;
  ByteGate handover_bytes, digest_bytes;
  TokenKeeper tokens;
  Authoriser authoriser;
  // Shared with calls that are under way on a shard while the hub replaces it.
  std::map<IntegrationId, std::shared_ptr<Supervisor>> supervisors;
  // Those that were ended, until another takes their place: what they have left is still to be put
  // in order, and two changes that overlap both wait for their end.
  std::map<IntegrationId, std::shared_ptr<Supervisor>> ended;
  std::map<TargetId, std::shared_ptr<HandoverPump>> pumps;
  // Each is touched on its integration's shard; shared with the supervisor of the day.
  std::map<IntegrationId, std::shared_ptr<Journal>> journals;
  PullDesk desk;
  EventActions event_actions;
  net::Scope house;
  Hub* hub = nullptr;  // whose state this is, for the monitor's own mails
  std::unique_ptr<Monitor> monitor;
  // Counts the changes of an integration or a target: of two that overlap, the later one wins.
  std::map<std::int64_t, std::uint64_t> changes;
  std::atomic<bool> ready{false};
  bool stopping = false;

  /// What the store keeps from being done is told, and tried again until it is, or until another
  /// change of the same comes.
  net::Task<Result<void>> replace_supervisor(IntegrationId id, std::shared_ptr<State> self);
  net::Task<Result<void>> try_to_replace(IntegrationId id, std::uint64_t change,
                                         std::shared_ptr<State> self);
  net::Task<void> run_supervisor(storage::IntegrationAccount account, std::shared_ptr<State> self);
  net::Task<Result<void>> start_supervisors(std::shared_ptr<State> self);
  net::Task<Result<void>> replace_pump(TargetId id);
  net::Task<Result<void>> try_to_replace(TargetId id, std::uint64_t change);
  net::Task<void> try_again(std::string name, std::int64_t id, std::uint64_t change,
                            std::function<net::Task<Result<void>>()> act);
  net::Task<void> end_supervisor(IntegrationId id);
  net::Task<void> end_pump(TargetId id);
  net::Task<Result<void>> start_all(std::shared_ptr<State> self);
  net::Task<void> stop_all();
  void watch_grants(const std::shared_ptr<State>& self);
  net::Task<void> replace_users(OAuthGrantId grant, std::shared_ptr<State> self);
  net::Task<void> replace_users_of(OAuthAppId app, std::shared_ptr<State> self);
  net::Task<void> replace_all(std::vector<IntegrationId> users, std::shared_ptr<State> self);
  std::shared_ptr<Supervisor> find(IntegrationId id) const;
  void wake_pumps();
  void wake_all();
};

}  // namespace postern::flows
