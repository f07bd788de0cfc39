// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/mountinfo.h"

#include <algorithm>
#include <optional>

#include "text/text.h"

namespace curfew {
namespace {

/// What d_path() adds to the name of something unlinked. No real name ends so: none has a slash.
constexpr std::string_view kDeleted = "//deleted";

bool IsOctal(char c) {
  return c >= '0' && c <= '7';
}

std::string Target(std::string_view field) {
  std::string path = UndoOctal(field);
  if (path.size() > kDeleted.size() && path.ends_with(kDeleted))
    path.resize(path.size() - kDeleted.size());
  return path;
}

/// 36 35 98:0 /root /target rw,noatime master:1 - ext3 /dev/root rw,errors=continue
std::optional<Mount> ParseLine(std::string_view line) {
  auto fields = Split(line, ' ');
  auto dash =
      std::find(fields.begin() + std::min<std::size_t>(6, fields.size()), fields.end(), "-");
  if (fields.end() - dash < 4) return {};
  const auto id = ParseNumber<int>(fields[0]), parent = ParseNumber<int>(fields[1]);
  if (!id || !parent) return {};
  if (fields[2].find(':') == std::string_view::npos || !fields[4].starts_with('/')) return {};
  Mount mount;
  mount.id = *id;
  mount.parent = *parent;
  mount.device = fields[2];
  mount.target = Target(fields[4]);
  mount.options = fields[5];
  mount.type = UndoOctal(dash[1]);
  mount.source = UndoOctal(dash[2]);
  mount.super_options = dash[3];
  return mount;
}

}  // namespace

bool Mount::ReadOnly() const {
  return HasOption(options, "ro") || SuperReadOnly();
}

bool Mount::SuperReadOnly() const {
  return HasOption(super_options, "ro");
}

std::string UndoOctal(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool escape = text[i] == '\\' && i + 3 < text.size() && text[i + 1] <= '3' &&
                  IsOctal(text[i + 1]) && IsOctal(text[i + 2]) && IsOctal(text[i + 3]);
    if (!escape) {
      plain += text[i];
      continue;
    }
    plain +=
        static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + text[i + 3] - '0');
    i += 3;
  }
  return plain;
}

bool HasOption(std::string_view options, std::string_view option) {
  return Contains(Split(options, ','), option);
}

std::vector<Mount> ParseMountInfo(std::string_view text) {
  std::vector<Mount> mounts;
  for (const std::string_view line : Lines(text))
    if (auto mount = ParseLine(line)) mounts.push_back(std::move(*mount));
  return mounts;
}

std::vector<Mount> ReadMounts(Files& files) {
  return ParseMountInfo(files.Read("/proc/self/mountinfo").value);
}

}  // namespace curfew
