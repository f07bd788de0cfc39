// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/types.h>
#include <sys/un.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "kernel/result.h"

namespace curfew {

/// What `curfew` asks of the running rc.
struct ControlRequest {
  enum class Kind {
    kSkip,     ///< leave the script `name` alone
    kSkipAll,  ///< leave alone all that is left of the script phase
    kExtend,   ///< wait for the script `name` for `time` from now, if it has no hard limit before
    kStatus,   ///< say what runs: see run_status.h
  };
  Kind kind = Kind::kSkipAll;
  std::string name = {};  ///< of a service or of its link
  std::chrono::seconds time{0};
  /// The process that asks, where it is not root's: it counts only for a script that it came from.
  /// Not in the message; the kernel tells it.
  std::optional<pid_t> sender = {};
};

/// What became of the request.
struct ControlAnswer {
  bool done = false;
  std::string text;  ///< one line for the sender; the lines of kStatus
};

/// Longest request; a file name has 255 bytes.
constexpr size_t kRequestBytes = 1024;
/// Longest answer: less than the kernel lets a socket hold (net.core.wmem_default, 208 KiB).
constexpr size_t kAnswerBytes = 65536;

/// The message on the socket: "skip NAME", "skip-all", "extend SECONDS NAME", "status"; "done
/// TEXT", "not TEXT".
std::string Encoded(const ControlRequest& request);
std::string Encoded(const ControlAnswer& answer);
/// Nothing if `message` has another form.
std::optional<ControlRequest> DecodedRequest(std::string_view message);
std::optional<ControlAnswer> DecodedAnswer(std::string_view message);

/// errc::filename_too_long above 107 bytes (unix(7)).
Result<sockaddr_un> ControlAddress(const std::string& path);

/// Asks the rc that listens on `path`, and waits for 2 s at the most.
/// errc::no_such_file_or_directory or errc::connection_refused: no rc listens; errc::timed_out: rc
/// does not answer.
Result<ControlAnswer> AskControl(const std::string& path, const ControlRequest& request);

}  // namespace curfew
