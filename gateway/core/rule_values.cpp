#include "core/rule_values.hpp"

#include <algorithm>
#include <array>

namespace postern {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

void add_addresses(const std::vector<MailAddress>& list, std::vector<std::string>& out) {
  for (const auto& each : list) {
    out.push_back(each.address);
    if (each.name.empty()) continue;
    out.push_back(each.name);
    out.push_back(each.name + " <" + each.address + ">");
  }
}

std::string base_of(std::string_view address) {
  const auto plus = address.find('+');
  const auto at = address.rfind('@');
  if (plus == address.npos || at == address.npos || plus > at) return std::string(address);
  return std::string(address.substr(0, plus)) + std::string(address.substr(at));
}

std::vector<std::string> body_of(const MessageSummary& mail) {
  if (mail.text) return {*mail.text};
  if (mail.html) return {words_of_html(*mail.html)};
  return {};
}

std::vector<std::string> recipients_of(const MessageSummary& mail) {
  if (!mail.envelope_recipients.empty()) return mail.envelope_recipients;
  std::vector<std::string> out;
  for (const auto& each : mail.to) out.push_back(each.address);
  for (const auto& each : mail.cc) out.push_back(each.address);
  return out;
}

struct Entity {
  std::string_view word, text;
};
constexpr std::array<Entity, 7> entities{{{"&amp;", "&"},
                                          {"&lt;", "<"},
                                          {"&gt;", ">"},
                                          {"&quot;", "\""},
                                          {"&#39;", "'"},
                                          {"&nbsp;", " "},
                                          {"&apos;", "'"}}};

bool begins_with(std::string_view text, std::string_view word) {
  return text.size() >= word.size() && same(text.substr(0, word.size()), word);
}

/// How much of `html`, which begins with "<", is no word for people.
std::size_t silent_length(std::string_view html) {
  const auto through = [&](std::string_view end_word, std::size_t from) {
    const auto end = html.find(end_word, from);
    return end == html.npos ? html.size() : end + end_word.size();
  };
  if (html.starts_with("<!--")) return through("-->", 4);
  for (const std::string_view name : {"style", "script"}) {
    if (!begins_with(html.substr(1), name)) continue;
    // Its end tag in either of the two spellings that programs write.
    const auto small = html.find("</" + std::string(name), 1);
    const auto close = small == html.npos ? html.size() : small;
    return through(">", close);
  }
  return through(">", 1);
}

}  // namespace

std::string words_of_html(std::string_view html) {
  std::string out;
  while (!html.empty()) {
    const auto next = std::min(html.find_first_of("<&"), html.size());
    out += html.substr(0, next);
    html.remove_prefix(next);
    if (html.empty()) break;
    if (html.front() == '<') {
      // A tag inside a word parts none: <b>in</b>voice. Blocks and breaks do.
      const auto tag = html.substr(1);
      const bool parts = begins_with(tag, "br") || begins_with(tag, "p") ||
                         begins_with(tag, "/p") || begins_with(tag, "div") ||
                         begins_with(tag, "/div") || begins_with(tag, "td") ||
                         begins_with(tag, "tr") || begins_with(tag, "li") || begins_with(tag, "h");
      if (parts) out.push_back('\n');
      html.remove_prefix(silent_length(html));
      continue;
    }
    const auto* known = std::ranges::find_if(
        entities, [&](const Entity& each) { return begins_with(html, each.word); });
    out += known == entities.end() ? std::string_view("&") : known->text;
    html.remove_prefix(known == entities.end() ? 1 : known->word.size());
  }
  return out;
}

std::string_view subaddress_of(std::string_view address) {
  const auto at = address.rfind('@');
  const auto local = address.substr(0, at);
  const auto plus = local.find('+');
  return plus == local.npos ? std::string_view() : local.substr(plus + 1);
}

std::vector<std::string> subaddresses_of(const MessageSummary& mail, std::string_view own_address) {
  std::vector<std::string> out;
  const auto add = [&](std::string_view address) {
    const auto tag = subaddress_of(address);
    if (tag.empty() || std::ranges::find(out, tag) != out.end()) return;
    out.emplace_back(tag);
  };
  for (const auto& each : mail.envelope_recipients) add(each);
  for (const auto* list : {&mail.to, &mail.cc}) {
    for (const auto& each : *list) {
      if (own_address.empty() || same(base_of(each.address), own_address)) add(each.address);
    }
  }
  return out;
}

std::vector<std::string> rule_values(RuleField field, std::string_view header,
                                     const MailFacts& facts) {
  const auto& mail = facts.mail;
  std::vector<std::string> out;
  switch (field) {
    case RuleField::from:
      add_addresses(mail.from, out);
      break;
    case RuleField::to:
      add_addresses(mail.to, out);
      break;
    case RuleField::cc:
      add_addresses(mail.cc, out);
      break;
    case RuleField::recipient:
      return recipients_of(mail);
    case RuleField::subject:
      out.push_back(mail.subject.value_or(""));
      break;
    case RuleField::body:
      return body_of(mail);
    case RuleField::header:
      for (const auto& [name, value] : mail.headers) {
        if (same(name, header)) out.push_back(value);
      }
      break;
    case RuleField::attachment_name:
      for (const auto& each : mail.attachments) out.push_back(each.filename);
      break;
    case RuleField::attachment_type:
      for (const auto& each : mail.attachments) out.push_back(each.content_type);
      break;
    case RuleField::mail_class:
      out.push_back(mail.mail_class);
      break;
    case RuleField::subaddress:
      return subaddresses_of(mail, facts.integration_address);
    case RuleField::integration:
      out.push_back(facts.integration.str());
      out.emplace_back(facts.integration_name);
      break;
    case RuleField::thread:
      out.emplace_back(mail.thread_known ? "known" : "new");
      break;
    case RuleField::reference:
      if (mail.matched_reference) out.push_back(*mail.matched_reference);
      break;
    case RuleField::size:
    case RuleField::time:
      break;
  }
  return out;
}

}  // namespace postern
