// SPDX-License-Identifier: GPL-2.0-or-later
// What confirm mode asks, when, and what it makes of the answers. Nobody is at a terminal here.
#include "run/confirm.h"

#include <unistd.h>

#include <deque>
#include <filesystem>
#include <fstream>

#include "check.h"
#include "kernel/linux_kernel.h"
#include "scripted_kernel.h"

namespace confirm_test {
using namespace curfew;

namespace {

using Strings = std::vector<std::string>;
using Begin = ConfirmRules::Begin;
namespace fs = std::filesystem;

/// A directory with a /run, a /var/run and an /etc/init.d, gone with the test.
struct Root {
  Root() {
    char name[] = "/tmp/curfew-unit-XXXXXX";
    path = mkdtemp(name);
    for (const char* dir : {"/run", "/var", "/etc/init.d"}) fs::create_directories(path + dir);
    fs::create_directory_symlink("/run", path + "/var/run");
  }
  ~Root() { fs::remove_all(path); }
  void Touch(const std::string& file) const { std::ofstream(path + file); }
  bool Has(const std::string& file) const { return fs::exists(path + file); }
  /// Whether the file goes within seconds: nobody waits for those who remove it.
  bool Loses(const std::string& file) const {
    for (int tries = 0; tries < 500 && Has(file); ++tries) usleep(10000);
    return !Has(file);
  }
  std::string path;
};

Files& Machine() {
  static LinuxKernel kernel;
  return kernel;
}

ConfirmRules Rules(const Root& root, ConfirmStyle style, const std::string& level,
                   const std::string& previous, const Settings& settings = {},
                   bool option = false) {
  Plan plan;
  plan.level = level;
  plan.previous = previous;
  plan.down = IsFinal(level);
  return FindConfirmRules(Machine(), root.path, style, plan, settings, option);
}

Settings CommandLine() {
  Settings settings;
  settings.confirm = true;
  return settings;
}

class Notes : public Listener {
 public:
  void On(const Event& event) override {
    if (const auto* e = std::get_if<Note>(&event)) notes.emplace_back(e->text);
  }

  Strings notes;
};

Script Starts(const std::string& service) {
  Script script;
  script.service = service;
  script.link = "S20" + service;
  script.path = "/etc/init.d/" + service;
  script.action = Action::kStart;
  return script;
}

Script Stops(const std::string& service) {
  Script script = Starts(service);
  script.link[0] = 'K';
  script.action = Action::kStop;
  return script;
}

ConfirmRules AllRules() {
  return Rules(Root(), ConfirmStyle::kNone, "0", "2", {}, true);
}

/// "run", "skip", or "open" if the replies end without a decision. `shown` gets what was shown.
std::string Decision(Confirm& confirm, const Script& script, const Strings& replies,
                     std::string* shown = nullptr) {
  confirm.Ask(script, {"K30b", "K31c"});
  for (const std::string& reply : replies) {
    const Confirm::Decision decision = confirm.Take(reply);
    if (decision != Confirm::Decision::kAskAgain)
      return decision == Confirm::Decision::kRun ? "run" : "skip";
    if (shown) *shown += confirm.Again().shown;
  }
  return "open";
}

std::string DecisionOn(const Strings& replies) {
  Notes notes;
  Confirm confirm(Machine(), AllRules(), {}, true, notes);
  const std::string decision = Decision(confirm, Stops("a"), replies);
  return decision + (confirm.asking() ? "" : ", then no question");
}

}  // namespace

TEST("y and no answer are yes, n is no, c is yes and the end of all questions") {
  for (const char* reply : {"y", "Y", ""}) CHECK_EQ(DecisionOn({reply}), std::string("run"));
  for (const char* reply : {"n", "N"}) CHECK_EQ(DecisionOn({reply}), std::string("skip"));
  for (const char* reply : {"c", "C"}) {
    CHECK_EQ(DecisionOn({reply}), std::string("run, then no question"));
  }
}

TEST("every other answer asks again, whole words too") {
  for (const char* reply : {"x", "yes", "no", "\x03", " ", "yY n"}) {
    CHECK_EQ(DecisionOn({reply}), std::string("open"));
    CHECK_EQ(DecisionOn({reply, "n"}), std::string("skip"));
  }
}

TEST("a line that only makes noise is not asked for ever") {
  CHECK_EQ(DecisionOn(Strings(1000, "~")), std::string("run"));
}

TEST("show says the script's header and who waits for it, and asks again") {
  Notes notes;
  const std::string block = "### BEGIN INIT INFO\n# Provides: a\n### END INIT INFO";
  Confirm confirm(Machine(), AllRules(), {{"/etc/init.d/a", block}}, true, notes);
  std::string shown;
  CHECK_EQ(Decision(confirm, Stops("a"), {"s", "S", "x", "n"}, &shown), std::string("skip"));
  const std::string once = "K20a: /etc/init.d/a stop\n" + block + "\nwaiting for it: K30b K31c\n";
  CHECK_EQ(shown, once + once);
}

TEST("a header is the block between its two marks, or nothing") {
  const Root root;
  const std::string block = "### BEGIN INIT INFO\n# Provides: a\n### END INIT INFO";
  const auto header = [&](const std::string& text) {
    std::ofstream(root.path + "/etc/init.d/a") << text;
    Plan plan;
    plan.passes = {{Action::kStop, {Stops("a")}}};
    return ReadHeaders(root.path, plan).at("/etc/init.d/a");
  };
  CHECK(header("#!/bin/sh\n" + block + "\necho\n").starts_with(block));
  CHECK_EQ(header("#!/bin/sh\n### BEGIN INIT INFO\n# Provides: a\n"), std::string());
  CHECK_EQ(header(""), std::string());
}

TEST("each style asks in its own words") {
  const Root root;
  root.Touch("/run/confirm");
  const auto asked = [&](const ConfirmRules& rules, const Script& script) {
    Notes notes;
    return Confirm(Machine(), rules, {}, true, notes).Ask(script, {}).text;
  };
  CHECK_EQ(asked(Rules(root, ConfirmStyle::kSuse, "3", "N", CommandLine()), Starts("x")),
           std::string("Start service x, (Y)es/(N)o/(C)ontinue? [y] "));
  CHECK_EQ(asked(Rules(root, ConfirmStyle::kRedHat, "3", "N"), Starts("x")),
           std::string("Start service x (Y)es/(N)o/(C)ontinue? [Y] "));
  CHECK_EQ(asked(AllRules(), Stops("x")),
           std::string("Stop service x, (Y)es/(N)o/(C)ontinue/(S)how? [y] "));
}

TEST("--confirm asks about stops and hooks as well, the others only about S links that start") {
  Notes notes;
  const Root root;
  Confirm all(Machine(), AllRules(), {}, true, notes);
  Confirm suse(Machine(), Rules(root, ConfirmStyle::kSuse, "3", "N", CommandLine()), {}, true,
               notes);
  Script hook = Starts("before.local");
  hook.link = "before.local";
  CHECK(all.Asks(Starts("a")) && all.Asks(Stops("a")) && all.Asks(hook));
  CHECK(suse.Asks(Starts("a")) && !suse.Asks(Stops("a")) && !suse.Asks(hook));
  Script stage = Stops("sendsigs");
  stage.kind = ScriptKind::kNativeStage;
  CHECK(!all.Asks(stage));
}

TEST("SUSE asks on the way up from no level only: not in S, 0, 1, 6") {
  const Root root;
  for (const char* level : {"2", "3", "5", "boot"}) {
    CHECK(Rules(root, ConfirmStyle::kSuse, level, "N", CommandLine()).begin == Begin::kOn);
    CHECK(Rules(root, ConfirmStyle::kSuse, level, "2", CommandLine()).begin == Begin::kOff);
    CHECK(Rules(root, ConfirmStyle::kSuse, level, "N").begin == Begin::kOff);
  }
  for (const char* level : {"S", "0", "1", "6"}) {
    CHECK(Rules(root, ConfirmStyle::kSuse, level, "N", CommandLine()).begin == Begin::kOff);
  }
}

TEST("SUSE: /run/do_confirm counts once, and is left for the level by the boot") {
  const Root root;
  root.Touch("/run/do_confirm");
  CHECK(Rules(root, ConfirmStyle::kSuse, "boot", "N").begin == Begin::kOff);
  CHECK(root.Has("/run/do_confirm"));
  CHECK(Rules(root, ConfirmStyle::kSuse, "3", "5").begin == Begin::kOff);
  CHECK(root.Has("/run/do_confirm"));
  CHECK(Rules(root, ConfirmStyle::kSuse, "3", "N").begin == Begin::kOn);
  CHECK(!root.Has("/run/do_confirm"));
}

TEST("SUSE: where /var/run is a directory of its own, its do_confirm counts once, too") {
  ScriptedKernel kernel;
  kernel.files["/var/run/do_confirm"] = "";
  const auto begin = [&] {
    Plan plan;
    plan.level = "3";
    plan.previous = "N";
    return FindConfirmRules(kernel, "", ConfirmStyle::kSuse, plan, {}, false).begin;
  };
  CHECK(begin() == Begin::kOn);
  CHECK(!kernel.files.contains("/var/run/do_confirm"));
  CHECK(begin() == Begin::kOff);
}

TEST("SUSE: the offer is made by the boot where there is one, and its answer handed over") {
  const Root root;
  Settings settings;
  settings.prompt_for_confirm = true;
  CHECK(Rules(root, ConfirmStyle::kSuse, "3", "N", settings).begin == Begin::kOffer);
  root.Touch("/etc/init.d/boot");
  CHECK(Rules(root, ConfirmStyle::kSuse, "3", "N", settings).begin == Begin::kOff);
  const ConfirmRules rules = Rules(root, ConfirmStyle::kSuse, "boot", "N", settings);
  for (const std::string reply : {"", "n", "x", "yY"}) {
    Notes notes;
    Confirm confirm(Machine(), rules, {}, true, notes);
    CHECK_EQ(confirm.Offer()->text, std::string("Enter Interactive startup mode? y/[n](5s) "));
    confirm.TakeOffer(reply);
    CHECK(!confirm.asking() && notes.notes.empty() && !root.Has("/run/do_confirm"));
  }
  Notes notes;
  Confirm confirm(Machine(), rules, {}, true, notes);
  CHECK(confirm.Offer().has_value());
  confirm.TakeOffer("i");
  CHECK(confirm.asking() && root.Has("/run/do_confirm"));
  CHECK_EQ(notes.notes, Strings{"Master Resource Control: Interactive startup"});
}

TEST("SUSE: an answer that cannot be handed over is said") {
  ScriptedKernel kernel;
  kernel.errors["create"] = std::errc::read_only_file_system;
  ConfirmRules rules;
  rules.begin = Begin::kOffer;
  rules.create = "/run/do_confirm";
  Notes notes;
  Confirm confirm(kernel, rules, {}, true, notes);
  confirm.Offer();
  confirm.TakeOffer("y");
  CHECK(confirm.asking());
  CHECK_EQ(notes.notes.back(),
           std::string("/run/do_confirm: Read-only file system; the next level asks nothing"));
}

TEST("Red Hat asks in every level as long as the file is there; c removes it") {
  const Root root;
  CHECK(Rules(root, ConfirmStyle::kRedHat, "3", "2", CommandLine()).begin == Begin::kOff);
  CHECK(Rules(root, ConfirmStyle::kRedHat, "3", "N", CommandLine()).begin == Begin::kOn);
  root.Touch("/run/confirm");
  for (const char* level : {"1", "3", "6"}) {
    CHECK(Rules(root, ConfirmStyle::kRedHat, level, "2").begin == Begin::kOn);
  }
  Notes notes;
  Confirm confirm(Machine(), Rules(root, ConfirmStyle::kRedHat, "3", "2"), {}, true, notes);
  CHECK_EQ(Decision(confirm, Starts("a"), {"n"}), std::string("skip"));
  CHECK(root.Has("/run/confirm"));
  CHECK_EQ(Decision(confirm, Starts("b"), {"c"}), std::string("run"));
  CHECK(!confirm.asking() && root.Loses("/run/confirm"));
}

TEST("Red Hat says at boot whether it will ask, and later nothing") {
  const Root root;
  const auto notes_of = [&](const std::string& previous) {
    Notes notes;
    Confirm(Machine(), Rules(root, ConfirmStyle::kRedHat, "3", previous), {}, true, notes).Offer();
    return notes.notes;
  };
  CHECK_EQ(notes_of("N"), Strings{"Entering non-interactive startup"});
  CHECK_EQ(notes_of("2"), Strings{});
  root.Touch("/run/confirm");
  CHECK_EQ(notes_of("N"), Strings{"Entering interactive startup"});
  CHECK_EQ(notes_of("2"), Strings{});
}

TEST("a question has a limit, but Red Hat's on the way up; nothing holds up a shutdown") {
  const Root root;
  root.Touch("/run/confirm");
  Settings settings = CommandLine();
  settings.confirm_timeout = std::chrono::seconds(7);
  const auto limit = [&](ConfirmStyle style, const char* level, const char* previous, bool option) {
    const auto seconds = Rules(root, style, level, previous, settings, option).limit;
    return seconds ? static_cast<int>(seconds->count()) : -1;
  };
  CHECK_EQ(limit(ConfirmStyle::kSuse, "3", "N", false), 7);
  CHECK_EQ(limit(ConfirmStyle::kRedHat, "3", "N", false), -1);
  CHECK_EQ(limit(ConfirmStyle::kRedHat, "0", "3", false), 7);
  CHECK_EQ(limit(ConfirmStyle::kRedHat, "6", "3", false), 7);
  for (const char* level : {"S", "3", "0"}) {
    CHECK_EQ(limit(ConfirmStyle::kNone, level, "2", true), 7);
  }
}

TEST("without a terminal to ask on there are no questions, and --confirm says so") {
  Notes notes;
  Confirm confirm(Machine(), AllRules(), {}, false, notes);
  CHECK(!confirm.Offer() && !confirm.asking() && !confirm.Asks(Stops("a")));
  CHECK_EQ(notes.notes, Strings{"no terminal to ask on; every script runs"});
}

}  // namespace confirm_test
