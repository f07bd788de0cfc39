// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/kept_services.h"

#include "config/limits.h"
#include "config/rooted.h"
#include "kernel/in_child.h"
#include "kernel/run_files.h"
#include "run/pid_files.h"

namespace curfew {

std::vector<std::string> KeepServices(Kernel& kernel, const std::string& root,
                                      const std::string& init_d, const Settings& settings) {
  const std::string dir = FileBelow(root, run_files::kOmitDirectory);
  for (const std::string& name : kernel.List(dir).value)
    if (name.starts_with(run_files::kKeptService)) (void)kernel.Unlink(dir + "/" + name);
  std::vector<std::string> lines;
  for (const std::string& service : settings.never_kill) {
    if (service.find('/') != service.npos) continue;
    const auto files = StringsFromChild(kernel, limits::kReadPidList, [&] {
      auto known = PidFilesOf(kernel, root, service, init_d + "/" + service);
      std::erase_if(known, [&](const std::string& file) { return !kernel.Stat(root + file); });
      return known;
    });
    const std::string why = "KILL=no of " + service + ": ";
    if (!files) lines.push_back(why + files.error.message() + "; it is ended with the others");
    if (files && files.value.empty())
      lines.push_back(why + "it has no pid file; what runs of it is ended with the others");
    for (std::size_t i = 0; i < files.value.size(); ++i) {
      const auto link = dir + "/" + run_files::kKeptService + service + "-" + std::to_string(i);
      if (const auto error = ReplaceLink(kernel, files.value[i], link))
        lines.push_back(why + link + ": " + error.message());
    }
  }
  return lines;
}

}  // namespace curfew
