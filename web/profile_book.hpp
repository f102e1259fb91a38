// The profiles as core/reach asks for them.
#pragma once

#include "core/reach.hpp"
#include "web/api.hpp"

#include <map>
#include <string>

namespace postern::web {

class ProfileBook {
 public:
  static net::Task<Answer<ProfileBook>> load(Api& api);

  /// Good as long as the book is.
  FindProfile find() const;

 private:
  std::map<std::string, Profile> profiles_;
};

/// For an object's "warnings".
boost::json::array warnings_json(const std::vector<std::string>& warnings);

}  // namespace postern::web
