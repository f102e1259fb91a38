#include "flows/line.hpp"

#include "flows/limits.hpp"
#include "flows/metrics.hpp"
#include "net/compressed_stream.hpp"

#include <fmt/format.h>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace postern::flows {
namespace {

std::string describe(const net::TlsFacts& facts, Instant now) {
  const auto days = std::chrono::duration_cast<std::chrono::days>(facts.not_after - now).count();
  return fmt::format("{}, {}, issued by {}, chain of {}, {} days left", facts.version,
                     facts.subject, facts.issuer, facts.chain.size(), days);
}

std::string_view name_of(Security security) {
  switch (security) {
    case Security::tls:
      return "tls";
    case Security::starttls:
      return "starttls";
    case Security::none:
      return "none";
  }
  return "";
}

/// Whether an error of the connect says that the server is not there: for everybody, whatever
/// their settings.
bool is_outage(const error_code& code) {
  using net::errc;
  return code == errc::resolve_failed || code == errc::resolve_timeout || code == errc::refused ||
         code == errc::connect_timeout || code == errc::timeout || code == errc::closed ||
         code == errc::reset;
}

}  // namespace

net::Task<Result<void>> Line::pass_gate() {
  auto* gate = context_.gate;
  if (gate == nullptr) co_return success();
  GateRequest request;
  request.server = fmt::format("{}:{}", server_.host, server_.port);
  request.security = name_of(server_.security);
  request.login = user_.login;
  request.integration = user_.integration;
  request.in_haste = user_.in_haste || deadline_;
  request.last_check = user_.last_check;
  request.yields = static_cast<bool>(user_.give_way);
  give_way_ = std::make_shared<std::function<void()>>(user_.give_way);
  const auto here = co_await boost::asio::this_coro::executor;
  auto asked_back = [here, weak = std::weak_ptr(give_way_)] {
    boost::asio::post(here, [weak] {
      const auto give_way = weak.lock();
      if (give_way && *give_way) (*give_way)();
    });
  };
  ticket_ = gate->ticket();
  auto admission = co_await gate->enter(ticket_, std::move(request), std::move(asked_back));
  ticket_ = 0;
  if (auto& failure = admission.failure) {
    enter(failure->step);
    note(fmt::format("not tried: another connection to {} failed just now", server_.host));
    co_return std::move(failure->error);
  }
  seat_ = std::move(admission.seat);
  co_return success();
}

void Line::hasten() {
  user_.in_haste = true;
  if (ticket_ != 0) context_.gate->hasten(ticket_);
}

void Line::limited() {
  if (step_ == "login") {
    seat_.limited(true);
  } else if (step_ == "greeting" || step_ == "capabilities") {
    seat_.limited(false);
  }
}

/// The gate learns of what befell the connection.
Error Line::told(Error error) {
  if (!is_outage(error.code)) {
    if (!answered_) seat_.answered();
  } else if (answered_) {
    if (error.code != net::errc::timeout) seat_.lost();
  } else {
    seat_.failed(error, step_);
  }
  return error;
}

void Line::enter(std::string_view step) {
  if (step == step_) return;
  if (records_kept_ && !step_.empty()) {
    StepRecord record;
    record.step = step_;
    record.ms = step_ms();
    record.words = masked(words_);
    records_.push_back(std::move(record));
  }
  step_ = step;
  words_.clear();
  entered_ = context_.env.steady();
}

std::vector<StepRecord> Line::take_records() {
  return std::exchange(records_, {});
}

bool Line::past_deadline() const {
  return deadline_ && context_.env.steady() >= *deadline_;
}

Duration Line::limited(Duration limit) const {
  if (!deadline_) return limit;
  return std::clamp(*deadline_ - context_.env.steady(), Duration(1), limit);
}

net::Task<Result<void>> Line::connect() {
  POSTERN_CO_TRY(co_await pass_gate());
  auto opened = co_await open_stream();
  if (!opened) co_return told(std::move(opened).error());
  co_return success();
}

net::Task<Result<void>> Line::open_stream() {
  // The look-up is made twice, here to tell the person its answer and in Env::connect, which
  // checks the very addresses that it uses.
  enter("dns");
  note(fmt::format("connecting to {} port {}", server_.host, server_.port));
  POSTERN_CO_TRY(auto addresses,
                 co_await context_.env.resolve(server_.host, limited(limits::resolve)));
  say(fmt::format("{}", fmt::join(addresses, ", ")));
  enter("tcp");
  net::Endpoint endpoint;
  endpoint.host = server_.host;
  endpoint.port = server_.port;
  POSTERN_CO_TRY(stream_,
                 co_await context_.env.connect(std::move(endpoint), limited(limits::connect)));
  say(stream_->peer_address());
  note("connected to " + stream_->peer_address());
  if (server_.security == Security::tls) {
    POSTERN_CO_TRY(co_await start_tls());
  }
  enter("greeting");
  co_return success();
}

net::Task<Result<void>> Line::start_tls() {
  enter("tls");
  POSTERN_CO_TRY(co_await stream_->start_tls(server_.host, tls_, limited(limits::handshake)));
  note("TLS begins");
  const auto facts = stream_->tls_facts();
  if (facts) {
    context_.metrics.certificate(server_.host + ":" + std::to_string(server_.port),
                                 facts->not_after);
  }
  if (facts && records_kept_) say(describe(*facts, context_.env.now()));
  co_return success();
}

Error Line::masked(Error error) {
  error.detail = tape_.masked(error.detail);
  return error;
}

void Line::expect_little(bool little) {
  buffer_size_ = little ? rest_bytes : first_bytes;
  if (little) {
    tape_.rest();
  } else {
    tape_.wake();
  }
}

void Line::compress(std::string received) {
  stream_ = net::compressed(std::move(stream_), context_.env, std::move(received));
}

net::Task<Result<void>> Line::write(std::string_view bytes, Duration limit, Wire what) {
  if (!stream_) co_return Error{net::errc::closed, "the line was closed"};
  tape_.sent(bytes, what, context_.env.now());
  co_return co_await stream_->write_all(bytes, limited(limit));
}

net::Task<Result<void>> Line::write_body_end(std::string_view bytes, std::size_t text_from,
                                             Duration limit) {
  if (!stream_) co_return Error{net::errc::closed, "the line was closed"};
  tape_.sent(bytes.substr(0, text_from), Wire::body, context_.env.now());
  if (text_from < bytes.size()) {
    tape_.sent(bytes.substr(text_from), Wire::text, context_.env.now());
  }
  co_return co_await stream_->write_all(bytes, limited(limit));
}

void Line::make_room() {
  if (buffer_.size() == buffer_size_) return;
  buffer_ = std::vector<char>();  // the former goes before the next comes
  buffer_ = std::vector<char>(buffer_size_);
}

/// The bytes that were read; a read that filled the buffer has the next one find a large one.
std::string_view Line::taken(std::size_t count) {
  if (count == first_bytes && buffer_size_ == first_bytes) buffer_size_ = buffer_bytes;
  const std::string_view bytes(buffer_.data(), count);
  tape_.received(bytes, context_.env.now());
  return bytes;
}

net::Task<Result<std::optional<std::string_view>>> Line::read(Duration limit) {
  if (!stream_) co_return Error{net::errc::closed, "the line was closed"};
  make_room();
  auto count = co_await stream_->read_some(buffer_, limited(limit));
  if (!count) {
    auto error = told(std::move(count).error());
    if (error.code == net::errc::closed) {
      note("the server closed the connection");
      co_return std::optional<std::string_view>();
    }
    co_return error;
  }
  if (!std::exchange(answered_, true)) seat_.answered();
  co_return std::optional(taken(count.value()));
}

net::Task<Result<std::string_view>> Line::read_waiting() {
  if (!stream_) co_return Error{net::errc::closed, "the line was closed"};
  make_room();
  auto count = co_await stream_->read_some(buffer_, Duration(0));
  if (count) co_return taken(count.value());
  if (count.error().code == net::errc::timeout) co_return std::string_view();
  co_return std::move(count).error();
}

void Line::close() noexcept {
  if (stream_) stream_->close();
}

}  // namespace postern::flows
