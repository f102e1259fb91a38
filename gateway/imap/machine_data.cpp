// Untagged responses: what they tell of the running command and of the folder.
#include "imap/machine.hpp"

#include "imap/refusal.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace postern::imap {

Pending* Session::Machine::running(CommandKind kind) {
  const auto at = std::find_if(sent_.begin(), sent_.end(),
                               [kind](const Pending& pending) { return pending.kind == kind; });
  return at == sent_.end() ? nullptr : &*at;
}

Result<void> Session::Machine::take_status(const Status& status) {
  if (status.condition == Condition::bye) {
    if (logging_out_) return success();
    return farewell(status);
  }
  if (status.condition == Condition::preauth) return failure(errc::malformed, "a late PREAUTH");
  if (status.code == Code::capability) take_capabilities(status.words);
  if (status.code == Code::alert && believes()) tell(Alert{shown(status.text)});
  if (auto* select = running(CommandKind::select)) take_selecting(select->selected, status);
  if (auto* copy = running(CommandKind::copy)) take_copied(*copy, status);
  return count_noise();
}

void Session::Machine::take_copied(Pending& pending, const Status& status) {
  if (status.code != Code::copy_uid) return;
  pending.copied =
      CopiedUids{static_cast<std::uint32_t>(status.number), status.source, status.destination};
}

// resp-text-code in the answer to SELECT. RFC 9051 §6.3.2, RFC 7162 §3.1.2.1.
void Session::Machine::take_selecting(Selected& selected, const Status& status) {
  const auto number = static_cast<std::uint32_t>(status.number);
  if (status.code == Code::uid_validity) selected.uid_validity = number;
  if (status.code == Code::uid_next) selected.uid_next = number;
  if (status.code == Code::highest_mod_seq) selected.highest_mod_seq = status.number;
  if (status.code == Code::no_mod_seq) selected.highest_mod_seq.reset();
  if (status.code == Code::permanent_flags) selected.permanent_flags = status.words;
  if (status.code == Code::read_only) selected.read_only = true;
  if (status.code == Code::read_write) selected.read_only = false;
}

Result<void> Session::Machine::take_data(Response& response) {
  if (state_ == State::ready) {
    take_answer(response);
  } else if (const auto* list = std::get_if<CapabilityList>(&response)) {
    take_capabilities(list->names);
  } else if (const auto* enabled = std::get_if<EnabledList>(&response)) {
    take_enabled(*enabled);
  } else if (const auto* id = std::get_if<ServerId>(&response)) {
    take_server_id(*id);
  }
  if (auto* search = std::get_if<SearchResult>(&response)) {
    if (auto* pending = running(CommandKind::search)) {
      for (const auto& range : search->numbers.ranges()) {
        POSTERN_TRY(pending->found.add(range.first, range.last));
      }
    }
  }
  return count_noise();
}

void Session::Machine::take_answer(Response& response) {
  if (const auto* list = std::get_if<CapabilityList>(&response)) {
    take_capabilities(list->names);
  } else if (const auto* exists = std::get_if<Exists>(&response)) {
    take_exists(exists->count);
  } else if (const auto* expunged = std::get_if<Expunged>(&response)) {
    if (exists_ > 0) --exists_;
    change({MailboxChanged::What::expunged, expunged->sequence, {}, {}});
  } else if (auto* vanished = std::get_if<Vanished>(&response)) {
    take_vanished(*vanished);
  } else if (auto* folder = std::get_if<ListedFolder>(&response)) {
    tell(std::move(*folder));
  } else if (auto* status = std::get_if<FolderStatus>(&response)) {
    if (auto* pending = running(CommandKind::status)) pending->status = std::move(*status);
  } else if (auto* spaces = std::get_if<NamespaceLists>(&response)) {
    if (auto* pending = running(CommandKind::name_spaces)) {
      pending->spaces.personal = std::move(spaces->personal);
      pending->spaces.other_users = std::move(spaces->other_users);
      pending->spaces.shared = std::move(spaces->shared);
    }
  }
}

// Without EARLIER it stands for EXPUNGEs, and the messages were counted. RFC 7162 §3.2.10.
void Session::Machine::take_vanished(Vanished& vanished) {
  if (!vanished.earlier) {
    exists_ -= static_cast<std::uint32_t>(std::min<std::uint64_t>(exists_, vanished.uids.count()));
  }
  const auto what =
      vanished.earlier ? MailboxChanged::What::vanished_earlier : MailboxChanged::What::vanished;
  change({what, 0, std::move(vanished.uids), {}});
}

void Session::Machine::take_exists(std::uint32_t count) {
  if (auto* select = running(CommandKind::select)) {
    select->selected.exists = count;
    return;
  }
  exists_ = count;
  change({MailboxChanged::What::exists, count, {}, {}});
}

// An expunge renumbers: facts gathered under a sequence number are told before it.
void Session::Machine::change(MailboxChanged change) {
  if (change.what == MailboxChanged::What::expunged ||
      change.what == MailboxChanged::What::vanished) {
    gathering_.flush(told_);
  }
  tell(std::move(change));
}

Result<void> Session::Machine::check_body(const Pending* fetch, const FetchedBody& body) const {
  if (fetch == nullptr || !fetch->items.body) {
    return failure(errc::malformed, "a body nobody asked for");
  }
  const bool fits = fetch->headers_only ? body.section.starts_with("HEADER") : body.section.empty();
  if (!fits) return failure(errc::malformed, "another section than asked for: " + body.section);
  return success();
}

Result<void> Session::Machine::take_literal(const LiteralBegin& literal) {
  if (state_ != State::ready) return failure(errc::malformed, "a body before the login");
  POSTERN_TRY(const auto fetch, parse_fetch_begin(literal.text));
  POSTERN_TRY(check_body(running(CommandKind::fetch), *fetch.body));
  gathering_.flush_bodies(told_);
  body_skipped_ = literal.size_bytes > body_bytes_max();
  tell(FetchStarted{gathering_.known(fetch.facts), literal.size_bytes, body_skipped_});
  return success();
}

std::uint64_t Session::Machine::body_bytes_max() {
  const auto* fetch = running(CommandKind::fetch);
  const bool header = fetch != nullptr && fetch->headers_only;
  if (header) return Session::header_bytes_max;
  const bool any_size = fetch != nullptr && fetch->items.any_size;
  return any_size ? std::numeric_limits<std::uint64_t>::max() : options_.body_bytes_max;
}

// A body as quoted string or behind "~" in a gathered literal: told in the same steps.
void Session::Machine::tell_quoted_body(FetchResponse& fetch) {
  gathering_.flush_bodies(told_);
  body_skipped_ = fetch.body->size_bytes > body_bytes_max();
  quoted_body_ = std::move(fetch.body->bytes);
  tell(FetchStarted{gathering_.known(fetch.facts), fetch.body->size_bytes, body_skipped_});
  if (!body_skipped_ && !quoted_body_.empty()) tell(FetchedPiece{quoted_body_});
}

Result<void> Session::Machine::take_unsolicited_fetch(const FetchResponse& fetch) {
  if (state_ == State::ready) {
    change({MailboxChanged::What::flags, fetch.facts.sequence, {}, fetch.facts});
  }
  return count_noise();
}

Result<void> Session::Machine::take_fetch(FetchResponse& fetch) {
  auto* pending = running(CommandKind::fetch);
  if (fetch.body) {
    POSTERN_TRY(check_body(pending, *fetch.body));
  }
  if (pending == nullptr) return take_unsolicited_fetch(fetch);
  auto body = Body::none;
  if (fetch.body) {
    const auto kind = fetch.body->kind;
    if (kind == StringToken::Kind::quoted || kind == StringToken::Kind::literal) {
      tell_quoted_body(fetch);
    }
    body = kind == StringToken::Kind::nil ? Body::nil
           : body_skipped_                ? Body::over_limit
                                          : Body::whole;
  }
  const auto told_before = told_.size();
  gathering_.add(fetch.facts, body, pending->items, told_);
  if (told_.size() == told_before) return count_noise();
  if (++pending->mails_told <= pending->mails_expected + noise_max) return success();
  return failure(errc::flooded, "many more mails than asked for");
}

}  // namespace postern::imap
