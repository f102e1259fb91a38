// See providers.hpp.
#include "oauth/providers.hpp"

#include "oauth/provider_tables.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace postern::oauth {
namespace {

std::vector<Provider> make_all() {
  std::vector<Provider> all;
  for (auto part :
       {microsoft_providers(), oauth_providers(), password_providers(), relay_providers()}) {
    std::ranges::move(part, std::back_inserter(all));
  }
  all.push_back(custom_provider());
  return all;
}

}  // namespace

const std::vector<Provider>& known_providers() {
  static const std::vector<Provider> all = make_all();
  return all;
}

const Provider* known_provider(std::string_view id) {
  const auto& all = known_providers();
  const auto found = std::ranges::find(all, id, &Provider::id);
  return found == all.end() ? nullptr : &*found;
}

const Provider* provider_of_smtp_host(std::string_view host) {
  const auto& all = known_providers();
  const auto found = std::ranges::find_if(
      all, [&](const auto& each) { return !host.empty() && each.smtp.host == host; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace postern::oauth
