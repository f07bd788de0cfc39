// SPDX-License-Identifier: GPL-2.0-or-later
// What `curfew` reads of past and running changes of level, and prints on a terminal.
#include <boost/json.hpp>

#include "fuzz.h"
#include "report/json_text.h"
#include "report/log_text.h"
#include "report/next_boot.h"
#include "report/pstore.h"
#include "report/run_text.h"
#include "report/verdict.h"
#include "scripted_kernel.h"
#include "trace/kept_trace.h"
#include "trace/run_state.h"
#include "trace/status_text.h"

namespace curfew::trace_fuzz {

/// A terminal that shows `text` obeys nothing in it.
static void HoldSafe(std::string_view text) {
  for (const unsigned char c : text) HOLDS((c >= 0x20 && c != 0x7F) || c == '\n');
}

static void HoldJson(std::string_view text) {
  HoldSafe(text);
  boost::system::error_code error;
  boost::json::parse(text, error);
  HOLDS(!error);
}

FUZZ("trace", text) {
  (void)LevelOfTrace(text);
  ChosenRun chosen;
  chosen.all.push_back({"/var/log/curfew/000001-20240101-000000-0.jsonl", 1, {}, false});
  chosen.loaded.trace.text = text;
  chosen.loaded.run = ReadRecordedRun(chosen.loaded.trace);
  const RecordedRun& run = chosen.loaded.run;
  for (const RecordedScript& script : run.scripts) HOLDS(script.DurationUs().value_or(0) >= 0);
  HoldSafe(JudgeRun(run, false).text + LastSeenAt(run));
  UsualTimes usual;
  for (int i = 0; i < 3; ++i) usual.Add(run);
  HoldSafe(ReportText(chosen, usual, 80) + BlameText(run, 80) + ChainText(run, 80));
  HoldJson(JsonText(ReportJson(chosen, usual)));
  HoldJson(JsonText(BlameJson(run)));
  HoldJson(JsonText(ChainJson(run)));
  std::string log, json;
  WriteLog(chosen.loaded, {}, [&](std::string_view part) { log += part; });
  WriteLogJson(chosen.loaded, {}, [&](std::string_view part) { json += part; });
  HoldSafe(log);
  HoldJson(json);
  // What was read of a trace does not depend on what a torn line behind it holds.
  const TraceText whole{std::string(text.substr(0, text.rfind('\n') + 1)), false};
  HOLDS(ReadRecordedRun(whole).scripts.size() == run.scripts.size());
}

/// The trace of a run that goes on, a line "status", and what rc says of itself.
FUZZ("run-state", text) {
  const std::size_t middle = std::min(text.find("\nstatus\n"), text.size());
  RunState state = ReadRunState(text.substr(0, middle));
  TakeRunStatus(text.substr(middle), &state);
  ScriptedKernel kernel;
  HoldSafe(StatusText(state, kernel, 1000000));
  HoldJson(StatusJson(state, 1000000));
}

/// "=kernel", the messages of the next boot; "=check", of a file system check; "=/sys/fs/pstore/X",
/// what was kept of the kernel's log.
FUZZ("boot-logs", input) {
  BootLogs logs;
  ScriptedKernel kernel;
  for (const fuzz::File& file : fuzz::FilesIn(input)) {
    if (file.path == "kernel") logs.kernel = file.text;
    if (file.path == "check") logs.checks.push_back(file.text);
    if (!file.path.starts_with("/sys/fs/pstore/")) continue;
    kernel.files[file.path] = file.text;
    kernel.dirs["/sys/fs/pstore"].push_back(file.path.substr(15));
  }
  (void)SignsOfUse(logs);
  TraceText trace;
  trace.text = ReadPstore(kernel, "", "/var/log/curfew/000001-20240101-000000-0.jsonl").events;
  (void)JudgeLastEnd(ReadRecordedRun(trace), logs);
}

}  // namespace curfew::trace_fuzz
