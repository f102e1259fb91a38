#include "imap/special_use.hpp"

#include "imap/letters.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

namespace postern::imap {
namespace {

// XLIST's \Spam, \AllMail and \Starred are older words for \Junk, \All and \Flagged.
constexpr std::array<std::pair<std::string_view, SpecialUse>, 10> attributes{{
    {"\\ALL", SpecialUse::all},
    {"\\ALLMAIL", SpecialUse::all},
    {"\\ARCHIVE", SpecialUse::archive},
    {"\\DRAFTS", SpecialUse::drafts},
    {"\\FLAGGED", SpecialUse::flagged},
    {"\\STARRED", SpecialUse::flagged},
    {"\\JUNK", SpecialUse::junk},
    {"\\SPAM", SpecialUse::junk},
    {"\\SENT", SpecialUse::sent},
    {"\\TRASH", SpecialUse::trash},
}};

// Last parts of names, the likeliest first: Exchange "Sent Items", iCloud "Sent Messages",
// Yahoo "Sent" and "Bulk Mail", and the German, French and Spanish of Exchange and Gmail.
constexpr std::array<std::string_view, 9> sent_names{
    "Sent",     "Sent Items",        "Sent Messages",      "Sent Mail",
    "Gesendet", "Gesendete Objekte", "Gesendete Elemente", "Éléments envoyés",
    "Enviados"};
constexpr std::array<std::string_view, 8> trash_names{
    "Trash",      "Deleted Items",     "Deleted Messages",   "Bin",
    "Papierkorb", "Gelöschte Objekte", "Gelöschte Elemente", "Corbeille"};
constexpr std::array<std::string_view, 7> junk_names{
    "Junk", "Spam", "Junk E-mail", "Junk Email", "Bulk Mail", "Bulk", "Junk-E-Mail"};
constexpr std::array<std::string_view, 4> drafts_names{"Drafts", "Draft", "Entwürfe", "Brouillons"};
constexpr std::array<std::string_view, 3> archive_names{"Archive", "Archives", "Archiv"};
constexpr std::array<std::string_view, 1> all_names{"All Mail"};
constexpr std::array<std::string_view, 2> flagged_names{"Starred", "Flagged"};

std::span<const std::string_view> usual_names(SpecialUse use) {
  switch (use) {
    case SpecialUse::all:
      return all_names;
    case SpecialUse::archive:
      return archive_names;
    case SpecialUse::drafts:
      return drafts_names;
    case SpecialUse::flagged:
      return flagged_names;
    case SpecialUse::junk:
      return junk_names;
    case SpecialUse::sent:
      return sent_names;
    case SpecialUse::trash:
      return trash_names;
  }
  return {};
}

std::string_view last_part(const ListedFolder& folder) {
  const std::string_view name = folder.name;
  if (!folder.delimiter) return name;
  const auto at = name.rfind(*folder.delimiter);
  return at == std::string_view::npos ? name : name.substr(at + 1);
}

}  // namespace

std::optional<SpecialUse> told_use(const ListedFolder& folder) {
  for (const auto& attribute : folder.attributes) {
    for (const auto& [word, use] : attributes) {
      if (is_word(attribute, word)) return use;
    }
  }
  return std::nullopt;
}

bool is_selectable(const ListedFolder& folder) {
  return std::none_of(folder.attributes.begin(), folder.attributes.end(), [](const auto& word) {
    return is_word(word, "\\NOSELECT") || is_word(word, "\\NONEXISTENT");
  });
}

std::optional<ListedFolder> find_folder(const std::vector<ListedFolder>& folders, SpecialUse use) {
  for (const auto& folder : folders) {
    if (is_selectable(folder) && told_use(folder) == use) return folder;
  }
  for (const auto& usual : usual_names(use)) {
    for (const auto& folder : folders) {
      if (is_selectable(folder) && is_word(last_part(folder), to_upper(usual))) return folder;
    }
  }
  return std::nullopt;
}

}  // namespace postern::imap
