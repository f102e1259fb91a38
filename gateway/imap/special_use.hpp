// What a listed folder is there for: sent mail, the bin, … By the server's own word where it says
// one (SPECIAL-USE, RFC 6154; XLIST's), else by the names that are usual. Pure.
#pragma once

#include "imap/steps.hpp"

#include <optional>
#include <vector>

namespace postern::imap {

enum class SpecialUse { all, archive, drafts, flagged, junk, sent, trash };

/// By the attributes alone; nothing when none tells.
std::optional<SpecialUse> told_use(const ListedFolder& folder);

/// Whether messages can be in it: not \Noselect or \NonExistent.
bool is_selectable(const ListedFolder& folder);

/// The folder for `use`: a selectable one that is told to be it, else the first whose last name
/// part is one of the usual (Exchange, iCloud and old servers tell none). Nothing when there is
/// none of either.
std::optional<ListedFolder> find_folder(const std::vector<ListedFolder>& folders, SpecialUse use);

}  // namespace postern::imap
