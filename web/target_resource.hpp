// A target as a resource: how it is shown, with its status and without secrets, and read.
#pragma once

#include "core/target.hpp"
#include "web/api.hpp"

#include <boost/json/object.hpp>

#include <vector>

namespace postern::web {

/// Each with all fields of the contract, its status and times. Problems: storage's.
net::Task<Answer<std::vector<boost::json::object>>> shown_targets(
    Api& api, const std::vector<storage::StoredTarget>& targets);

/// 200 (or `status`) with the target and its ETag; with `secret` it is the one answer to show that.
net::Task<Answer<Response>> target_response(Api& api, storage::StoredTarget target,
                                            int status = 200,
                                            std::optional<Secret> secret = std::nullopt);

/// The one that the path names. Problems: 404.
net::Task<Answer<storage::StoredTarget>> named_target(Api& api, const Call& call);

/// A whole target; a grant that it names is there, or is the one it `had` before. Problems: 400
/// with every wrong field.
net::Task<Answer<TargetDraft>> read_target(Api& api, const boost::json::value& body,
                                           std::optional<std::string> had = std::nullopt);

}  // namespace postern::web
