#include "message/mime_protocol.hpp"

#include "core/mail_json.hpp"
#include "message/errc.hpp"
#include "message/seven_bit.hpp"

#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_from.hpp>
#include <boost/json/value_to.hpp>

#include <exception>
#include <optional>

namespace postern::message {
namespace {

namespace json = boost::json;

std::string pack(const json::object& head, std::string_view bytes) {
  const std::string text = json::serialize(head);
  std::string out;
  out.reserve(4 + text.size() + bytes.size());
  for (int shift = 0; shift < 32; shift += 8) {
    out.push_back(static_cast<char>(text.size() >> shift & 0xFF));
  }
  out += text;
  out += bytes;
  return out;
}

struct Packed {
  json::object head;
  std::string_view bytes;
};

std::optional<Packed> unpack(std::string_view payload) {
  if (payload.size() < 4) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    length |= static_cast<std::size_t>(static_cast<unsigned char>(payload[i])) << (8 * i);
  }
  payload.remove_prefix(4);
  if (length > payload.size()) return std::nullopt;
  boost::system::error_code failed;
  // It lives as long as the values, which are read and let go together.
  json::value head = json::parse(payload.substr(0, length), failed,
                                 json::make_shared_resource<json::monotonic_resource>());
  if (failed || !head.is_object()) return std::nullopt;
  return Packed{std::move(head.as_object()), payload.substr(length)};
}

// --- drafts. The readers may throw: answer() and decode_… catch at the edge ---------------------

json::array addresses_to_json(const std::vector<MailAddress>& list) {
  json::array out;
  for (const MailAddress& entry : list) {
    json::array pair;
    pair.emplace_back(entry.name);
    pair.emplace_back(entry.address);
    out.push_back(std::move(pair));
  }
  return out;
}

std::vector<MailAddress> addresses_from_json(const json::value& value) {
  std::vector<MailAddress> out;
  for (const json::value& entry : value.as_array()) {
    const json::array& pair = entry.as_array();
    out.push_back(
        {json::value_to<std::string>(pair.at(0)), json::value_to<std::string>(pair.at(1))});
  }
  return out;
}

json::value optional_to_json(const std::optional<std::string>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

std::optional<std::string> optional_from_json(const json::value& value) {
  if (value.is_null()) return std::nullopt;
  return json::value_to<std::string>(value);
}

/// The texts travel behind the JSON as bytes, so that they need not be valid UTF-8.
void add_bytes(json::array& lengths, std::string& bytes, std::string_view piece) {
  lengths.emplace_back(piece.size());
  bytes += piece;
}

std::string take_bytes(std::string_view& bytes, const json::value& length) {
  const auto size = length.to_number<std::size_t>();
  if (size > bytes.size()) throw std::out_of_range("length");
  std::string out(bytes.substr(0, size));
  bytes.remove_prefix(size);
  return out;
}

json::object error_to_json(const Error& error) {
  json::object out;
  out["error"] = name_of(static_cast<errc>(error.code.value()));
  out["detail"] = error.detail;
  return out;
}

std::optional<Error> error_in(const json::object& head) {
  const json::value* name = head.if_contains("error");
  if (name == nullptr || !name->is_string()) return std::nullopt;
  const json::value* detail = head.if_contains("detail");
  const auto code = errc_from_name(name->get_string());
  return Error{code.value_or(errc::bad_worker_reply), detail != nullptr && detail->is_string()
                                                          ? std::string(detail->get_string())
                                                          : std::string()};
}

Error bad_reply(const char* why) {
  return {errc::bad_worker_reply, why};
}

json::object digest_head(const DigestLimits& limits) {
  json::object head;
  head["text_bytes_max"] = limits.text_bytes_max;
  head["headers_max"] = limits.headers_max;
  head["header_value_bytes_max"] = limits.header_value_bytes_max;
  head["headers_bytes_max"] = limits.headers_bytes_max;
  head["addresses_max"] = limits.addresses_max;
  head["references_max"] = limits.references_max;
  return head;
}

std::string answer_digest(const Packed& request) {
  DigestLimits limits;
  const auto number = [&](const char* key) {
    return request.head.at(key).to_number<std::size_t>();
  };
  limits.text_bytes_max = number("text_bytes_max");
  limits.headers_max = number("headers_max");
  limits.header_value_bytes_max = number("header_value_bytes_max");
  limits.headers_bytes_max = number("headers_bytes_max");
  limits.addresses_max = number("addresses_max");
  limits.references_max = number("references_max");
  const auto memory = json::make_shared_resource<json::monotonic_resource>();
  json::array summaries(memory);
  auto bytes = request.bytes;
  for (const json::value& length : request.head.at("lengths").as_array()) {
    const auto size = length.to_number<std::size_t>();
    if (size > bytes.size()) throw std::out_of_range("length");
    summaries.push_back(to_json(digest(bytes.substr(0, size), limits), memory));
    bytes.remove_prefix(size);
  }
  json::object head(memory);
  head["summaries"] = std::move(summaries);
  return pack(head, {});
}

Draft draft_from(const json::object& head, std::string_view bytes) {
  Draft draft;
  draft.from = addresses_from_json(head.at("from"));
  draft.reply_to = addresses_from_json(head.at("reply_to"));
  draft.to = addresses_from_json(head.at("to"));
  draft.cc = addresses_from_json(head.at("cc"));
  draft.subject = json::value_to<std::string>(head.at("subject"));
  draft.charset = json::value_to<std::string>(head.at("charset"));
  draft.in_reply_to = optional_from_json(head.at("in_reply_to"));
  draft.references = json::value_to<std::vector<std::string>>(head.at("references"));
  for (const json::value& pair : head.at("headers").as_array()) {
    draft.headers.emplace_back(json::value_to<std::string>(pair.as_array().at(0)),
                               json::value_to<std::string>(pair.as_array().at(1)));
  }
  const json::array& lengths = head.at("lengths").as_array();
  std::size_t next = 0;
  if (head.at("has_text").as_bool()) draft.text = take_bytes(bytes, lengths.at(next++));
  if (head.at("has_html").as_bool()) draft.html = take_bytes(bytes, lengths.at(next++));
  for (const json::value& entry : head.at("attachments").as_array()) {
    DraftAttachment attachment;
    attachment.filename = json::value_to<std::string>(entry.as_array().at(0));
    attachment.content_type = json::value_to<std::string>(entry.as_array().at(1));
    attachment.content_id = json::value_to<std::string>(entry.as_array().at(2));
    attachment.content = take_bytes(bytes, lengths.at(next++));
    draft.attachments.push_back(std::move(attachment));
  }
  return draft;
}

std::string answer_compose(const Packed& request) {
  const json::object& context_json = request.head.at("context").as_object();
  ComposeContext context;
  context.now = from_milliseconds(context_json.at("now").to_number<std::int64_t>());
  context.message_id_domain = json::value_to<std::string>(context_json.at("domain"));
  context.random_hex = json::value_to<std::string>(context_json.at("random"));
  context.strict_encoding = context_json.at("strict").as_bool();
  context.unknown_charset_falls_back = context_json.at("falls_back").as_bool();
  const auto composed = compose(draft_from(request.head, request.bytes), context);
  if (!composed) return pack(error_to_json(composed.error()), {});
  json::object head;
  head["message_id"] = composed.value().message_id;
  head["notes"] = json::value_from(composed.value().notes);
  head["needs_smtputf8"] = composed.value().needs_smtputf8;
  return pack(head, composed.value().bytes);
}

std::string answer_seven_bit(const Packed& request) {
  const auto changed = to_seven_bit(request.bytes);
  if (!changed) return pack(error_to_json(changed.error()), {});
  return pack({}, changed.value());
}

}  // namespace

std::string encode_seven_bit_request(std::string_view raw) {
  return pack({}, raw);
}

Result<std::string> decode_seven_bit_reply(std::string_view payload) {
  const auto reply = unpack(payload);
  if (!reply) return bad_reply("no JSON in it");
  if (auto error = error_in(reply->head)) return std::move(*error);
  return std::string(reply->bytes);
}

std::string encode_digest_request(std::span<const std::string> mails, const DigestLimits& limits) {
  auto head = digest_head(limits);
  json::array lengths;
  std::string bytes;
  for (const auto& each : mails) add_bytes(lengths, bytes, each);
  head["lengths"] = std::move(lengths);
  return pack(head, bytes);
}

std::string encode_digest_request(std::string_view raw, const DigestLimits& limits) {
  auto head = digest_head(limits);
  head["lengths"] = json::array{raw.size()};
  return pack(head, raw);
}

std::string encode_compose_request(const Draft& draft, const ComposeContext& context) {
  json::object head;
  json::array lengths, headers, attachments;
  std::string bytes;
  head["from"] = addresses_to_json(draft.from);
  head["reply_to"] = addresses_to_json(draft.reply_to);
  head["to"] = addresses_to_json(draft.to);
  head["cc"] = addresses_to_json(draft.cc);
  head["subject"] = draft.subject;
  head["charset"] = draft.charset;
  head["in_reply_to"] = optional_to_json(draft.in_reply_to);
  head["references"] = json::value_from(draft.references);
  head["has_text"] = draft.text.has_value();
  head["has_html"] = draft.html.has_value();
  if (draft.text) add_bytes(lengths, bytes, *draft.text);
  if (draft.html) add_bytes(lengths, bytes, *draft.html);
  for (const auto& [name, value] : draft.headers) headers.push_back(json::array{name, value});
  for (const DraftAttachment& attachment : draft.attachments) {
    attachments.push_back(
        json::array{attachment.filename, attachment.content_type, attachment.content_id});
    add_bytes(lengths, bytes, attachment.content);
  }
  head["headers"] = std::move(headers);
  head["attachments"] = std::move(attachments);
  head["lengths"] = std::move(lengths);
  json::object context_json;
  context_json["now"] = to_milliseconds(context.now);
  context_json["domain"] = context.message_id_domain;
  context_json["random"] = context.random_hex;
  context_json["strict"] = context.strict_encoding;
  context_json["falls_back"] = context.unknown_charset_falls_back;
  head["context"] = std::move(context_json);
  return pack(head, bytes);
}

Result<std::vector<MessageSummary>> decode_digest_replies(std::string_view payload,
                                                          std::size_t mails) {
  const auto reply = unpack(payload);
  if (!reply) return bad_reply("no JSON in it");
  if (auto error = error_in(reply->head)) return std::move(*error);
  const json::value* found = reply->head.if_contains("summaries");
  const json::array* all = found == nullptr ? nullptr : found->if_array();
  if (all == nullptr || all->size() != mails) return bad_reply("not a summary for each mail");
  std::vector<MessageSummary> summaries;
  summaries.reserve(mails);
  for (const json::value& each : *all) {
    if (!each.is_object()) return bad_reply("a summary that is none");
    summaries.push_back(message_summary_from_json(each.get_object()));
  }
  return summaries;
}

Result<MessageSummary> decode_digest_reply(std::string_view payload) {
  POSTERN_TRY(auto summaries, decode_digest_replies(payload, 1));
  return std::move(summaries.front());
}

Result<ComposedMail> decode_compose_reply(std::string_view payload) {
  const auto reply = unpack(payload);
  if (!reply) return bad_reply("no JSON in it");
  if (auto error = error_in(reply->head)) return std::move(*error);
  try {
    ComposedMail mail;
    mail.message_id = json::value_to<std::string>(reply->head.at("message_id"));
    mail.notes = json::value_to<std::vector<std::string>>(reply->head.at("notes"));
    mail.needs_smtputf8 = reply->head.at("needs_smtputf8").as_bool();
    mail.bytes = reply->bytes;
    return mail;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    return bad_reply("no mail in it");
  }
}

std::string answer(std::uint8_t kind, std::string_view payload) {
  const auto request = unpack(payload);
  std::string why = "no JSON in it";
  try {
    if (request && kind == mime_digest_kind) return answer_digest(*request);
    if (request && kind == mime_compose_kind) return answer_compose(*request);
    if (request && kind == mime_seven_bit_kind) return answer_seven_bit(*request);
    if (request) why = "unknown kind " + std::to_string(kind);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& exception) {
    why = exception.what();
  }
  return pack(error_to_json({errc::bad_worker_request, why}), {});
}

}  // namespace postern::message
