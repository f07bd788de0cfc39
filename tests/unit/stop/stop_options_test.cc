// SPDX-License-Identifier: GPL-2.0-or-later
#include "stop/stop_options.h"

#include "check.h"
#include "kernel/argv.h"
#include "text/text.h"

namespace stop_options_test {
using namespace curfew;
using Talk = StopOptions::Talk;
using Kind = ScheduleItem::Kind;

/// The options of a command line, its words parted by blanks.
std::optional<StopOptions> Parsed(const std::string& line) {
  const std::vector<std::string> words = Words("start-stop-daemon " + line);
  return ParseStopOptions(static_cast<int>(words.size()), Argv(words).data());
}

TEST("stop options: long, short, shortened, joined and bundled words say the same") {
  for (const char* line :
       {"--stop --retry 5 --quiet --oknodo --exec /bin/d --name d", "-K -R 5 -q -o -x /bin/d -n d",
        "-KqoR5 -x/bin/d -nd", "--sto --ret=5 --qui --okn --exe=/bin/d --nam=d",
        "word --exec /bin/d -- --start -K", "-R 9 -x /bin/d -n d -o -q -K -R 5"}) {
    const auto options = Parsed(line);
    const bool cut = std::string_view(line).starts_with("word");
    CHECK_EQ(options.has_value(), !cut);
    if (!options) continue;
    CHECK_EQ(options->exec + " " + options->name, "/bin/d d");
    CHECK_EQ(options->schedule.size(), 4u);
    CHECK_EQ(options->schedule[1].value, 5);
    CHECK(options->talk == Talk::kQuiet && options->nothing_is_good);
  }
}

TEST("stop options: --pid is not --pidfile, and each match is told as dpkg tells it") {
  CHECK_EQ(Parsed("-K -R 5 --pid 12")->What(), "process with pid 12");
  CHECK_EQ(Parsed("-K -R 5 --ppid 12")->What(), "process(es) with parent pid 12");
  CHECK_EQ(Parsed("-K -R 5 -u root")->What(), "process(es) owned by 'root'");
  CHECK_EQ(Parsed("-K -R 5 -u root -p /run/d")->What(), "process in pidfile '/run/d'");
  CHECK_EQ(Parsed("-K -R 5 -p /run/d -x /bin/d")->What(), "/bin/d");
  CHECK_EQ(Parsed("-K -R 5 -p /run/d -x /bin/d -n d")->What(), "d");
  CHECK(Parsed("-K -R 5 -p /run/d")->OnlyPidfile());
  CHECK(!Parsed("-K -R 5 -p /run/d -u root")->OnlyPidfile());
}

TEST("stop options: the signal counts for a timeout wherever it stands, and not for a schedule") {
  CHECK_EQ(Parsed("-K -R 5 -s HUP -n d")->schedule[0].value, SIGHUP);
  CHECK_EQ(Parsed("-K -s 1 -R 5 -n d")->schedule[0].value, SIGHUP);
  CHECK_EQ(Parsed("-K -s HUP -R INT/5 -n d")->schedule[0].value, SIGINT);
}

TEST("stop options: the last of --quiet and --verbose counts") {
  CHECK(Parsed("-K -R 5 -n d -q -v")->talk == Talk::kVerbose);
  CHECK(Parsed("-K -R 5 -n d -vq")->talk == Talk::kQuiet);
  CHECK(Parsed("-K -R 5 -n d")->talk == Talk::kUsual);
}

TEST("stop options: what a start alone needs is taken, so that scripts can give it to both") {
  const auto options = Parsed("-K -R 5 -p /run/d -m -c daemon --startas /bin/wrapper");
  CHECK(options.has_value() && options->OnlyPidfile());
  CHECK_EQ(options->as_user, "daemon");
}

TEST("stop options: all else is left to dpkg") {
  for (const char* line : {"",
                           "-K -n d",
                           "-R 5 -n d",
                           "-K -R 5",
                           "-S -x /bin/d",
                           "-S -x /bin/d -- -K -R 5 -n d",
                           "-K -T -R 5 -n d",
                           "-K -S -R 5 -n d",
                           "-K -R 5 -n d -t",
                           "-K -R 5 -n d --help",
                           "-K -R 5 -n d -V",
                           "-K -R 5 -n d -c root:root",
                           "-K -R 5 -n d -d /",
                           "-K -R 5 -n d -m",
                           "-K -R 5 -n d --unknown",
                           "-K -R 5 -n d -Z",
                           "-K -R 5 -n",
                           "-K -n d --re 5",
                           "-K -R 5 -x bin/d",
                           "-K -R 5 -n sixteen-letters-x",
                           "-K -R 5 --pid 0 -n d",
                           "-K -R 5 --pid -1",
                           "-K -R 5 --pid 5x",
                           "-K -R 5 --ppid 0",
                           "-K -R 5 --pid 5 -p /run/d",
                           "-K -R 5 -s SIGTERM -n d",
                           "-K -R TERM/ -n d",
                           "-K -R 5 -x /bin/d --remove-pidfile"})
    CHECK_EQ(std::string(Parsed(line) ? line : "none"), "none");
}

TEST("stop options: the words keep their order for the program that may come after") {
  const std::vector<std::string> words = Words("ssd operand -K other -R 5 -n d -- -q last");
  const std::vector<char*> argv = Argv(words);
  std::vector<char*> same = argv;
  CHECK(ParseStopOptions(static_cast<int>(words.size()), same.data()).has_value());
  CHECK(same == argv);
  char* none[] = {nullptr};
  CHECK(!ParseStopOptions(0, none).has_value());
}

}  // namespace stop_options_test
