// SPDX-License-Identifier: GPL-2.0-or-later
#include "final/storage/kernel_opens.h"

#include "config/limits.h"
#include "final/storage/mountinfo.h"
#include "kernel/in_child.h"
#include "text/text.h"

namespace curfew {
namespace {

constexpr const char* kInterpreters = "/proc/sys/fs/binfmt_misc";
constexpr const char* kBackstores = "/sys/kernel/config/target/core";
constexpr const char* kSubsystems = "/sys/kernel/config/nvmet/subsystems";

/// Looks at the files, in a child.
class Reader {
 public:
  explicit Reader(Files& files) : files_(files) {}

  std::vector<KernelOpen> Read() {
    AddExports();
    AddInterpreters();
    AddBackstores();
    AddNvmeTargets();
    AddZram();
    return std::move(found_);
  }

 private:
  void Add(const std::string& name, std::string_view path, bool writable) {
    if (path.starts_with('/')) found_.push_back({name, std::string(path), writable});
  }

  /// A line is "PATH\tCLIENTS(OPTIONS)".
  void AddExports() {
    const auto exports = files_.Read("/proc/fs/nfsd/exports").value;
    for (const std::string_view line : Lines(exports))
      Add("nfsd", UndoOctal(line.substr(0, line.find('\t'))), true);
  }

  /// Without the flag F the kernel opens the interpreter when it is needed.
  void AddInterpreters() {
    for (const std::string& name : files_.List(kInterpreters).value) {
      if (name == "register" || name == "status") continue;
      const auto text = files_.Read(std::string(kInterpreters) + "/" + name).value;
      std::string_view interpreter;
      bool held = false;
      for (const std::string_view line : Lines(text)) {
        if (line.starts_with("interpreter ")) interpreter = line.substr(12);
        if (line.starts_with("flags: ")) held = line.find('F') != line.npos;
      }
      if (held) Add("binfmt_misc " + name, interpreter, false);
    }
  }

  /// `udev_path` is what the administrator's tool wrote, `info` what the kernel has open.
  void AddBackstores() {
    for (const std::string& hba : files_.List(kBackstores).value)
      for (const std::string& name : files_.List(std::string(kBackstores) + "/" + hba).value) {
        const auto dir = std::string(kBackstores) + "/" + hba + "/" + name;
        if (ReadLine(files_, dir + "/enable") != "1") continue;
        const auto info = files_.Read(dir + "/info").value;
        auto path = ReadLine(files_, dir + "/udev_path");
        // "TCM FILEIO ID: 0        File: /srv/lun  Size: 1048576  Mode: O_DSYNC"
        constexpr std::string_view kFile = "File: ", kSize = "  Size: ";
        const auto file = info.find(kFile), size = info.rfind(kSize);
        if (file != info.npos && size != info.npos && file + kFile.size() < size)
          path = info.substr(file + kFile.size(), size - file - kFile.size());
        Add("LIO " + hba + "/" + name, path, true);
      }
  }

  void AddNvmeTargets() {
    for (const std::string& system : files_.List(kSubsystems).value) {
      const auto spaces = std::string(kSubsystems) + "/" + system + "/namespaces";
      for (const std::string& name : files_.List(spaces).value)
        if (ReadLine(files_, spaces + "/" + name + "/enable") == "1")
          Add("nvmet " + system + "/" + name,
              ReadLine(files_, spaces + "/" + name + "/device_path"), true);
    }
  }

  void AddZram() {
    for (const std::string& name : files_.List("/sys/class/block").value)
      if (name.starts_with("zram"))
        Add(name, ReadLine(files_, "/sys/class/block/" + name + "/backing_dev"), true);
  }

  Files& files_;
  std::vector<KernelOpen> found_;
};

}  // namespace

std::vector<KernelOpen> ReadKernelOpens(Kernel& kernel) {
  const auto texts = StringsFromChild(kernel, limits::kKernelOpens, [&] {
    std::vector<std::string> words;
    for (const KernelOpen& open : Reader(kernel).Read())
      for (const std::string& word : {open.name, open.path, std::string(open.writable ? "w" : "r")})
        words.push_back(word);
    return words;
  });
  std::vector<KernelOpen> opens;
  for (std::size_t i = 0; i + 2 < texts.value.size(); i += 3)
    opens.push_back({texts.value[i], texts.value[i + 1], texts.value[i + 2] == "w"});
  return opens;
}

}  // namespace curfew
