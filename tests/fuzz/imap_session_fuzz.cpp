// Any bytes as a server's side of a session whose client fetches, idles and searches. Property:
// how the bytes are split changes neither the steps nor the end. And a body is as long as told.
#include "imap/session.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

using namespace postern::imap;

namespace {

Options options_of(std::uint8_t bits) {
  Options options;
  options.tls = (bits & 1U) != 0 ? Tls::established : Tls::none;
  options.allow_plain_password = true;
  options.credentials.mechanism = (bits & 2U) != 0 ? Mechanism::password : Mechanism::oauth2;
  options.credentials.username = (bits & 4U) != 0 ? "joe" : "j\xc3\xb6";
  options.credentials.password = postern::Secret("secret");
  options.credentials.access_token = postern::Secret("token");
  options.client = {"fuzz", "1"};
  options.mod_sequences = true;
  options.folder = "INBOX";
  options.body_bytes_max = (bits & 8U) != 0 ? 1000 : 5;
  return options;
}

void order(Session& session) {
  (void)session.fetch(NumberSet(1, 5), {});
  (void)session.fetch(NumberSet(6, 9), {});
  (void)session.search("ALL");
  (void)session.list("*");
  (void)session.status("x");
  (void)session.idle();
  (void)session.fetch_from(10, {true, true, true, false});
}

class Run {
 public:
  Run(std::string_view input, std::uint8_t bits) : input_(input), session_(options_of(bits)) {}

  std::string with_chunks_of(std::size_t chunk) {
    for (;;) {
      auto step = session_.next();
      if (!step) {
        log_ += "error " + std::to_string(step.error().code.value()) + step.error().detail + '\n';
        if (!session_.alive()) return log_;
        continue;
      }
      if (std::holds_alternative<Closed>(step.value())) return log_ + "closed";
      if (std::holds_alternative<NeedInput>(step.value())) {
        if (input_.empty()) {
          session_.end_of_input();
          continue;
        }
        session_.receive(input_.substr(0, chunk));
        input_.remove_prefix(std::min(chunk, input_.size()));
        continue;
      }
      take(step.value());
    }
  }

 private:
  void take(const Step& step) {
    if (const auto* piece = std::get_if<FetchedPiece>(&step)) {
      log_ += piece->bytes;
      body_bytes_ += piece->bytes.size();
      return;
    }
    log_ += '\n' + std::to_string(step.index()) + ' ';
    if (const auto* send = std::get_if<Send>(&step)) log_ += send->bytes;
    if (std::holds_alternative<Selected>(step)) order(session_);
    if (std::holds_alternative<IdleStarted>(step)) session_.done();
    if (const auto* started = std::get_if<FetchStarted>(&step)) {
      if (expected_bytes_ != 0) std::abort();  // two bodies at a time
      body_bytes_ = 0;
      expected_bytes_ = started->over_limit ? 0 : started->literal_size_bytes;
    }
    if (const auto* mail = std::get_if<FetchedMail>(&step)) {
      if (mail->body == Body::whole && body_bytes_ != expected_bytes_) std::abort();
      if (mail->body != Body::none) expected_bytes_ = 0;
      log_ += std::to_string(mail->facts.uid.value_or(0)) + ' ' +
              std::to_string(static_cast<int>(mail->body));
    }
    if (const auto* done = std::get_if<SearchDone>(&step)) log_ += done->uids.str();
  }

  std::string_view input_;
  Session session_;
  std::string log_;
  std::uint64_t body_bytes_ = 0, expected_bytes_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  const auto whole = Run(input, data[0]).with_chunks_of(input.size());
  if (Run(input, data[0]).with_chunks_of(1) != whole) std::abort();
  if (Run(input, data[0]).with_chunks_of(1 + data[1]) != whole) std::abort();
  return 0;
}
