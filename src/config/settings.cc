// SPDX-License-Identifier: GPL-2.0-or-later
#include "config/settings.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "config/assignments.h"
#include "config/command_line.h"
#include "config/values.h"
#include "text/text.h"

namespace curfew {
namespace {

/// Debian's halt script takes [Hh]* as halt, and everything else as poweroff. "auto" is SUSE's.
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
  return ReadNumber(value, 1, 4096, &s->jobs);
}

bool SetNative(const std::string& value, Settings* s) {
  s->native_all = value == "all";
  s->native = s->native_all ? std::vector<std::string>() : Words(value);
  return true;
}

/// SUSE's words. Any other word, and an empty one, is one beep.
bool SetSound(const std::string& value, Settings* s) {
  s->halt_sound = value == "no"                        ? Sound::kNone
                  : value == "octave"                  ? Sound::kOctave
                  : value == "yes" || value == "quint" ? Sound::kQuint
                                                       : Sound::kBeep;
  return true;
}

/// SUSE's value is an option of hwclock(8); empty: as /etc/adjtime says.
bool SetTimeBase(const std::string& value, Settings* s) {
  const bool utc = value == "-u" || value == "--utc";
  const bool local = value == "-l" || value == "--localtime";
  s->rtc_time = utc ? TimeBase::kUtc : local ? TimeBase::kLocal : TimeBase::kAdjtime;
  return utc || local || value.empty();
}

/// A name below /dev. Empty is the default, as in Debian's script.
bool SetRtc(const std::string& value, Settings* s) {
  const bool name = value.find('/') == value.npos && !value.starts_with('.');
  s->rtc = name && !value.empty() ? value : "rtc0";
  return name;
}

/// "yes" and "no"; LFS and Red Hat also write "true" or "1".
bool SetUtc(const std::string& value, Settings* s) {
  if (value == "true" || value == "1") return s->utc = true;
  if (value == "false" || value == "0") return s->utc = false, true;
  return ReadYesNo(value, &s->utc);
}

/// Only checks the name: LAYOUT has decided already which files are read.
bool CheckLayout(const std::string& value, Settings*) {
  Layout ignored{};
  return value == "auto" || ParseLayout(value, &ignored);
}

/// The files that may set a key, as bits; kCurfew may set every key.
enum File { kRcS = 1, kHalt = 2, kBoot = 4, kShutdown = 8, kClock = 16, kCurfew = 32 };

/// One setting: its key, the files that may have it, how it is set, and what replaces a bad value.
struct Setting {
  const char* key;
  int files;
  bool (*set)(const std::string& value, Settings* settings);
  const char* fallback;  ///< nullptr: the layout's default
};

using S = Settings;
using V = const std::string&;

/// boot.clock of SUSE's aaa_base writes a clock that the kernel keeps only if this is yes; the
/// scripts of the other systems do not ask.
bool SetForce(const std::string& value, Settings* settings) {
  const bool known = ReadYesNo(value, &settings->force_systohc);
  if (known) settings->leave_kept_clock = !settings->force_systohc;
  return known;
}

/// Beside its own files each key may stand in `curfew` and in curfew.d/*.conf.
constexpr Setting kSettings[] = {
    {"LAYOUT", kCurfew, CheckLayout, "auto"},
    {"VERBOSE", kRcS, [](V v, S* s) { return ReadYesNo(v, &s->verbose); }, "no"},
    {"UTC", kRcS | kClock, SetUtc, "yes"},
    {"HALT", kHalt | kShutdown, SetHalt, nullptr},
    // Debian's halt and reboot scripts compare with "no" only (initscripts 3.06, halt:30).
    {"NETDOWN", kHalt, [](V v, S* s) { return s->net_down = v != "no", true; }, ""},
    {"HALT_NETWORK", kShutdown, [](V v, S* s) { return ReadYesNo(v, &s->net_down); }, "no"},
    {"HALT_DISKS", kShutdown, [](V v, S* s) { return ReadYesNo(v, &s->halt_disks); }, "yes"},
    {"HALT_SOUND", kShutdown, SetSound, "yes"},
    {"HALT_POWERDOWN_INSERT", kShutdown,
     [](V v, S* s) { return s->powerdown_insert = Words(v), true; }, ""},
    {"HCTOSYS_DEVICE", kRcS | kClock, SetRtc, ""},
    {"USE_HWCLOCK", kClock, [](V v, S* s) { return ReadYesNo(v, &s->use_hwclock); }, "yes"},
    // SUSE's default is the empty word, which means yes.
    {"SYSTOHC", kClock, [](V v, S* s) { return ReadYesNo(v.empty() ? "yes" : v, &s->systohc); },
     "yes"},
    {"FORCE_SYSTOHC", kClock, SetForce, "no"},
    {"HWCLOCK", kClock, SetTimeBase, ""},
    {"RUN_PARALLEL", kBoot, [](V v, S* s) { return ReadYesNo(v, &s->run_parallel); }, "yes"},
    {"PROMPT_FOR_CONFIRM", kBoot, [](V v, S* s) { return ReadYesNo(v, &s->prompt_for_confirm); },
     "no"},
    {"CONFIRM_PROMPT_TIMEOUT", kBoot,
     [](V v, S* s) { return ReadSeconds(v, 1, &s->confirm_timeout); }, "5"},
    {"KEXEC", kCurfew, [](V v, S* s) { return ReadYesNo(v, &s->kexec); }, "no"},
    {"JOBS", kCurfew, SetJobs, "auto"},
    {"SLACK", kCurfew, [](V v, S* s) { return ReadYesNo(v, &s->slack); }, "yes"},
    {"LIMIT", kCurfew, [](V v, S* s) { return ReadSeconds(v, 1, &s->limits.limit); }, "90"},
    {"LIMIT_HARD", kCurfew, [](V v, S* s) { return ReadSeconds(v, 1, &s->limits.limit_hard); },
     "600"},
    {"STOP_BUDGET", kCurfew, [](V v, S* s) { return ReadSeconds(v, 1, &s->stop_budget); }, "900"},
    {"FINAL_BUDGET", kCurfew, [](V v, S* s) { return ReadSeconds(v, 5, &s->final_budget); }, "60"},
    {"FINAL_HARD", kCurfew, [](V v, S* s) { return ReadSeconds(v, 5, &s->final_hard); }, "1800"},
    {"KILL_WAIT", kCurfew, [](V v, S* s) { return ReadSeconds(v, 0, &s->kill_wait); }, "10"},
    {"KEYS", kCurfew, [](V v, S* s) { return ReadYesNo(v, &s->keys); }, "yes"},
    {"WATCHDOG", kCurfew, [](V v, S* s) { return ReadYesNo(v, &s->watchdog); }, "no"},
    {"PSTORE", kCurfew, [](V v, S* s) { return ReadYesNo(v, &s->pstore); }, "yes"},
    {"NATIVE", kCurfew, SetNative, ""},
};

struct KnownFile {
  std::string_view path;
  File file;
};

constexpr KnownFile kFiles[] = {
    {"/etc/default/rcS", kRcS},
    {"/etc/default/hwclock", kRcS},
    {"/etc/default/halt", kHalt},
    {"/etc/sysconfig/boot", kBoot},
    {"/etc/sysconfig/shutdown", kShutdown},
    {"/etc/sysconfig/clock", kClock},
};

File FileOf(const std::string& path) {
  for (const KnownFile& known : kFiles) {
    if (known.path == path) return known.file;
  }
  return kCurfew;
}

/// The defaults in which the halt scripts of the families differ.
struct Defaults {
  Layout layout;
  const char* halt;
  bool net_down;
};

constexpr Defaults kDefaults[] = {{Layout::kDebian, "poweroff", true},
                                  {Layout::kSuse, "auto", false},
                                  {Layout::kRedHat, "poweroff", false},
                                  {Layout::kLfs, "poweroff", true}};

Settings DefaultsOf(Layout layout) {
  Settings settings;
  settings.layout = layout;
  settings.leave_kept_clock = layout == Layout::kSuse;
  for (const Defaults& defaults : kDefaults) {
    if (defaults.layout != layout) continue;
    settings.halt = defaults.halt;
    settings.net_down = defaults.net_down;
  }
  return settings;
}

void Set(const std::string& path, const Assignment& assignment, Settings* settings,
         std::vector<std::string>* warnings) {
  const File file = FileOf(path);
  for (const Setting& setting : kSettings) {
    if (assignment.name != setting.key) continue;
    if (file != kCurfew && (setting.files & file) == 0) continue;
    if (setting.set(assignment.value, settings)) return;
    const std::string fallback =
        setting.fallback ? setting.fallback : DefaultsOf(settings->layout).halt;
    setting.set(fallback, settings);
    warnings->push_back(path + ":" + std::to_string(assignment.line) + ": " + setting.key + "=" +
                        assignment.value.substr(0, 40) + " is no value of it; " + setting.key +
                        "=" + fallback + " is used");
    return;
  }
}

/// Sets LIMIT or LIMIT_HARD for `services`.
void SetLimit(const std::string& path, const Assignment& assignment,
              const std::vector<std::string>& services, std::chrono::seconds StopLimits::*field,
              Settings* settings, std::vector<std::string>* warnings) {
  std::chrono::seconds seconds{0};
  if (!ReadSeconds(assignment.value, 1, &seconds)) {
    warnings->push_back(path + ":" + std::to_string(assignment.line) + ": " + assignment.name +
                        "=" + assignment.value.substr(0, 40) +
                        " is no value of it; what counts for all services is used");
  }
  for (const std::string& service : services) settings->service_limits[service].*field = seconds;
}

/// Sets STOP or KILL for `services`: `spared` has those with "no".
void SetSpared(const std::string& path, const Assignment& assignment,
               const std::vector<std::string>& services, std::set<std::string>* spared,
               std::vector<std::string>* warnings) {
  bool ends = true;
  const bool known = ReadYesNo(assignment.value, &ends);
  if (!known || services.empty())
    warnings->push_back(path + ":" + std::to_string(assignment.line) + ": " + assignment.name +
                        "=" + assignment.value.substr(0, 40) +
                        (known ? " counts only below SERVICES=; it is left out"
                               : " is no value of it; " + assignment.name + "=yes is used"));
  for (const std::string& service : services) {
    if (ends)
      spared->erase(service);
    else
      spared->insert(service);
  }
}

/// Sets a key that is of single services: of those in the last line SERVICES. False if the
/// assignment is of another key, or of one that may count for all services and no such line is
/// above it.
bool SetForServices(const std::string& path, const Assignment& assignment,
                    const std::vector<std::string>& services, Settings* settings,
                    std::vector<std::string>* warnings) {
  for (const auto& [key, spared] :
       {std::pair("STOP", &settings->never_stop), std::pair("KILL", &settings->never_kill)}) {
    if (assignment.name != key || FileOf(path) != kCurfew) continue;
    SetSpared(path, assignment, services, spared, warnings);
    return true;
  }
  std::chrono::seconds StopLimits::*field = nullptr;
  if (assignment.name == "LIMIT") field = &StopLimits::limit;
  if (assignment.name == "LIMIT_HARD") field = &StopLimits::limit_hard;
  if (services.empty() || !field) return false;
  SetLimit(path, assignment, services, field, settings, warnings);
  return true;
}

void SetAll(const SettingsFile& file, Settings* settings, std::vector<std::string>* warnings) {
  std::vector<std::string> services;
  for (const Assignment& assignment : ParseAssignments(file.path, file.text, warnings)) {
    if (assignment.name == "SERVICES" && FileOf(file.path) == kCurfew) {
      services = Words(assignment.value);
    } else if (!SetForServices(file.path, assignment, services, settings, warnings)) {
      Set(file.path, assignment, settings, warnings);
    }
  }
}

/// Whether the machine can switch its power off, by the rule of SUSE's halt script: a PC can if its
/// kernel has APM or ACPI, or was told to use APM for it; all other machines can.
bool HasPowerOff(const std::string& root, const std::vector<SettingsFile>& files) {
#if defined(__i386__) || defined(__x86_64__)
  for (const char* sign : {"/proc/apm", "/proc/acpi", "/proc/sys/acpi"})
    if (access((root + sign).c_str(), F_OK) == 0) return true;
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

Settings ParseSettings(const SettingsFiles& found, std::vector<std::string>* warnings) {
  Settings settings = DefaultsOf(found.layout);
  for (const SettingsFile& file : found.files) {
    if (file.path == kCommandLine) {
      ReadCommandLine(file.text, &settings, warnings);
      continue;
    }
    SetAll(file, &settings, warnings);
  }
  settings.systohc |= settings.force_systohc;
  if (const char* verbose = getenv("INIT_VERBOSE"); verbose && *verbose) {
    settings.verbose = std::string_view(verbose) != "no";
    settings.quiet &= !settings.verbose;
  }
  return settings;
}

StopLimits LimitsOf(const Settings& settings, const std::string& service) {
  StopLimits limits = settings.limits;
  if (auto own = settings.service_limits.find(service); own != settings.service_limits.end()) {
    if (own->second.limit.count() != 0) limits.limit = own->second.limit;
    if (own->second.limit_hard.count() != 0) limits.limit_hard = own->second.limit_hard;
  }
  limits.limit_hard = std::max(limits.limit_hard, limits.limit);
  return limits;
}

Settings LoadSettings(const std::string& root, std::vector<std::string>* warnings) {
  const SettingsFiles found = ReadSettingsFiles(root, warnings);
  Settings settings = ParseSettings(found, warnings);
  if (settings.halt == "auto")
    settings.halt = HasPowerOff(root == "/" ? "" : root, found.files) ? "poweroff" : "halt";
  return settings;
}

}  // namespace curfew
