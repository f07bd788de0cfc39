// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/settings.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string_view>

#include "config/assignments.h"
#include "config/file.h"

namespace curfew {
namespace {

std::vector<std::string> Words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

/// "yes" and "no" only; false means a bad value.
bool SetYesNo(const std::string& value, bool* target) {
  if (value != "yes" && value != "no") return false;
  *target = value == "yes";
  return true;
}

bool SetNumber(const std::string& value, int least, int most, int* target) {
  int number = 0;
  const char* end = value.data() + value.size();
  auto [stop, error] = std::from_chars(value.data(), end, number);
  if (error != std::errc() || stop != end || number < least || number > most) return false;
  *target = number;
  return true;
}

bool SetSeconds(const std::string& value, int least, std::chrono::seconds* target) {
  int number = 0;
  if (!SetNumber(value, least, 86400, &number)) return false;
  *target = std::chrono::seconds(number);
  return true;
}

/// [Pp]* and [Hh]* as Debian's halt script reads them; it takes all else as poweroff (I/halt).
bool SetHalt(const std::string& value, Settings* s) {
  const char first = value.empty() ? 'p' : value[0];
  const bool halt = first == 'h' || first == 'H';
  s->halt = halt ? "halt" : "poweroff";
  return halt || first == 'p' || first == 'P';
}

bool SetJobs(const std::string& value, Settings* s) {
  if (value == "auto") {
    s->jobs = 0;
    return true;
  }
  return SetNumber(value, 1, 4096, &s->jobs);
}

bool SetNative(const std::string& value, Settings* s) {
  s->native_all = value == "all";
  s->native = s->native_all ? std::vector<std::string>() : Words(value);
  return true;
}

/// Which files a key is read from.
enum class Source { kRcS, kHalt, kCurfew };

/// Every key, where it lives, how it is set, and what a bad value turns into.
struct Key {
  const char* name;
  Source source;
  bool (*set)(const std::string& value, Settings* settings);
  const char* fallback;
};

using S = Settings;
using V = const std::string&;

constexpr Key kKeys[] = {
    {"VERBOSE", Source::kRcS, [](V v, S* s) { return SetYesNo(v, &s->verbose); }, "no"},
    {"UTC", Source::kRcS, [](V v, S* s) { return SetYesNo(v, &s->utc); }, "yes"},
    {"HALT", Source::kHalt, SetHalt, "poweroff"},
    // Debian's scripts compare with "no" and nothing else (I/halt:30, I/reboot).
    {"NETDOWN", Source::kHalt, [](V v, S* s) { return s->net_down = v != "no", true; }, ""},
    {"HALT_DISKS", Source::kCurfew, [](V v, S* s) { return SetYesNo(v, &s->halt_disks); }, "yes"},
    {"KEXEC", Source::kCurfew, [](V v, S* s) { return SetYesNo(v, &s->kexec); }, "no"},
    {"JOBS", Source::kCurfew, SetJobs, "auto"},
    {"LIMIT", Source::kCurfew, [](V v, S* s) { return SetSeconds(v, 1, &s->limit); }, "90"},
    {"KILL_WAIT", Source::kCurfew, [](V v, S* s) { return SetSeconds(v, 0, &s->kill_wait); }, "5"},
    {"NATIVE", Source::kCurfew, SetNative, ""},
};

/// /etc/default/curfew may set every key; Debian's own files only theirs.
bool Reads(Source file, const Key& key) {
  return file == Source::kCurfew || file == key.source;
}

class Reader {
 public:
  Reader(const std::string& root, std::vector<std::string>* warnings)
      : root_(root), warnings_(warnings) {}

  void File(const std::string& path, Source source) {
    Result<std::string> text = ReadRegularFile(root_ + path);
    if (!text) {
      if (text.error != std::errc::no_such_file_or_directory) {
        const bool odd = text.error == std::errc::invalid_argument;
        warnings_->push_back(path + ": " + (odd ? "not a regular file" : text.error.message()) +
                             "; its keys keep their defaults");
      }
      return;
    }
    for (const Assignment& assignment : ParseAssignments(path, text.value, warnings_)) {
      Set(path, source, assignment);
    }
  }

  void Directory(const std::string& path) {
    std::error_code error;
    std::vector<std::string> names;
    for (std::filesystem::directory_iterator it(root_ + path, error), end; !error && it != end;
         it.increment(error)) {
      std::string name = it->path().filename();
      if (name.ends_with(".conf") && name[0] != '.') names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) File(path + "/" + name, Source::kCurfew);
  }

  /// The kernel command line: `concurrency=none` (rc:63-72), `quiet`.
  void CommandLine() {
    Result<std::string> text = ReadRegularFile(root_ + "/proc/cmdline");
    if (!text) return;
    for (const std::string& word : Words(text.value)) {
      if (word == "concurrency=none") settings_.serial = true;
      // Only under init: `quiet` must not silence a script run by hand (#505468).
      if (word == "quiet" && getenv("RUNLEVEL") && getenv("PREVLEVEL")) settings_.verbose = false;
    }
    if (const char* verbose = getenv("INIT_VERBOSE"); verbose && *verbose) {
      settings_.verbose = std::string_view(verbose) != "no";
    }
  }

  Settings Take() { return std::move(settings_); }

 private:
  void Set(const std::string& path, Source source, const Assignment& assignment) {
    for (const Key& key : kKeys) {
      if (assignment.name != key.name || !Reads(source, key)) continue;
      if (key.set(assignment.value, &settings_)) return;
      key.set(key.fallback, &settings_);
      warnings_->push_back(path + ":" + std::to_string(assignment.line) + ": " + key.name + "=" +
                           assignment.value.substr(0, 40) + " is no value of it; " + key.name +
                           "=" + key.fallback + " is used");
      return;
    }
  }

  std::string root_;
  std::vector<std::string>* warnings_;
  Settings settings_;
};

}  // namespace

Settings LoadSettings(const std::string& root, std::vector<std::string>* warnings) {
  Reader reader(root == "/" ? "" : root, warnings);
  reader.File("/etc/default/rcS", Source::kRcS);
  reader.File("/etc/default/halt", Source::kHalt);
  reader.File("/etc/default/hwclock", Source::kRcS);
  reader.File("/etc/default/curfew", Source::kCurfew);
  reader.Directory("/etc/default/curfew.d");
  reader.CommandLine();
  return reader.Take();
}

}  // namespace curfew
