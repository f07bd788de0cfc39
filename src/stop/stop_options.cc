// SPDX-License-Identifier: GPL-2.0-or-later
#include "stop/stop_options.h"

#include <getopt.h>

#include <vector>

namespace curfew {
namespace {

/// Long options without a letter.
enum LongOnly { kPid = 500, kParent, kRemovePidfile, kNotifyAwait, kNotifyTimeout };

/// All options of start-stop-daemon in dpkg 1.21, so that a shortened one means the same.
constexpr char kLetters[] = "HKSVTa:n:op:qr:s:tu:vx:c:N:P:I:k:bCO:mR:g:d:";
constexpr option kOptions[] = {
    {"help", no_argument, nullptr, 'H'},
    {"stop", no_argument, nullptr, 'K'},
    {"start", no_argument, nullptr, 'S'},
    {"status", no_argument, nullptr, 'T'},
    {"version", no_argument, nullptr, 'V'},
    {"startas", required_argument, nullptr, 'a'},
    {"name", required_argument, nullptr, 'n'},
    {"oknodo", no_argument, nullptr, 'o'},
    {"pid", required_argument, nullptr, kPid},
    {"ppid", required_argument, nullptr, kParent},
    {"pidfile", required_argument, nullptr, 'p'},
    {"quiet", no_argument, nullptr, 'q'},
    {"signal", required_argument, nullptr, 's'},
    {"test", no_argument, nullptr, 't'},
    {"user", required_argument, nullptr, 'u'},
    {"group", required_argument, nullptr, 'g'},
    {"chroot", required_argument, nullptr, 'r'},
    {"verbose", no_argument, nullptr, 'v'},
    {"exec", required_argument, nullptr, 'x'},
    {"chuid", required_argument, nullptr, 'c'},
    {"nicelevel", required_argument, nullptr, 'N'},
    {"procsched", required_argument, nullptr, 'P'},
    {"iosched", required_argument, nullptr, 'I'},
    {"umask", required_argument, nullptr, 'k'},
    {"background", no_argument, nullptr, 'b'},
    {"notify-await", no_argument, nullptr, kNotifyAwait},
    {"notify-timeout", required_argument, nullptr, kNotifyTimeout},
    {"no-close", no_argument, nullptr, 'C'},
    {"output", required_argument, nullptr, 'O'},
    {"make-pidfile", no_argument, nullptr, 'm'},
    {"remove-pidfile", no_argument, nullptr, kRemovePidfile},
    {"retry", required_argument, nullptr, 'R'},
    {"chdir", required_argument, nullptr, 'd'},
    {nullptr, 0, nullptr, 0},
};

/// A longer name is no process's: dpkg warns of it.
constexpr std::size_t kLongestName = 15;

/// What the options say, before dpkg's order of reading the values: a signal counts for a timeout
/// that stands before it.
struct Given {
  StopOptions options;
  bool stop = false;
  std::string retry;
  int signal = SIGTERM;
  bool makes_pidfile = false;
};

bool SetText(const char* value, std::string* text) {
  *text = value;
  return !text->empty();
}

bool SetCount(const char* value, int least, int* number) {
  const std::optional<int> count = ParseCount(value);
  *number = count.value_or(0);
  return count && *count >= least;
}

bool SetSignal(const char* value, int* number) {
  const std::optional<int> signal = ParseSignalName(value);
  *number = signal.value_or(0);
  return signal.has_value();
}

/// False for an option or a value that is left to dpkg.
bool SetOption(int letter, const char* value, Given* given) {
  StopOptions& options = given->options;
  switch (letter) {
    case 'K':
      return given->stop = true;
    case 'R':
      return SetText(value, &given->retry);
    case 's':
      return SetSignal(value, &given->signal);
    case kPid:
      return SetCount(value, 1, &options.pid);
    case kParent:
      return SetCount(value, 1, &options.parent);
    case 'p':
      return SetText(value, &options.pidfile);
    case 'x':
      return SetText(value, &options.exec) && options.exec[0] == '/';
    case 'n':
      return SetText(value, &options.name) && options.name.size() <= kLongestName;
    case 'u':
      return SetText(value, &options.user);
    case 'o':
      return options.nothing_is_good = true;
    case 'q':
      options.talk = StopOptions::Talk::kQuiet;
      return true;
    case 'v':
      options.talk = StopOptions::Talk::kVerbose;
      return true;
    // Of a start: scripts give them to both.
    case 'a':
      return true;
    case 'm':
      return given->makes_pidfile = true;
    case 'c':
      return SetText(value, &options.as_user) && options.as_user.find(':') == std::string::npos;
    case kRemovePidfile:
      return options.removes_pidfile = true;
    default:
      return false;
  }
}

bool HasMatch(const StopOptions& options) {
  return options.pid > 0 || options.parent > 0 || !options.pidfile.empty() ||
         !options.exec.empty() || !options.name.empty() || !options.user.empty();
}

}  // namespace

std::string StopOptions::What() const {
  if (!name.empty()) return name;
  if (!exec.empty()) return exec;
  if (!pidfile.empty()) return "process in pidfile '" + pidfile + "'";
  if (pid > 0) return "process with pid " + std::to_string(pid);
  if (parent > 0) return "process(es) with parent pid " + std::to_string(parent);
  return "process(es) owned by '" + user + "'";
}

std::optional<StopOptions> ParseStopOptions(int argc, char* const* argv) {
  // getopt_long sorts what it reads.
  std::vector<char*> words(argv, argv + argc);
  words.push_back(nullptr);
  Given given;
  opterr = 0;
  optind = 0;
  for (;;) {
    const int letter = getopt_long(argc, words.data(), kLetters, kOptions, nullptr);
    if (letter == -1) break;
    if (!SetOption(letter, optarg, &given)) return std::nullopt;
  }
  StopOptions& options = given.options;
  if (!given.stop || given.retry.empty() || !HasMatch(options)) return std::nullopt;
  if (!options.pidfile.empty() && options.pid > 0) return std::nullopt;
  if ((options.removes_pidfile || given.makes_pidfile) && options.pidfile.empty())
    return std::nullopt;
  const std::optional<Schedule> schedule = ParseSchedule(given.retry, given.signal);
  if (!schedule) return std::nullopt;
  options.schedule = *schedule;
  return options;
}

}  // namespace curfew
