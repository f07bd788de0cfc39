// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/state_files.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "kernel/fd.h"
#include "kernel/result.h"

namespace curfew {
namespace {

/// Names may hold any byte but "/" and NUL: newline and "%" become %XX.
std::string Encode(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c == '\n' || c == '%') {
      char hex[4];
      snprintf(hex, sizeof hex, "%%%02X", c);
      text += hex;
    } else {
      text += c;
    }
  }
  return text;
}

std::string Decode(std::string_view text) {
  std::string name;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      name += static_cast<char>(strtol(std::string(text.substr(i + 1, 2)).c_str(), nullptr, 16));
      i += 2;
    } else {
      name += text[i];
    }
  }
  return name;
}

/// Before the action of a script that was left alone.
constexpr char kAbandoned[] = "abandoned-";

std::error_code WriteLines(const std::string& dir, const std::string& file, int flags,
                           const std::string& lines) {
  mkdir(dir.c_str(), 0755);
  const Fd fd(open((dir + "/" + file).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644));
  if (!fd) return LastError();
  if (write(fd.get(), lines.data(), lines.size()) != static_cast<ssize_t>(lines.size())) {
    return LastError();
  }
  return {};
}

}  // namespace

StateFiles::StateFiles(const std::string& root) : dir_(root + "/run/curfew") {}

std::vector<std::string> StateFiles::Stopped() const {
  std::vector<std::string> services;
  std::ifstream file(dir_ + "/stopped");
  for (std::string line; std::getline(file, line);) services.push_back(Decode(line));
  return services;
}

std::vector<StateFiles::Running> StateFiles::LeftRunning() const {
  std::vector<Running> running;
  std::ifstream file(dir_ + "/running");
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string action, service;
    Running r{};
    if (!(fields >> action >> r.pid >> r.start_time) || fields.get() != ' ') continue;
    std::getline(fields, service);
    r.abandoned = action.starts_with(kAbandoned);
    if (r.abandoned) action.erase(0, strlen(kAbandoned));
    r.action = action == "stop" ? Action::kStop : Action::kStart;
    r.service = Decode(service);
    running.push_back(r);
  }
  return running;
}

std::string StateFiles::LevelLeft() const {
  std::string level;
  std::ifstream file(dir_ + "/left");
  std::getline(file, level);
  return Decode(level);
}

void StateFiles::Forget() {
  for (const char* file : {"/stopped", "/left", "/recorded", "/clock-set", "/hooks-run", "/dead"}) {
    unlink((dir_ + file).c_str());
  }
}

std::error_code StateFiles::RecordStopped(const std::string& service) {
  return WriteLines(dir_, "stopped", O_APPEND, Encode(service) + "\n");
}

std::error_code StateFiles::RecordLevelLeft(const std::string& level) {
  return WriteLines(dir_, "left", O_TRUNC, Encode(level) + "\n");
}

std::error_code StateFiles::RecordRunning(const std::vector<Running>& running) {
  std::string lines;
  for (const Running& r : running) {
    lines += std::string(r.abandoned ? kAbandoned : "") + ActionWord(r.action) + " " +
             std::to_string(r.pid) + " " + std::to_string(r.start_time) + " " + Encode(r.service) +
             "\n";
  }
  return WriteLines(dir_, "running", O_TRUNC, lines);
}

}  // namespace curfew
