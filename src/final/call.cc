// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/call.h"

#include <string>
#include <utility>
#include <vector>

#include "config/limits.h"
#include "config/settings.h"
#include "kernel/container.h"
#include "kernel/in_child.h"
#include "kernel/run_files.h"

namespace curfew {
namespace {

/// /etc may lie on a disk that is dead by now: a child reads the files, and the defaults count if
/// it does not answer in time. rc has reported what is wrong in the files.
Settings ReadSettings(Kernel& kernel) {
  auto words = StringsFromChild(kernel, limits::kSettingsFiles, [] {
    std::vector<std::string> warnings;
    SettingsFiles read = ReadSettingsFiles("", &warnings);
    std::vector<std::string> found = {LayoutWord(read.layout)};
    for (SettingsFile& file : read.files)
      found.insert(found.end(), {std::move(file.path), std::move(file.text)});
    return found;
  });
  SettingsFiles found;
  if (!words.value.empty()) ParseLayout(words.value[0], &found.layout);
  for (std::size_t i = 1; i + 1 < words.value.size(); i += 2)
    found.files.push_back({words.value[i], words.value[i + 1]});
  std::vector<std::string> warnings;
  return ParseSettings(found, &warnings);
}

}  // namespace

FinalRequest RequestOf(Kernel& kernel, const Call& call) {
  const Options& options = call.options;
  const bool until_power = call.mode == Mode::kUntilPower;
  const bool sequence = call.mode == Mode::kSequence;
  FinalRequest request;
  request.ending = options.ending;
  request.restart_argument = options.restart_argument;
  request.sync = !options.no_sync;
  request.record = !options.no_sync && !options.no_record;
  request.ups = !options.no_record && !until_power;
  request.standby = options.standby;
  request.interfaces_down = options.interfaces_down;
  request.in_shutdown = options.fast || IsFinalLevel(call.level) || sequence || until_power ||
                        call.mode == Mode::kSignalInit || call.pid1.GoesDown();
  request.last = sequence || until_power;
  request.finished = request.last && bool(kernel.Read(run_files::kFinished));
  request.without_rc = sequence && !IsFinalLevel(call.level);
  request.container = InContainer(kernel);
  if (options.spare_fd >= 0)
    request.groups_file = "/proc/self/fd/" + std::to_string(options.spare_fd);
  if (request.last || call.mode == Mode::kStages) request.settings = ReadSettings(kernel);
  return request;
}

}  // namespace curfew
