// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <unordered_set>

#include "config/file.h"
#include "plan/depend.h"
#include "plan/link_name.h"
#include "plan/md5.h"
#include "plan/native.h"
#include "plan/rooted.h"
#include "plan/tree.h"

namespace curfew {
namespace {

constexpr size_t kMostHeader = 64 << 10;  // an LSB header stands at a script's beginning
constexpr size_t kMostScript = 4 << 20;
constexpr char kLevels[] = "0123456789S";

class Loader {
 public:
  Loader(const std::string& root, const std::string& level, const std::string& previous)
      : root_(root == "/" ? "" : root), level_(level), previous_(previous) {
    while (root_.ends_with('/')) root_.pop_back();
  }

  Tree Load() {
    tree_.level_dir = LevelDirectory(level_);
    tree_.has_level = IsLevel(level_) && ReadLinks(tree_.level_dir, &tree_.links);
    // Init may also hand over '#' or '*': no level is left then (init.c:2105).
    if (IsLevel(previous_)) ReadLinks(LevelDirectory(previous_), &tree_.previous_links);
    for (std::string& name : Names("/etc/init.d")) tree_.init_d.insert(std::move(name));
    ReadDepend();
    ReadHeaders();
    ReadNative();
    tree_.legacy_order = tree_.init_d.contains(".legacy-bootordering");
    return std::move(tree_);
  }

 private:
  static bool IsLevel(const std::string& level) {
    return level.size() == 1 && std::string_view(kLevels).find(level) != std::string_view::npos;
  }

  static std::string LevelDirectory(const std::string& level) { return "/etc/rc" + level + ".d"; }

  /// The names in a directory, sorted as in the C locale.
  std::vector<std::string> Names(const std::string& path, bool* found = nullptr) {
    std::vector<std::string> names;
    Result<std::string> real = ResolveBelow(root_, path);
    std::error_code error = real.error;
    std::filesystem::directory_iterator it, end;
    if (!error) it = std::filesystem::directory_iterator(real.value, error);
    if (found) *found = !error;
    if (error && error != std::errc::no_such_file_or_directory) {
      tree_.warnings.push_back(path + ": " + error.message() + "; taken as empty");
    }
    for (; !error && it != end; it.increment(error)) names.push_back(it->path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  /// The content of a regular file; empty, with a warning unless it is just missing, otherwise.
  std::string Text(const std::string& path, size_t limit = 16 << 20) {
    Result<std::string> real = ResolveBelow(root_, path);
    Result<std::string> text = real ? ReadRegularFile(real.value, limit) : real;
    if (text || text.error == std::errc::no_such_file_or_directory) return text.value;
    const bool odd = text.error == std::errc::invalid_argument;
    tree_.warnings.push_back(path + ": " + (odd ? "not a regular file" : text.error.message()) +
                             "; taken as empty");
    return {};
  }

  bool ReadLinks(const std::string& directory, std::vector<Link>* links) {
    bool found = false;
    for (const std::string& name : Names(directory, &found)) {
      if (name[0] == 'K' || name[0] == 'S') links->push_back(ReadLink(directory, name));
    }
    return found;
  }

  Link ReadLink(const std::string& directory, const std::string& name) {
    Link link{name, {}, LinkKind::kOther};
    std::error_code error;
    // Only the directory itself is resolved: the entry's own text is wanted.
    const Result<std::string> parent = ResolveBelow(root_, directory);
    const std::string own = parent.value + "/" + name;
    link.target = std::filesystem::read_symlink(own, error);
    const Result<std::string> real = ResolveBelow(root_, directory + "/" + name);
    struct stat status {};
    errno = 0;
    if (real && stat(real.value.c_str(), &status) == 0) {
      link.kind = S_ISREG(status.st_mode)   ? LinkKind::kFile
                  : S_ISDIR(status.st_mode) ? LinkKind::kDirectory
                                            : LinkKind::kOther;
    } else if (real.error == std::errc::too_many_symbolic_link_levels || errno == ELOOP) {
      link.kind = LinkKind::kLoop;
    } else if (errno == ENOENT || errno == ENOTDIR) {
      link.kind = LinkKind::kDangling;
    } else {
      link.kind = LinkKind::kFile;  // the attempt to run it says what is wrong
    }
    return link;
  }

  bool IsDown() const { return level_ == "0" || level_ == "6"; }

  void ReadDepend() {
    auto read = [this](const char* path) { return TextFile{path, Text(path)}; };
    if (level_ == "S") tree_.depend_boot = read("/etc/init.d/.depend.boot");
    if (level_ != "S") tree_.depend_stop = read("/etc/init.d/.depend.stop");
    if (level_ != "S" && !IsDown()) tree_.depend_start = read("/etc/init.d/.depend.start");
  }

  /// Headers cost a read of each script: only if a .depend file does not name them all.
  void ReadHeaders() {
    const bool missing = level_ == "S" ? Missing('S', tree_.depend_boot)
                         : IsDown()
                             ? Missing('K', tree_.depend_stop) || Missing('S', tree_.depend_stop)
                             : Missing('S', tree_.depend_start) || Missing('K', tree_.depend_stop);
    if (!missing) return;
    for (const Link& link : tree_.links) {
      LinkName name = SplitLinkName(link, tree_.init_d);
      if (name.service.empty() || link.kind != LinkKind::kFile) continue;
      tree_.headers[name.service] = HeaderText(link, name.service);
    }
    tree_.facilities.push_back({"/etc/insserv.conf", Text("/etc/insserv.conf")});
    for (const std::string& name : Names("/etc/insserv.conf.d")) {
      if (name[0] == '.' || name.find_first_of("~.") != std::string::npos) continue;
      const std::string path = "/etc/insserv.conf.d/" + name;
      tree_.facilities.push_back({path, Text(path)});
    }
  }

  bool Missing(char letter, const TextFile& file) {
    std::vector<std::string> ignored;
    const Depend depend = ParseDepend(file, &ignored);
    std::unordered_set<std::string> listed(depend.targets.begin(), depend.targets.end());
    for (const DependRule& rule : depend.rules) listed.insert(rule.name);
    for (const std::string& service : ServicesOf(tree_.links, letter, tree_.init_d)) {
      if (!listed.contains(service)) return true;
    }
    return false;
  }

  /// insserv's order: the administrator's override, the script, the package's override.
  std::string HeaderText(const Link& link, const std::string& service) {
    static constexpr char kBegin[] = "### BEGIN INIT INFO";
    std::string text = Text("/etc/insserv/overrides/" + service, kMostHeader);
    if (text.find(kBegin) != std::string::npos) return text;
    text = Text(tree_.level_dir + "/" + link.name, kMostHeader);
    if (text.find(kBegin) != std::string::npos) return text;
    return Text("/usr/share/insserv/overrides/" + service, kMostHeader);
  }

  void ReadNative() {
    for (const Link& link : tree_.links) {
      LinkName name = SplitLinkName(link, tree_.init_d);
      if (link.kind != LinkKind::kFile || !FindNativeStage(name.service, level_)) continue;
      tree_.md5[name.service] = Md5(Text(tree_.level_dir + "/" + link.name, kMostScript));
    }
  }

  std::string root_;
  const std::string level_;
  const std::string previous_;
  Tree tree_;
};

}  // namespace

Tree LoadTree(const std::string& root, const std::string& level, const std::string& previous) {
  return Loader(root, level, previous).Load();
}

}  // namespace curfew
