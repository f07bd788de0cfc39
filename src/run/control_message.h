// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/un.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "kernel/result.h"

namespace curfew {

/// What `curfew skip` asks of the running rc.
struct SkipRequest {
  std::string name;  ///< of a service or of its link; empty: all that is left of the script phase
};

/// What became of the request.
struct ControlAnswer {
  bool done = false;
  std::string text;  ///< one line for the sender
};

/// Longest request and answer; a file name has 255 bytes.
constexpr size_t kControlBytes = 1024;

/// The message on the socket: "skip NAME", "skip-all"; "done TEXT", "not TEXT".
std::string Encoded(const SkipRequest& request);
std::string Encoded(const ControlAnswer& answer);
/// Nothing if `message` has another form.
std::optional<SkipRequest> DecodedRequest(std::string_view message);
std::optional<ControlAnswer> DecodedAnswer(std::string_view message);

/// errc::filename_too_long above 107 bytes (unix(7)).
Result<sockaddr_un> ControlAddress(const std::string& path);

/// Asks the rc that listens on `path`, and waits for 2 s at the most.
/// errc::no_such_file_or_directory or errc::connection_refused: no rc listens; errc::timed_out: rc
/// does not answer.
Result<ControlAnswer> AskControl(const std::string& path, const SkipRequest& request);

}  // namespace curfew
