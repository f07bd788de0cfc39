// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/plan_text.h"

#include <algorithm>

#include "config/heartbeat_rules.h"
#include "console/escape.h"
#include "console/table.h"
#include "plan/direct.h"
#include "run/usual_durations.h"
#include "text/text.h"

namespace curfew {
namespace {

using std::chrono::seconds;

/// The second and all further lines of one sentence begin so far from the left.
constexpr std::size_t kIndent = 2;

std::string Joined(const std::vector<std::string>& words, const char* between = " ") {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::string Command(const std::vector<std::string>& argv) {
  std::vector<std::string> words;
  for (const std::string& word : argv) words.push_back(Escaped(word));
  return Joined(words);
}

std::string What(const Script& script) {
  if (script.kind == ScriptKind::kHandOver) return "hand-over";
  if (!script.until_power.empty()) return Command(script.until_power);
  if (script.kind == ScriptKind::kNativeStage) return "halt --stage " + script.stages;
  std::string shell = script.shell ? "sh " : "";
  if (!script.trace.empty()) {
    shell = Command(script.trace) + " ";
    shell.erase(0, script.trace[0].rfind('/') + 1);
  }
  return shell + Escaped(script.path) + " " + ActionWord(script.action);
}

/// "1 min 30 s"
std::string Minutes(seconds time) {
  const auto count = time.count();
  if (count < 60) return Seconds(time);
  return std::to_string(count / 60) + " min " + Seconds(seconds(count % 60));
}

/// The limits of a script; nothing if it has none.
std::string LimitsText(const Script& script) {
  const seconds quiet = script.limit;
  const seconds in_all = script.limit_hard;
  if (quiet == in_all || quiet.count() == 0) {
    return in_all.count() == 0 ? "" : "at most " + Seconds(in_all);
  }
  const std::string text = "limit " + Seconds(quiet);
  return in_all.count() == 0 ? text : text + ", " + Seconds(in_all) + " in all";
}

/// Whether the script has the limits of the settings, and none of its own.
bool HasUsualLimits(const Settings& settings, const Script& script) {
  const bool quiet = script.interactive || script.limit == settings.limits.limit;
  return quiet && script.limit_hard == settings.limits.limit_hard;
}

/// Nothing where no earlier shutdown tells.
std::string TimeText(const ScriptTime& time) {
  if (!time.usual) return "";
  const std::string slack = time.slack.count() == 0 ? "no slack" : "slack " + RoughText(time.slack);
  return UsuallyText(*time.usual) + ", " + slack;
}

std::string WhyBroken(const PlanView& view, const Script& script) {
  const auto found = view.cannot_run.find(script.path);
  if (script.kind != ScriptKind::kScript || found == view.cannot_run.end()) return "";
  return "cannot run: " + Escaped(found->second);
}

std::string After(const Pass& pass, const std::vector<Dependency>& direct) {
  std::vector<std::string> names;
  for (const Dependency& before : direct) {
    names.push_back(Escaped(pass.scripts[static_cast<size_t>(before.script)].service));
  }
  return names.empty() ? "" : "after " + Joined(names, ", ");
}

std::string Notes(const std::vector<std::string>& notes) {
  std::vector<std::string> said;
  for (const std::string& note : notes) {
    if (!note.empty()) said.push_back(note);
  }
  return Joined(said, "; ");
}

/// The table of a pass, without its heading.
std::string PassText(const PlanView& view, const Pass& pass, const std::vector<ScriptTime>& times,
                     std::size_t width) {
  const Settings& settings = view.change.settings;
  const auto direct = DirectDependencies(pass);
  std::vector<Row> rows;
  for (size_t i = 0; i < pass.scripts.size(); ++i) {
    const Script& script = pass.scripts[i];
    const bool usual = HasUsualLimits(settings, script);
    const std::string alone = script.interactive ? "alone, on the console" : "";
    rows.push_back({Escaped(script.link), What(script),
                    Notes({WhyBroken(view, script), alone, usual ? "" : LimitsText(script),
                           TimeText(times[i]), After(pass, direct[i])})});
  }
  return Table(rows, width);
}

std::string LeftOutText(const Plan& plan, std::size_t width) {
  if (plan.omitted.empty()) return "";
  std::vector<Row> rows;
  for (const Omitted& omitted : plan.omitted) {
    rows.push_back({Escaped(omitted.link), Escaped(omitted.reason)});
  }
  return "left out:\n" + Table(rows, width);
}

std::string Title(const Plan& plan) {
  size_t count = 0;
  for (const Pass& pass : plan.passes) count += pass.scripts.size();
  std::string title = "level " + Escaped(plan.level);
  if (plan.previous != "N") title += " after level " + Escaped(plan.previous);
  if (plan.unchanged) return title + ": no change of level, nothing runs";
  title += ": " + std::to_string(count) + (count == 1 ? " script" : " scripts");
  return title + (plan.serial ? ", one at a time" : ", in parallel");
}

/// How long the change takes at the most. Empty: nothing in it has a limit.
std::string LongestText(const PlanView& view) {
  const LongestTime& longest = view.longest;
  const Settings& settings = view.change.settings;
  const bool down = view.change.plan.down;
  std::string text;
  if (longest.in_all.count() > 0) {
    text = Minutes(longest.quiet) + (down ? " for the scripts" : " for the stops");
    if (longest.in_all != longest.quiet) {
      text += ", " + Minutes(longest.in_all) + " while they make progress";
    }
    text += down ? "; then " : longest.unlimited ? "; a start has no limit" : "";
  }
  if (down) {
    text += Minutes(FinalBudget(settings)) + " without progress for the final sequence, " +
            Minutes(settings.final_hard) + " in all";
  }
  return text.empty() ? text : "at the longest: " + text;
}

std::string UnstoppedText(const PlanView& view) {
  std::vector<std::string> services;
  for (const Unstopped& service : view.unstopped) {
    services.push_back(Escaped(service.service) + " (" + ProcessesText(service) + ")");
  }
  return services.empty()
             ? ""
             : "without a stop link, ended by the kill stage: " + Joined(services, ", ");
}

std::string LoginsText(const PlanView& view) {
  std::vector<std::string> people;
  for (const Login& login : view.logins) {
    people.push_back(Escaped(login.user) + " on " + Escaped(login.terminal));
  }
  return people.empty() ? "" : "logged in: " + Joined(people, ", ");
}

}  // namespace

std::string PlanText(const PlanView& view, std::size_t width) {
  const Plan& plan = view.change.plan;
  std::string text = Folded(Title(plan), width, kIndent);
  for (size_t i = 0; i < plan.passes.size(); ++i) {
    const Pass& pass = plan.passes[i];
    const bool goes_on = i > 0 && plan.passes[i - 1].action == pass.action;
    text += std::string(ActionWord(pass.action)) + (goes_on ? ", after these:\n" : ":\n");
    text += PassText(view, pass, view.times[i], width);
  }
  text += LeftOutText(plan, width);
  if (!plan.hand_over.empty()) text += "hand-over: " + Command(plan.hand_over) + "\n";
  for (const std::string& line : {LongestText(view), UnstoppedText(view), LoginsText(view)}) {
    if (!line.empty()) text += Folded(line, width, kIndent);
  }
  return text;
}

std::string ScriptText(const PlanView& view, const Script& script, std::size_t width) {
  const std::string notes =
      Notes({WhyBroken(view, script), script.interactive ? "alone, on the console" : "",
             LimitsText(script)});
  std::string text = Escaped(script.link) + " runs: " + What(script);
  if (script.kind == ScriptKind::kNativeStage && !script.path.empty()) {
    text += ", in the place of " + Escaped(script.path);
  }
  return Folded(notes.empty() ? text : text + "; " + notes, width, kIndent);
}

std::string ProcessesText(const Unstopped& service) {
  std::vector<std::string> names;
  for (const std::string& process : service.processes) names.push_back(Escaped(process));
  return Joined(names, ", ");
}

}  // namespace curfew
