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
/// "auto" is SUSE's.
bool SetHalt(const std::string& value, Settings* s) {
  if (value == "auto") {
    s->halt = value;
    return true;
  }
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

/// SUSE's words; every other one, and none at all, is one beep.
bool SetSound(const std::string& value, Settings* s) {
  s->halt_sound = value == "no"                        ? Sound::kNone
                  : value == "octave"                  ? Sound::kOctave
                  : value == "yes" || value == "quint" ? Sound::kQuint
                                                       : Sound::kBeep;
  return true;
}

/// The options of hwclock(8) that SUSE put there; empty: /etc/adjtime says it.
bool SetTimeBase(const std::string& value, Settings* s) {
  const bool utc = value == "-u" || value == "--utc";
  const bool local = value == "-l" || value == "--localtime";
  s->rtc_time = utc ? TimeBase::kUtc : local ? TimeBase::kLocal : TimeBase::kAdjtime;
  return utc || local || value.empty();
}

/// A name below /dev; empty is the default, as in Debian's script.
bool SetRtc(const std::string& value, Settings* s) {
  const bool name = value.find('/') == value.npos && !value.starts_with('.');
  s->rtc = name && !value.empty() ? value : "rtc0";
  return name;
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
    {"HCTOSYS_DEVICE", Source::kRcS, SetRtc, ""},
    {"HALT_DISKS", Source::kCurfew, [](V v, S* s) { return SetYesNo(v, &s->halt_disks); }, "yes"},
    {"HALT_SOUND", Source::kCurfew, SetSound, "yes"},
    {"HALT_POWERDOWN_INSERT", Source::kCurfew,
     [](V v, S* s) { return s->powerdown_insert = Words(v), true; }, ""},
    {"USE_HWCLOCK", Source::kCurfew, [](V v, S* s) { return SetYesNo(v, &s->use_hwclock); }, "yes"},
    // SUSE's default is the empty word, which means yes.
    {"SYSTOHC", Source::kCurfew,
     [](V v, S* s) { return SetYesNo(v.empty() ? "yes" : v, &s->systohc); }, "yes"},
    {"HWCLOCK", Source::kCurfew, SetTimeBase, ""},
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

constexpr const char* kCommandLine = "/proc/cmdline";

Source SourceOf(const std::string& path) {
  if (path == "/etc/default/rcS" || path == "/etc/default/hwclock") return Source::kRcS;
  return path == "/etc/default/halt" ? Source::kHalt : Source::kCurfew;
}

/// The files of curfew.d, sorted as in the C locale.
std::vector<std::string> Snippets(const std::string& root, const std::string& dir) {
  std::error_code error;
  std::vector<std::string> paths;
  for (std::filesystem::directory_iterator it(root + dir, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename();
    if (name.ends_with(".conf") && name[0] != '.') paths.push_back(dir + "/" + name);
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// The kernel command line: `concurrency=none` (rc:63-72), `quiet`.
void ReadCommandLine(const std::string& text, Settings* settings) {
  for (const std::string& word : Words(text)) {
    if (word == "concurrency=none") settings->serial = true;
    // Only under init: `quiet` must not silence a script run by hand (#505468).
    if (word == "quiet" && getenv("RUNLEVEL") && getenv("PREVLEVEL")) settings->verbose = false;
  }
}

void Set(const std::string& path, const Assignment& assignment, Settings* settings,
         std::vector<std::string>* warnings) {
  for (const Key& key : kKeys) {
    if (assignment.name != key.name || !Reads(SourceOf(path), key)) continue;
    if (key.set(assignment.value, settings)) return;
    key.set(key.fallback, settings);
    warnings->push_back(path + ":" + std::to_string(assignment.line) + ": " + key.name + "=" +
                        assignment.value.substr(0, 40) + " is no value of it; " + key.name + "=" +
                        key.fallback + " is used");
    return;
  }
}

/// Whether the power can be switched off, by the rule of SUSE's halt: on PCs a kernel with APM or
/// ACPI, or one that was told to use APM for it; all other machines can.
bool HasPowerOff(const std::string& root, const std::vector<SettingsFile>& files) {
#if defined(__i386__) || defined(__x86_64__)
  for (const char* sign : {"/proc/apm", "/proc/acpi", "/proc/sys/acpi"}) {
    std::error_code error;
    if (std::filesystem::exists(root + sign, error)) return true;
  }
  for (const SettingsFile& file : files) {
    if (file.path != kCommandLine) continue;
    for (const std::string& word : Words(file.text))
      if (word == "apm=power-off" || word == "apm=smp-power-off") return true;
  }
  return false;
#else
  return true;
#endif
}

}  // namespace

std::vector<SettingsFile> ReadSettingsFiles(const std::string& where,
                                            std::vector<std::string>* warnings) {
  const std::string root = where == "/" ? "" : where;
  std::vector<std::string> paths = {"/etc/default/rcS", "/etc/default/halt", "/etc/default/hwclock",
                                    "/etc/default/curfew"};
  for (std::string& path : Snippets(root, "/etc/default/curfew.d"))
    paths.push_back(std::move(path));
  paths.push_back(kCommandLine);
  std::vector<SettingsFile> files;
  for (const std::string& path : paths) {
    Result<std::string> text = ReadRegularFile(root + path);
    if (text) {
      files.push_back({path, std::move(text.value)});
    } else if (text.error != std::errc::no_such_file_or_directory && path != kCommandLine) {
      const bool odd = text.error == std::errc::invalid_argument;
      warnings->push_back(path + ": " + (odd ? "not a regular file" : text.error.message()) +
                          "; its keys keep their defaults");
    }
  }
  return files;
}

Settings ParseSettings(const std::vector<SettingsFile>& files, std::vector<std::string>* warnings) {
  Settings settings;
  for (const SettingsFile& file : files) {
    if (file.path == kCommandLine) {
      ReadCommandLine(file.text, &settings);
      continue;
    }
    for (const Assignment& assignment : ParseAssignments(file.path, file.text, warnings))
      Set(file.path, assignment, &settings, warnings);
  }
  if (const char* verbose = getenv("INIT_VERBOSE"); verbose && *verbose)
    settings.verbose = std::string_view(verbose) != "no";
  return settings;
}

Settings LoadSettings(const std::string& root, std::vector<std::string>* warnings) {
  const auto files = ReadSettingsFiles(root, warnings);
  Settings settings = ParseSettings(files, warnings);
  if (settings.halt == "auto")
    settings.halt = HasPowerOff(root == "/" ? "" : root, files) ? "poweroff" : "halt";
  return settings;
}

}  // namespace curfew
