// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/pid_files.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <utility>

#include "text/text.h"

namespace curfew {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

/// An init script names one or two.
constexpr size_t kMostFiles = 16;
/// A script has a few dozen.
constexpr size_t kMostVariables = 256;
/// PATH_MAX, bytes.
constexpr size_t kLongestPath = 4096;

bool IsNameCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

bool IsPathCharacter(char c) {
  return IsNameCharacter(c) || std::string_view("/.-+@:$%{}").find(c) != std::string_view::npos;
}

/// Takes a $NAME, ${NAME} or ${NAME:-DEFAULT} off `text`. Returns its value, or itself if it has
/// none.
std::string_view TakeVariable(std::string_view* text, const Variables& variables) {
  const bool braces = text->size() > 1 && (*text)[1] == '{';
  const size_t begin = braces ? 2 : 1;
  size_t end = begin;
  while (end < text->size() && IsNameCharacter((*text)[end])) ++end;
  const auto found = variables.find(text->substr(begin, end - begin));
  std::string_view other;
  if (braces) {
    const size_t close = std::min(text->find('}', end), text->size());
    if (text->substr(end).starts_with(":-")) other = text->substr(end + 2, close - end - 2);
    end = std::min(close + 1, text->size());
  }
  const std::string_view itself = text->substr(0, end);
  text->remove_prefix(end);
  if (found != variables.end()) return found->second;
  return other.empty() ? itself : other;
}

/// `text` with the values of its variables. A variable without a value stays as it is. Nothing if
/// it is longer than a path: values that double each other would take all memory.
std::optional<std::string> Expanded(std::string_view text, const Variables& variables) {
  std::string result;
  while (!text.empty()) {
    if (text[0] == '$') {
      result += TakeVariable(&text, variables);
    } else {
      result += text[0];
      text.remove_prefix(1);
    }
    if (result.size() >= kLongestPath) return std::nullopt;
  }
  return result;
}

/// Takes NAME=VALUE from the beginning of a line; VALUE is one plain word, or in quotes. The first
/// assignment of a name counts: later ones are mostly in functions.
void Assign(std::string_view line, Variables* variables) {
  size_t end = 0;
  while (end < line.size() && IsNameCharacter(line[end])) ++end;
  if (end == 0 || end >= line.size() || line[end] != '=') return;
  std::string_view value = line.substr(end + 1);
  const bool quoted = !value.empty() && (value[0] == '"' || value[0] == '\'');
  const std::string_view stop = quoted ? value.substr(0, 1) : " \t;#";
  if (quoted) value.remove_prefix(1);
  value = value.substr(0, value.find_first_of(stop));
  if (value.find('`') != value.npos || value.find("$(") != value.npos) return;
  if (variables->size() == kMostVariables) return;
  if (auto expanded = Expanded(value, *variables))
    variables->emplace(line.substr(0, end), std::move(*expanded));
}

bool IsBelowRun(const std::string& path) {
  return (path.starts_with("/run/") || path.starts_with("/var/run/")) &&
         path.find("..") == path.npos && path.find('$') == path.npos;
}

/// Whether what stands before a path says that it is the service's own pid file: an assignment, or
/// the option of start-stop-daemon, killproc, daemon and pidofproc. `kill -HUP $(cat FILE)` of
/// another service does not.
bool NamesOwn(std::string_view before) {
  before = Trimmed(before.substr(0, before.find_last_not_of("\"'") + 1));
  for (const std::string_view word : {"=", "-p", "--pidfile", "pidfile:"})
    if (before.ends_with(word)) return true;
  return false;
}

/// Each word of the line that is a path to a pid file.
void AddPaths(std::string_view line, const Variables& variables, std::vector<std::string>* paths) {
  const std::string_view whole = line;
  while (!line.empty()) {
    size_t end = 0;
    while (end < line.size() && IsPathCharacter(line[end])) ++end;
    const bool own = NamesOwn(whole.substr(0, whole.size() - line.size()));
    const auto path = Expanded(line.substr(0, end), variables);
    if (own && path && path->ends_with(".pid") && IsBelowRun(*path) && paths->size() < kMostFiles &&
        !Contains(*paths, *path)) {
      paths->push_back(*path);
    }
    line.remove_prefix(std::min(end + 1, line.size()));
  }
}

/// Bytes. A larger file is no init script, or holds no pid: it is not read.
constexpr size_t kLongestScript = 1 << 20;
/// /run/NAME/*.pid: no more than these.
constexpr size_t kMostInDirectory = 16;

}  // namespace

std::vector<std::string> PidFilesIn(std::string_view script) {
  Variables variables;
  const std::vector<std::string_view> lines = Lines(script);
  for (std::string_view line : lines) {
    line = Trimmed(line);
    if (line.starts_with("export ")) line = Trimmed(line.substr(7));
    Assign(line, &variables);
  }
  std::vector<std::string> paths;
  for (const std::string_view line : lines) AddPaths(line, variables, &paths);
  return paths;
}

std::vector<std::string> PidFilesOf(Files& files, const std::string& root,
                                    const std::string& service, const std::string& script) {
  std::vector<std::string> paths =
      PidFilesIn(files.ReadRegular(root + script, kLongestScript).value);
  const std::string directory = "/run/" + service;
  if (!Contains(paths, directory + ".pid")) paths.push_back(directory + ".pid");
  for (const std::string& name : files.List(root + directory).value) {
    if (paths.size() >= kMostInDirectory) break;
    const std::string path = directory + "/" + name;
    if (name.ends_with(".pid") && !Contains(paths, path)) paths.push_back(path);
  }
  return paths;
}

}  // namespace curfew
