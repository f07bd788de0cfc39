// SPDX-License-Identifier: GPL-2.0-or-later
#include "kernel/process_info.h"

#include <algorithm>
#include <array>

#include "text/text.h"

namespace curfew {
namespace {

/// PF_KTHREAD of <linux/sched.h>, in the flags of /proc/PID/stat.
constexpr unsigned long kKernelThreadFlag = 0x00200000;

template <typename T>
bool Number(std::string_view text, T* value) {
  const auto number = ParseNumber<T>(text);
  *value = number.value_or(T{});
  return number.has_value();
}

/// The fields from the state on that are read here, by their numbers in proc(5).
constexpr int kFirst = 3;
constexpr int kLast = 22;
using Fields = std::array<std::string_view, kLast - kFirst + 1>;

bool Split(std::string_view text, Fields* fields) {
  for (auto& field : *fields) {
    if (!text.starts_with(' ')) return false;
    text.remove_prefix(1);
    field = text.substr(0, text.find_first_of(" \n"));
    text.remove_prefix(field.size());
  }
  return true;
}

}  // namespace

std::optional<ProcessInfo> ParseStat(std::string_view line) {
  auto open = line.find(" (");
  auto close = line.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open + 2)
    return {};
  Fields fields;
  if (!Split(line.substr(close + 1), &fields) || fields[0].size() != 1) return {};
  auto field = [&](int number) { return fields[number - kFirst]; };
  ProcessInfo process;
  unsigned long flags = 0;
  std::uint64_t in_kernel = 0;
  bool good = Number(line.substr(0, open), &process.pid) && Number(field(4), &process.parent) &&
              Number(field(5), &process.group) && Number(field(6), &process.session) &&
              Number(field(7), &process.terminal) && Number(field(9), &flags) &&
              Number(field(14), &process.cpu) && Number(field(15), &in_kernel) &&
              Number(field(20), &process.threads) && Number(field(22), &process.start);
  if (!good) return {};
  process.cpu += in_kernel;
  process.state = fields[0][0];
  process.kernel_thread = flags & kKernelThreadFlag;
  process.name = line.substr(open + 2, close - open - 2);
  return process;
}

Result<ProcessInfo> ReadProcess(Files& files, pid_t pid) {
  auto line = files.Read("/proc/" + std::to_string(pid) + "/stat");
  if (!line) return line.error;
  auto process = ParseStat(line.value);
  if (!process) return std::make_error_code(std::errc::bad_message);
  return *process;
}

bool IsGone(std::error_code error) {
  return error == std::errc::no_such_file_or_directory || error == std::errc::no_such_process;
}

pid_t ParsePid(std::string_view text) {
  return std::max(ParseNumber<pid_t>(text).value_or(0), 0);
}

std::string ForeignMountNamespace(Files& files, pid_t pid) {
  const auto theirs = files.ReadLink("/proc/" + std::to_string(pid) + "/ns/mnt");
  if (!theirs || theirs.value == files.ReadLink("/proc/self/ns/mnt").value) return "";
  return theirs.value;
}

std::uint64_t BitSet(const std::string& status, const std::string& key) {
  const std::size_t at = status.find("\n" + key + ":\t");
  if (at == status.npos) return 0;
  return std::strtoull(status.c_str() + at + key.size() + 3, nullptr, 16);
}

}  // namespace curfew
