// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <iterator>

#include "config/assignments.h"
#include "config/command_line.h"
#include "config/file.h"
#include "config/rooted.h"
#include "config/settings.h"

namespace curfew {
namespace {

/// Bytes. A file with more is a mistake; the rest is not read.
constexpr size_t kMost = 1 << 20;

/// The paths of the files that the system has without Curfew.
std::vector<std::string> SystemFiles(Layout layout) {
  if (layout == Layout::kDebian) {
    return {"/etc/default/rcS", "/etc/default/halt", "/etc/default/hwclock"};
  }
  return {"/etc/sysconfig/boot", "/etc/sysconfig/shutdown", "/etc/sysconfig/clock"};
}

/// The paths of curfew and of the files in curfew.d, the latter in C-locale order.
std::vector<std::string> CurfewFiles(const std::string& root, const std::string& directory,
                                     std::vector<std::string>* warnings) {
  const std::string snippets = directory + "/curfew.d";
  std::vector<std::string> paths = {directory + "/curfew"};
  const Result<std::string> real = ResolveBelow(root, snippets);
  const Result<std::vector<std::string>> names =
      real ? ListDirectory(real.value) : Result<std::vector<std::string>>(real.error);
  if (!names && names.error != std::errc::no_such_file_or_directory) {
    warnings->push_back(snippets + ": " + names.error.message() + "; taken as empty");
  }
  for (const std::string& name : names.value) {
    if (name.ends_with(".conf") && name[0] != '.') paths.push_back(snippets + "/" + name);
  }
  std::sort(paths.begin() + 1, paths.end());
  return paths;
}

std::vector<SettingsFile> Read(const std::string& root, const std::vector<std::string>& paths,
                               std::vector<std::string>* warnings) {
  std::vector<SettingsFile> files;
  for (const std::string& path : paths) {
    const Result<std::string> real = ResolveBelow(root, path);
    Result<std::string> text = real ? ReadRegularFile(real.value, kMost) : real;
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

/// The layout that LAYOUT= in `files` asks for; `layout` if there is no such line.
Layout Wanted(const std::vector<SettingsFile>& files, Layout layout) {
  const Layout detected = layout;
  std::vector<std::string> ignored;
  for (const SettingsFile& file : files) {
    for (const Assignment& assignment : ParseAssignments(file.path, file.text, &ignored)) {
      if (assignment.name != "LAYOUT") continue;
      if (!ParseLayout(assignment.value, &layout)) layout = detected;
    }
  }
  return layout;
}

}  // namespace

SettingsFiles ReadSettingsFiles(const std::string& where, std::vector<std::string>* warnings) {
  const std::string root = where == "/" ? "" : where;
  SettingsFiles found{DetectLayout(root), {}};
  std::string directory = SettingsDirectory(found.layout);
  std::vector<std::string> own_warnings;
  std::vector<SettingsFile> own =
      Read(root, CurfewFiles(root, directory, &own_warnings), &own_warnings);
  found.layout = Wanted(own, found.layout);
  if (directory != SettingsDirectory(found.layout)) {
    directory = SettingsDirectory(found.layout);
    own_warnings.clear();
    own = Read(root, CurfewFiles(root, directory, &own_warnings), &own_warnings);
  }
  found.files = Read(root, SystemFiles(found.layout), warnings);
  std::move(own.begin(), own.end(), std::back_inserter(found.files));
  for (SettingsFile& file : Read(root, {kCommandLine}, warnings)) {
    found.files.push_back(std::move(file));
  }
  warnings->insert(warnings->end(), own_warnings.begin(), own_warnings.end());
  return found;
}

}  // namespace curfew
