// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/confirm_rules.h"

#include "config/file.h"
#include "config/rooted.h"
#include "plan/lsb.h"

namespace curfew {
namespace {

using Begin = ConfirmRules::Begin;

/// `path` as it is found below `root`; empty if its links lead nowhere.
std::string Below(const std::string& root, const std::string& path) {
  if (root.empty()) return path;
  const Result<std::string> real = ResolveBelow(root, path);
  return real ? real.value : "";
}

ConfirmRules OptionRules(const Settings& settings) {
  ConfirmRules rules;
  rules.begin = Begin::kOn;
  rules.all = true;
  rules.choices = ", (Y)es/(N)o/(C)ontinue/(S)how? [y] ";
  rules.limit = settings.confirm_timeout;
  rules.banner = "each script is asked about; after " +
                 std::to_string(settings.confirm_timeout.count()) + " s without an answer it runs";
  return rules;
}

/// On SUSE the level "boot" offers the questions, and leaves the answer to the next rc in
/// /run/do_confirm. Where there is no init.d/boot, the first level offers them itself.
ConfirmRules SuseRules(Files& files, const std::string& root, const Plan& plan,
                       const Settings& settings) {
  ConfirmRules rules;
  rules.choices = ", (Y)es/(N)o/(C)ontinue? [y] ";
  rules.limit = settings.confirm_timeout;
  rules.banner = "Master Resource Control: Interactive startup";
  if (plan.previous != "N") return rules;
  const bool boot = plan.level == "boot";
  const std::string file = Below(root, "/run/do_confirm");
  bool wanted = false;
  // Where /var/run is a directory of its own, SUSE's boot scripts leave the answer there.
  for (const char* left : {"/run/do_confirm", "/var/run/do_confirm"})
    wanted |= !boot && !files.Unlink(Below(root, left));
  if (plan.down || plan.level == "S" || plan.level == "1") return rules;
  const bool offer = boot || !files.Stat(Below(root, "/etc/init.d/boot"));
  if (boot) rules.create = file;
  if (settings.prompt_for_confirm && offer) rules.begin = Begin::kOffer;
  if (settings.confirm || wanted) rules.begin = Begin::kOn;
  return rules;
}

/// Red Hat's boot makes the file, for a word on the kernel command line or a key. Where that
/// failed, the word is still on the command line.
ConfirmRules RedHatRules(Files& files, const std::string& root, const Plan& plan,
                         const Settings& settings) {
  ConfirmRules rules;
  const bool boot = plan.previous == "N";
  const std::string file = Below(root, "/var/run/confirm");
  rules.line = true;
  rules.choices = " (Y)es/(N)o/(C)ontinue? [Y] ";
  rules.remove = file;
  if (files.Stat(file) || (boot && settings.confirm)) rules.begin = Begin::kOn;
  if (plan.down) rules.limit = settings.confirm_timeout;
  if (boot) {
    rules.banner = "Entering interactive startup";
    rules.banner_off = "Entering non-interactive startup";
  }
  return rules;
}

}  // namespace

ConfirmRules FindConfirmRules(Files& files, const std::string& root, ConfirmStyle style,
                              const Plan& plan, const Settings& settings, bool option) {
  ConfirmRules rules;
  if (style == ConfirmStyle::kSuse) rules = SuseRules(files, root, plan, settings);
  if (style == ConfirmStyle::kRedHat) rules = RedHatRules(files, root, plan, settings);
  return option ? OptionRules(settings) : rules;
}

Headers ReadHeaders(const std::string& root, const Plan& plan) {
  Headers headers;
  for (const Pass& pass : plan.passes) {
    for (const Script& script : pass.scripts) {
      const Result<std::string> path = ResolveBelow(root, script.path);
      if (!path || script.kind != ScriptKind::kScript) continue;
      const std::string text = ReadRegularFile(path.value, kMostHeader).value;
      const std::string_view header = FindHeader(text);
      const bool ends = header.find("### END INIT INFO") != header.npos;
      headers[script.path] = ends ? header : std::string_view();
    }
  }
  return headers;
}

}  // namespace curfew
