// Masking: takes secrets out of what a server says back, whatever dress they come in. What we say
// ourselves is masked by its structure, in tape; this is for echoes.
#pragma once

#include "core/result.hpp"
#include "core/secret.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

namespace postern::flows {

class Masking {
 public:
  explicit Masking(const std::vector<Secret>& secrets);
  Masking(const Masking&) = delete;  // parts_ looks into long_
  Masking& operator=(const Masking&) = delete;

  /// `text` with *** for each run of bytes that belongs to a secret: as it is, quoted, in base 64
  /// (both alphabets, at any of its three alignments), in hexadecimal or percent encoding, in any
  /// case of letters. A run of part_bytes of a long secret is enough, so that a secret cut or
  /// wrapped is found; a secret shorter than whole_bytes_min only where it stands as a word of its
  /// own. `cut`: the line went on, and what may be a secret's beginning at its end is masked too.
  std::string mask(std::string_view text, bool cut = false) const;

  static constexpr std::size_t part_bytes = 8;
  static constexpr std::size_t whole_bytes_min = 4;

 private:
  void add(const std::string& form);
  void mark_parts(std::string_view lower, std::vector<bool>& marks) const;
  void mark_whole(std::string_view lower, std::vector<bool>& marks) const;
  void mark_end(std::string_view lower, std::vector<bool>& marks) const;

  // All in lower case. `long_` owns what `parts_` looks into.
  std::vector<Secret> long_, short_;
  std::unordered_set<std::string_view> parts_;
};

/// The error that an engine's step tells of, if it has one, becomes what `mask` makes of it.
template <class Step, class Mask>
void mask_error_of(Step& step, const Mask& mask) {
  std::visit(
      [&mask](auto& news) {
        if constexpr (requires { *news.error; }) {
          if (news.error) news.error = mask(std::move(*news.error));
        }
      },
      step);
}

}  // namespace postern::flows
