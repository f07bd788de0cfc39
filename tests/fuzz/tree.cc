// SPDX-License-Identifier: GPL-2.0-or-later
// A small system on the disk, read by the loader.
#include "plan/tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <set>

#include "config/rooted.h"
#include "fuzz.h"
#include "kernel/fd.h"
#include "plan/request.h"
#include "scripted_kernel.h"
#include "text/text.h"

namespace curfew::tree_fuzz {

/// A directory of its own in $TMPDIR, which is never the machine itself.
class Root {
 public:
  Root() {
    const char* where = getenv("TMPDIR");
    std::string path = std::string(where && *where ? where : "/tmp") + "/curfew-fuzz.XXXXXX";
    HOLDS(mkdtemp(path.data()));
    const Result<std::string> prefix = TreePrefix(path);
    HOLDS(prefix && prefix.value == path);
    path_ = path;
  }
  ~Root() { std::filesystem::remove_all(path_); }
  Root(const Root&) = delete;

  const std::string& path() const { return path_; }

  /// Makes the file and its directories. No link is followed, so that all stays below the root.
  void Add(const fuzz::File& file) const {
    Fd directory(open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    std::vector<std::string> names;
    for (const std::string_view part : Split(file.path, '/')) {
      const std::string name(part.substr(0, part.find('\0')));
      if (name == "." || name == ".." || name.size() > 100) return;
      if (!name.empty()) names.push_back(name);
    }
    if (names.empty() || names.size() > 6) return;
    for (std::size_t i = 0; i + 1 < names.size(); ++i) {
      mkdirat(directory.get(), names[i].c_str(), 0755);
      directory = Fd(
          openat(directory.get(), names[i].c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
      if (!directory) return;
    }
    const char* last = names.back().c_str();
    if (file.is_link)
      return static_cast<void>(!symlinkat(file.text.c_str(), directory.get(), last));
    const Fd out(openat(directory.get(), last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        file.text.starts_with("#!") ? 0755 : 0644));
    if (out) (void)!write(out.get(), file.text.data(), file.text.size());
  }

 private:
  std::string path_;
};

/// A pass is in an order that satisfies its edges, and has no script twice.
static void HoldPass(const Pass& pass) {
  std::set<std::string> services;
  for (std::size_t i = 0; i < pass.scripts.size(); ++i) {
    const Script& script = pass.scripts[i];
    // A stage that comes before a script of the administrator's has no link.
    HOLDS(script.link.empty() || services.insert(script.service).second);
    for (const Dependency& before : script.after)
      HOLDS(before.script >= 0 && before.script < static_cast<int>(i));
  }
}

/// Each link of a level of Debian's way down runs once, or is named with the reason why not.
static void HoldLinks(const Plan& plan, const LinkDirectory& level) {
  std::map<std::string, int> count;
  for (const Pass& pass : plan.passes)
    for (const Script& script : pass.scripts) ++count[script.link];
  for (const Omitted& omitted : plan.omitted) ++count[omitted.link];
  for (const Link& link : level.links) HOLDS(count[link.name] == 1);
}

/// "=PATH" and "@PATH" make the tree; "=0 2" is a change from level 2 to level 0.
FUZZ("tree", input) {
  const Root root;
  std::string level = "0", previous = "2";
  for (const fuzz::File& file : fuzz::FilesIn(input)) {
    const std::vector<std::string> words = Words(file.path);
    if (words.size() == 2 && !file.path.starts_with('/')) {
      level = words[0];
      previous = words[1];
    }
    root.Add(file);
  }
  const Environment environment = [&](const std::string& name) {
    return name == "PREVLEVEL" ? previous : name == "RUNLEVEL" ? level : std::string();
  };
  // Calls in this process what else a child would.
  ScriptedKernel kernel;
  const LevelChange change =
      PlanFor(kernel, root.path(), level, environment, {}, PlanCaller::kInit);
  for (const Pass& pass : change.plan.passes) HoldPass(pass);
  if (!IsFinal(change.plan.level)) return;
  HOLDS(!change.plan.hand_over.empty());
  const Dialect& dialect = DialectOf(change.settings.layout);
  if (dialect.layout == Layout::kDebian)
    HoldLinks(change.plan, LoadTree(kernel, root.path(), dialect, change.request).level);
}

}  // namespace curfew::tree_fuzz
