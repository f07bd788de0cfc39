// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/dpkg_record.h"

#include <algorithm>

#include "config/file.h"
#include "config/limits.h"
#include "config/rooted.h"
#include "kernel/in_child.h"
#include "text/text.h"

namespace curfew {
namespace {

constexpr char kStatus[] = "/var/lib/dpkg/status";
/// Bytes. 5,000 packages take 6 MiB.
constexpr size_t kLongestStatus = 32 << 20;

constexpr std::string_view kPackages[] = {"initscripts", "util-linux", "util-linux-extra",
                                          "kexec-tools"};

/// False for "newconffile", which dpkg writes before it has installed the file, and for what a torn
/// file leaves of a digest.
bool IsMd5(std::string_view word) {
  return word.size() == 32 && word.find_first_not_of("0123456789abcdef") == word.npos;
}

Result<std::string> ReadStatus(const std::string& root) {
  const Result<std::string> path = ResolveBelow(root, kStatus);
  if (!path) return path;
  Result<std::string> text = ReadRegularFile(path.value, kLongestStatus);
  if (text && text.value.size() == kLongestStatus)
    return std::make_error_code(std::errc::file_too_large);
  return text;
}

}  // namespace

std::vector<Conffile> ParseConffiles(std::string_view status, const std::set<std::string>& paths) {
  std::vector<Conffile> found;
  bool counts = false, conffiles = false;
  while (!status.empty()) {
    const std::string_view line = TakeLine(&status);
    if (line.starts_with(' ') || line.starts_with('\t')) {
      if (!counts || !conffiles) continue;
      const std::vector<std::string> words = Words(line);
      if (words.size() < 2 || !paths.contains(words[0]) || !IsMd5(words[1])) continue;
      found.push_back({words[0], words[1]});
      continue;
    }
    conffiles = line.starts_with("Conffiles:");
    if (line.starts_with("Package:")) counts = Contains(kPackages, Trimmed(line.substr(8)));
  }
  return found;
}

Result<std::vector<Conffile>> ReadConffiles(Kernel& kernel, const std::string& root,
                                            const std::set<std::string>& paths) {
  const auto answer = StringsFromChild(kernel, limits::kDpkgRecord, [&] {
    const Result<std::string> status = ReadStatus(root);
    std::vector<std::string> words{std::to_string(status.error.value())};
    for (Conffile& file : ParseConffiles(status.value, paths))
      words.insert(words.end(), {std::move(file.path), std::move(file.md5)});
    return words;
  });
  if (!answer) return answer.error;
  if (const auto error = ParseNumber<int>(answer.value[0]); !error || *error != 0)
    return std::error_code(error.value_or(EIO), std::generic_category());
  std::vector<Conffile> found;
  for (size_t i = 1; i + 1 < answer.value.size(); i += 2)
    found.push_back({answer.value[i], answer.value[i + 1]});
  return found;
}

}  // namespace curfew
