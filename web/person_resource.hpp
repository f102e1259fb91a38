// A person as the API takes and shows one, and the answer that signs somebody in.
#pragma once

#include "core/json_fields.hpp"
#include "web/api.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace postern::web {

constexpr std::size_t person_name_bytes_max = 64;

struct WantedPerson {
  std::string name, role, address;
  std::string password;
};

struct PersonFields {
  bool role = true;  // whether it is a field, and has to be there
};

/// What is wrong with where somebody reads mail; empty is well.
void check_address(const std::string& address, FieldProblems& problems);

/// Reads name, password (held against the rules), address and role, and finishes `fields`.
WantedPerson read_person(JsonFields& fields, FieldProblems& problems, PersonFields which);

/// The hash, made on the thread for that.
net::Task<Answer<std::string>> hash_off_thread(Api& api, Secret password);

/// The row that `wanted` becomes.
net::Task<Answer<storage::Person>> hashed(Api& api, const Call& call, WantedPerson wanted);

boost::json::object person_json(const storage::Person& person);

/// A new session of `name`: its cookie, and the body that POST /session answers with. The call is
/// that person's from now on.
net::Task<Answer<Response>> signed_in(Api& api, Call& call, std::string name);

/// Set-Cookie of the session's cookie.
std::string session_cookie_text(const Api& api, std::string_view value, Duration age);

}  // namespace postern::web
