// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/processes/upstart.h"

#include "config/limits.h"
#include "kernel/in_child.h"
#include "kernel/process_info.h"
#include "text/text.h"

namespace curfew {
namespace {

constexpr const char* kInitctl = "/sbin/initctl";

}  // namespace

std::set<pid_t> ParseJobs(std::string_view list) {
  constexpr std::string_view kMark = "process ";
  std::set<pid_t> pids;
  for (const std::string_view line : Lines(list)) {
    const size_t mark = line.rfind(kMark);
    if (mark == line.npos) continue;
    if (pid_t pid = ParsePid(line.substr(mark + kMark.size()))) pids.insert(pid);
  }
  return pids;
}

UpstartJobs::UpstartJobs(StageContext& context) : context_(context) {
  Kernel& kernel = context.kernel;
  const auto is_program =
      InChild(kernel, limits::kInitctl, [&] { return IsProgram(kernel, kInitctl); });
  if (!is_program) ReportFailure("", is_program.error);
  answers_ = is_program.value;
}

void UpstartJobs::Refresh() {
  if (!answers_) return;
  std::string list;
  const auto status = RunProgram(context_.kernel, {kInitctl, "list"}, limits::kInitctl, &list);
  // The last line of a program that was killed may be torn.
  if (status) processes_.merge(ParseJobs(list));
  // Under another init initctl cannot connect; it fails with a message of its own.
  answers_ = status && status.value == 0;
  if (status) return;
  ReportFailure(" list", status.error);
}

void UpstartJobs::ReportFailure(const std::string& arguments, std::error_code error) {
  const bool late = error == std::errc::timed_out;
  context_.report.Say(kInitctl + arguments + ": " + (late ? "does not answer" : error.message()) +
                      "; no more jobs are spared");
}

}  // namespace curfew
