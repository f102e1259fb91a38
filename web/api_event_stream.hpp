// The events as a stream; see api_event_stream.cpp.
#pragma once

#include "web/api.hpp"

namespace postern::web {

/// How often a stream looks for news that nobody woke it for, and tells that it is still there.
constexpr Duration stream_look_every{5000};
constexpr Duration stream_beat_every{15000};

/// Whether Accept asks for text/event-stream.
bool wants_stream(const Request& request);

/// 200 and the stream, for a caller who may read. Problems: 429 too_many_streams.
Answer<Response> event_stream(Api& api, const Call& call, storage::EventFilter filter);

}  // namespace postern::web
