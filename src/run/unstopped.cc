// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/unstopped.h"

#include <algorithm>
#include <map>
#include <utility>

#include "kernel/run_files.h"
#include "run/pid_files.h"
#include "run/process_scan.h"
#include "text/text.h"

namespace curfew {
namespace {

/// The pids that Debian's sendsigs leaves alone, each in a file of these.
std::set<pid_t> OmittedPids(Kernel& kernel) {
  constexpr char kDirectory[] = "/run/sendsigs.omit.d";
  std::vector<std::string> files{"/run/sendsigs.omit"};
  for (const std::string& name : kernel.List(kDirectory).value) {
    files.push_back(std::string(kDirectory) + "/" + name);
  }
  std::set<pid_t> pids;
  for (const std::string& file : files) {
    const std::string text = kernel.ReadRegular(file, kLongestPidFile).value;
    for (const std::string_view line : Lines(text)) pids.insert(ParsePid(Trimmed(line)));
  }
  return pids;
}

std::set<std::string> Stopped(const Plan& plan) {
  std::set<std::string> services;
  for (const Pass& pass : plan.passes) {
    for (const Script& script : pass.scripts) {
      if (script.action == Action::kStop) services.insert(script.service);
    }
  }
  return services;
}

}  // namespace

std::vector<Unstopped> FindUnstopped(Kernel& kernel, const LevelChange& change) {
  const std::string init_d(DialectOf(change.settings.layout).init_d);
  const std::set<std::string> stopped = Stopped(change.plan);
  std::vector<ScanRequest> requests;
  std::vector<std::string> names = kernel.List(init_d).value;
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    if (stopped.contains(name)) continue;
    ScanRequest& request = requests.emplace_back();
    request.purpose = ScanRequest::Purpose::kDaemons;
    request.key = static_cast<int>(requests.size()) - 1;
    request.service = name;
    request.path = init_d + "/" + name;
  }
  const std::set<pid_t> omitted = OmittedPids(kernel);
  std::map<int, std::vector<std::string>> found;
  ProcessScan::Report report;
  report.reads_process = [](pid_t) {};
  report.reads_script = [](int) {};
  report.done = [](int) {};
  report.process = [&](int key, const ScannedProcess& process) {
    if (process.state == 'Z' || omitted.contains(process.id.pid)) return;
    found[key].push_back(process.name + "[" + std::to_string(process.id.pid) + "]");
  };
  ProcessScan(kernel, "", {}, report).Run(requests);
  std::vector<Unstopped> services;
  for (auto& [key, processes] : found) {
    services.push_back({requests[static_cast<size_t>(key)].service, std::move(processes)});
  }
  return services;
}

}  // namespace curfew
