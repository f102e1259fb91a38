// Line: a connection being opened and used, with the name of the step it is in. What the IMAP and
// the SMTP link have in common: DNS, TCP, TLS, reading and writing with limits.
#pragma once

#include "core/integration.hpp"
#include "flows/context.hpp"
#include "flows/server_gate.hpp"
#include "flows/tape.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::flows {

/// A step that ended well, for the connection test.
struct StepRecord {
  std::string step;
  std::int64_t ms = 0;
  std::string words;
};

/// Who connects, for the gate that every line passes. Without one it is a person's test: in haste.
struct LineUser {
  IntegrationId integration;
  std::string login;
  bool in_haste = true;
  Instant last_check;
  /// Called on the line's own executor when others wait for its place; empty: it stays.
  std::function<void()> give_way;
};

class Line {
 public:
  /// `server` and `tls` are the integration's and outlive this.
  Line(Context& context, const ServerAddress& server, const TlsPolicy& tls)
      : context_(context), server_(server), tls_(tls) {}

  /// To be told before connect().
  void set_user(LineUser user) { user_ = std::move(user); }

  /// Its turn at the gate; then DNS and TCP, and TLS when the server speaks it from the first byte.
  /// Errors: as the network's, also those of another's try that counts for all who waited.
  net::Task<Result<void>> connect();
  /// A connect() that still waits for its turn has it.
  void hasten();
  /// The server refused the connection because there are too many already.
  void limited();
  /// After limited(): whether places at the server go round among connections of ours, so that the
  /// next connect() only has to wait for its turn.
  net::Task<bool> takes_turns() const { return seat_.takes_turns(); }
  net::Task<Result<void>> start_tls();
  /// From here on the bytes are compressed both ways; `received` came so already.
  void compress(std::string received);
  /// `what` they are decides how a transcript shows them.
  net::Task<Result<void>> write(std::string_view bytes, Duration limit, Wire what = Wire::text);
  /// A mail's last bytes, and from `text_from` on the commands behind them, in one.
  net::Task<Result<void>> write_body_end(std::string_view bytes, std::size_t text_from,
                                         Duration limit);
  /// Bytes into the buffer of this line; nothing at the clean end of the stream.
  net::Task<Result<std::optional<std::string_view>>> read(Duration limit);
  /// What has come already, without waiting; empty when nothing has.
  net::Task<Result<std::string_view>> read_waiting();
  /// Ends the read that waits, with net::errc::timeout: there is something else to do.
  void end_read() noexcept {
    if (stream_) stream_->end_read();
  }
  void close() noexcept;
  /// Frees its place at the server before this ends: the line is closed.
  void leave() { seat_ = GateSeat(); }
  /// Keeps almost no memory while little is expected (IDLE), a buffer that grows while much comes.
  void expect_little(bool little);

  /// A secret of this connection, never to be seen in a transcript. Needed before it is used.
  void hide(const Secret& secret) { tape_.hide(secret); }
  /// The server's words without what is hidden: it may say back what it was told, and its words
  /// are shown and logged.
  std::string masked(std::string_view words) { return tape_.masked(words); }
  Error masked(Error error);
  /// Every line goes there too, while it is wanted there.
  void record_to(LineTaker& taker) { tape_.give_to(taker); }
  /// The last lines that passed, secrets masked.
  std::vector<TranscriptLine> transcript() { return tape_.lines(); }

  /// The step under way; entering the next one ends it well.
  std::string_view step() const { return step_; }
  void enter(std::string_view step);
  /// What the step under way has to say: addresses, a certificate, the server's greeting.
  void say(std::string words) { words_ = std::move(words); }
  /// From now on the steps that end are kept, for take_records().
  void keep_records() { records_kept_ = true; }
  /// The steps that ended since the last call.
  std::vector<StepRecord> take_records();
  std::int64_t step_ms() const { return (context_.env.steady() - entered_).count(); }

  bool open() const { return stream_ != nullptr; }
  const ServerAddress& server() const { return server_; }

  /// No operation goes past this instant of Env::steady(); then it ends with net::errc::timeout.
  void set_deadline(Duration deadline) { deadline_ = deadline; }
  bool past_deadline() const;

 private:
  Duration limited(Duration limit) const;
  net::Task<Result<void>> pass_gate();
  net::Task<Result<void>> open_stream();
  Error told(Error error);

  void make_room();
  std::string_view taken(std::size_t count);
  void note(std::string_view words) { tape_.note(words, context_.env.now()); }

  static constexpr std::size_t buffer_bytes = 16 * 1024;  // a TLS record: no read gives more
  static constexpr std::size_t first_bytes = 4 * 1024;    // until a read has filled it
  static constexpr std::size_t rest_bytes = 128;

  Context& context_;
  const ServerAddress& server_;
  const TlsPolicy& tls_;
  LineUser user_;
  GateSeat seat_;
  GateBook::Ticket ticket_ = 0;  // while it waits at the gate
  bool answered_ = false;        // the server has said something
  std::shared_ptr<std::function<void()>>
      give_way_;  // shared with nobody: posted hints hold it weak
  std::unique_ptr<net::Stream> stream_;
  std::vector<char> buffer_;
  std::size_t buffer_size_ = first_bytes;
  std::string step_, words_;
  Duration entered_{0};
  std::optional<Duration> deadline_;
  bool records_kept_ = false;
  std::vector<StepRecord> records_;
  Tape tape_;
};

}  // namespace postern::flows
