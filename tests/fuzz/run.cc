// SPDX-License-Identifier: GPL-2.0-or-later
// What users, scripts and their services send to rc, and the files that one rc leaves to the next.
#include <boost/json.hpp>

#include "console/escape.h"
#include "fuzz.h"
#include "kernel/run_files.h"
#include "run/control_message.h"
#include "run/line_buffer.h"
#include "run/pid_files.h"
#include "run/state_files.h"
#include "run/usual_durations.h"
#include "scripted_kernel.h"
#include "text/encoded_line.h"
#include "text/json_line.h"
#include "text/text.h"
#include "trace/level_request.h"

namespace curfew::run_fuzz {

FUZZ("control", message) {
  if (const auto request = DecodedRequest(message)) {
    const auto again = DecodedRequest(Encoded(*request));
    HOLDS(again && again->kind == request->kind && again->name == request->name &&
          again->time == request->time);
    HOLDS(Encoded(*request).size() <= message.size());
  }
  if (const auto answer = DecodedAnswer(message)) HOLDS(Encoded(*answer) == message);
}

FUZZ("pid-files", script) {
  const std::vector<std::string> paths = PidFilesIn(script);
  HOLDS(paths.size() <= 16);
  for (const std::string& path : paths) {
    HOLDS(path.starts_with("/run/") || path.starts_with("/var/run/"));
    HOLDS(path.ends_with(".pid") && path.find("..") == path.npos);
    HOLDS(path.size() <= 4096);
  }
  HOLDS(ParsePid(script) >= 0);
}

/// The same bytes as each of the files in /run/curfew.
FUZZ("state-files", text) {
  ScriptedKernel kernel;
  for (const char* file : {run_files::kStopped, run_files::kRunning, run_files::kLevelLeft,
                           run_files::kUsual, run_files::kAsked})
    kernel.files[file] = text;
  StateFiles state(kernel, "");
  (void)state.Stopped();
  (void)state.LevelLeft();
  const auto running = state.LeftRunning();
  HOLDS(!state.RecordRunning(running));
  const auto again = state.LeftRunning();
  HOLDS(again.size() == running.size());
  for (std::size_t i = 0; i < running.size(); ++i)
    HOLDS(again[i].pid == running[i].pid && again[i].service == running[i].service &&
          again[i].abandoned == running[i].abandoned);
  const UsualDurations usual = ReadUsual(kernel, "");
  kernel.files[run_files::kUsual] = UsualText(usual);
  HOLDS(ReadUsual(kernel, "") == usual);
  (void)TakeRequest(kernel, "", "0", std::chrono::hours(1), 0);
  HOLDS(DecodedLine(EncodedLine(text)) == text);
}

/// What a service prints, in pieces of the length that the first byte says.
FUZZ("output", bytes) {
  if (bytes.empty()) return;
  const std::size_t piece = static_cast<unsigned char>(bytes[0]) + 1u;
  bytes.remove_prefix(1);
  LineBuffer buffer;
  std::size_t passed = 0;
  const auto take = [&](std::string_view line) {
    passed += line.size();
    HOLDS(line.size() <= LineBuffer::kLongest);
    for (const unsigned char c : Escaped(line)) HOLDS(c >= 0x20 && c != 0x7F);
    JsonLine json;
    json.Text("text", line);
    const auto value = boost::json::parse(json.Done());
    const auto& read = value.as_object().at("text").as_string();
    // Bytes that are not UTF-8 come back as U+FFFD.
    HOLDS(std::string_view(read) == line || read.find("\xEF\xBF\xBD") != read.npos);
  };
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    buffer.Add(bytes.substr(at, piece), take);
  buffer.Flush(take);
  HOLDS(passed <= bytes.size());
}

}  // namespace curfew::run_fuzz
