// See profile_book.hpp.
#include "web/profile_book.hpp"

namespace postern::web {

net::Task<Answer<ProfileBook>> ProfileBook::load(Api& api) {
  POSTERN_CO_TRY(auto all, co_await api.store.profiles().list());
  ProfileBook book;
  for (auto& each : all) {
    auto id = each.value.id.str();
    book.profiles_.emplace(std::move(id), std::move(each.value));
  }
  co_return book;
}

FindProfile ProfileBook::find() const {
  return [this](const std::string& id) -> const Profile* {
    const auto found = profiles_.find(id);
    return found == profiles_.end() ? nullptr : &found->second;
  };
}

boost::json::array warnings_json(const std::vector<std::string>& warnings) {
  return boost::json::array(warnings.begin(), warnings.end());
}

}  // namespace postern::web
