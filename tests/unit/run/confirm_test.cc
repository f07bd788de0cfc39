// SPDX-License-Identifier: GPL-2.0-or-later
// What confirm mode asks, when, and what it makes of the answers. Nobody is at a terminal here.
#include "run/confirm.h"

#include <deque>
#include <filesystem>
#include <fstream>

#include "check.h"

namespace {

using namespace curfew;
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

ConfirmRules Rules(const Root& root, ConfirmStyle style, const std::string& level,
                   const std::string& previous, const Settings& settings = {},
                   bool option = false) {
  Plan plan;
  plan.level = level;
  plan.previous = previous;
  plan.down = IsFinal(level);
  return FindConfirmRules(root.path, style, plan, settings, option);
}

Settings CommandLine() {
  Settings settings;
  settings.confirm = true;
  return settings;
}

/// Replies what it was given, in turn, at once; then nothing more.
class Person : public Asker {
 public:
  explicit Person(Strings replies) : replies_(replies.begin(), replies.end()) {}
  bool CanAsk() const override { return present; }
  void Ask(const Question& question, OnReply on_reply) override {
    asked.push_back(question.text);
    if (replies_.empty()) return;
    const std::string reply = replies_.front();
    replies_.pop_front();
    on_reply(reply);
  }
  void Show(std::string_view text) override { shown += text; }

  bool present = true;
  Strings asked;
  std::string shown;

 private:
  std::deque<std::string> replies_;
};

class Notes : public Listener {
 public:
  void On(const Event& event) override {
    if (const auto* e = std::get_if<Note>(&event)) notes.emplace_back(e->text);
    if (const auto* e = std::get_if<ConsoleLent>(&event)) lent = e->lent;
  }

  Strings notes;
  bool lent = false;
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

/// "run", "skip", or "open" as long as there is no decision.
std::string Decision(Confirm& confirm, const Script& script) {
  std::string decision = "open";
  confirm.Decide(script, {}, [&](bool run) { decision = run ? "run" : "skip"; });
  return decision;
}

std::string DecisionOn(const Strings& replies) {
  Person person(replies);
  Notes notes;
  Confirm confirm(AllRules(), {}, person, notes);
  const std::string decision = Decision(confirm, Stops("a"));
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
  Person person({"s", "S", "n"});
  Notes notes;
  const std::string block = "### BEGIN INIT INFO\n# Provides: a\n### END INIT INFO";
  Confirm confirm(AllRules(), {{"/etc/init.d/a", block}}, person, notes);
  bool skipped = false;
  confirm.Decide(Stops("a"), {"K30b", "K31c"}, [&](bool run) { skipped = !run; });
  CHECK(skipped);
  CHECK_EQ(person.asked.size(), 3u);
  const std::string once = "K20a: /etc/init.d/a stop\n" + block + "\nwaiting for it: K30b K31c\n";
  CHECK_EQ(person.shown, once + once);
}

TEST("a header is the block between its two marks, or nothing") {
  const std::string block = "### BEGIN INIT INFO\n# Provides: a\n### END INIT INFO";
  CHECK_EQ(HeaderBlock("#!/bin/sh\n" + block + "\necho\n"), block);
  CHECK_EQ(HeaderBlock("#!/bin/sh\n### BEGIN INIT INFO\n# Provides: a\n"), std::string());
  CHECK_EQ(HeaderBlock(""), std::string());
}

TEST("the console is lent as long as a question is open") {
  Person person({"x"});
  Notes notes;
  Confirm confirm(AllRules(), {}, person, notes);
  Decision(confirm, Stops("a"));
  CHECK(notes.lent);
  Person other({"n"});
  Confirm answered(AllRules(), {}, other, notes);
  Decision(answered, Stops("a"));
  CHECK(!notes.lent);
}

TEST("each style asks in its own words") {
  const Root root;
  root.Touch("/run/confirm");
  const auto asked = [&](const ConfirmRules& rules, const Script& script) {
    Person person({});
    Notes notes;
    Confirm confirm(rules, {}, person, notes);
    Decision(confirm, script);
    return person.asked.at(0);
  };
  CHECK_EQ(asked(Rules(root, ConfirmStyle::kSuse, "3", "N", CommandLine()), Starts("x")),
           std::string("Start service x, (Y)es/(N)o/(C)ontinue? [y] "));
  CHECK_EQ(asked(Rules(root, ConfirmStyle::kRedHat, "3", "N"), Starts("x")),
           std::string("Start service x (Y)es/(N)o/(C)ontinue? [Y] "));
  CHECK_EQ(asked(AllRules(), Stops("x")),
           std::string("Stop service x, (Y)es/(N)o/(C)ontinue/(S)how? [y] "));
}

TEST("--confirm asks about stops and hooks as well, the others only about S links that start") {
  Person person({});
  Notes notes;
  const Root root;
  Confirm all(AllRules(), {}, person, notes);
  Confirm suse(Rules(root, ConfirmStyle::kSuse, "3", "N", CommandLine()), {}, person, notes);
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

TEST("SUSE: the offer is made by the boot where there is one, and its answer handed over") {
  const Root root;
  Settings settings;
  settings.prompt_for_confirm = true;
  CHECK(Rules(root, ConfirmStyle::kSuse, "3", "N", settings).begin == Begin::kOffer);
  root.Touch("/etc/init.d/boot");
  CHECK(Rules(root, ConfirmStyle::kSuse, "3", "N", settings).begin == Begin::kOff);
  const ConfirmRules rules = Rules(root, ConfirmStyle::kSuse, "boot", "N", settings);
  for (const std::string reply : {"", "n", "x", "yY"}) {
    Person person({reply});
    Notes notes;
    Confirm confirm(rules, {}, person, notes);
    bool gone_on = false;
    confirm.Begin([&] { gone_on = true; });
    CHECK(gone_on && !confirm.asking() && notes.notes.empty() && !root.Has("/run/do_confirm"));
    CHECK_EQ(person.asked, Strings{"Enter Interactive startup mode? y/[n](5s) "});
  }
  Person person({"i"});
  Notes notes;
  Confirm confirm(rules, {}, person, notes);
  confirm.Begin([] {});
  CHECK(confirm.asking() && root.Has("/run/do_confirm"));
  CHECK_EQ(notes.notes, Strings{"Master Resource Control: Interactive startup"});
}

TEST("Red Hat asks in every level as long as the file is there; c removes it") {
  const Root root;
  CHECK(Rules(root, ConfirmStyle::kRedHat, "3", "2", CommandLine()).begin == Begin::kOff);
  CHECK(Rules(root, ConfirmStyle::kRedHat, "3", "N", CommandLine()).begin == Begin::kOn);
  root.Touch("/run/confirm");
  for (const char* level : {"1", "3", "6"}) {
    CHECK(Rules(root, ConfirmStyle::kRedHat, level, "2").begin == Begin::kOn);
  }
  Person person({"n", "c"});
  Notes notes;
  Confirm confirm(Rules(root, ConfirmStyle::kRedHat, "3", "2"), {}, person, notes);
  CHECK_EQ(Decision(confirm, Starts("a")), std::string("skip"));
  CHECK(root.Has("/run/confirm"));
  CHECK_EQ(Decision(confirm, Starts("b")), std::string("run"));
  CHECK(!confirm.asking() && root.Loses("/run/confirm"));
}

TEST("Red Hat says at boot whether it will ask, and later nothing") {
  const Root root;
  const auto notes_of = [&](const std::string& previous) {
    Person person({});
    Notes notes;
    Confirm(Rules(root, ConfirmStyle::kRedHat, "3", previous), {}, person, notes).Begin([] {});
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

TEST("without anybody to ask there are no questions, and --confirm says so") {
  Person nobody({});
  nobody.present = false;
  Notes notes;
  Confirm confirm(AllRules(), {}, nobody, notes);
  bool gone_on = false;
  confirm.Begin([&] { gone_on = true; });
  CHECK(gone_on && !confirm.asking() && !confirm.Asks(Stops("a")));
  CHECK_EQ(notes.notes, Strings{"no terminal to ask on; every script runs"});
}
