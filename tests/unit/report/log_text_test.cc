// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/log_text.h"

#include <time.h>

#include "check.h"
#include "report/trace_maker.h"
#include "text/text.h"

namespace log_text_test {
using namespace curfew;

namespace {

LoadedRun Loaded(const TraceMaker& trace) {
  return {{trace.text(), false}, trace.Run()};
}

std::string Log(const TraceMaker& trace, const std::string& service = "") {
  std::string log;
  WriteLog(Loaded(trace), {service}, [&](std::string_view text) { log += text; });
  return log;
}

std::string Json(const TraceMaker& trace) {
  std::string json;
  WriteLogJson(Loaded(trace), {}, [&](std::string_view text) { json += text; });
  return json;
}

}  // namespace

TEST("log: the wall clock, who, and what; output as it was written, events in parentheses") {
  setenv("TZ", "UTC", 1);
  tzset();
  TraceMaker trace;
  trace.Wait(1500).Plan("a").Start("a").Add(R"("event":"line","service":"a","text":"Stopping a")");
  CHECK_EQ(Log(trace),
           "Fri 2025-11-28\n"
           "21:59:41.000 rc: (level 2 to 0:  scripts)\n"
           "21:59:42.500 a: (begins to stop, process 7)\n"
           "21:59:42.500 a: Stopping a\n");
  CHECK_EQ(Lines(Log(trace, "rc")).size(), 2u);
}

TEST("log: without a wall clock the time since the begin stands in its place") {
  TraceMaker trace;
  std::string text = trace.Wait(1500).Start("a").text();
  text.replace(text.find("wall_us"), 7, "wall_xx");
  const LoadedRun loaded{{text, false}, ReadRecordedRun({text, false})};
  std::string log;
  WriteLog(loaded, {"a"}, [&](std::string_view line) { log += line; });
  CHECK_EQ(log, "+1.50 s a: (begins to stop, process 7)\n");
}

TEST("log: each state of a mark is told in words, and a strange event with all its values") {
  const auto told = [](const std::string& event) {
    const std::string log = Log(TraceMaker().Add("\"event\":" + event));
    const std::string_view line = Lines(log).back();
    return std::string(line.substr(line.find(' ') + 1));
  };
  const std::string mark =
      R"("mark","type":"ext4","device":"sda2","target":"/srv","why":"x","state":)";
  const std::string srv = "halt: (/srv: ext4 on sda2 ";
  CHECK_EQ(told(mark + "\"clean\""), srv + "is clean by its own mark)");
  CHECK_EQ(told(mark + "\"unknown\""), srv + "has no mark that can be read)");
  CHECK_EQ(told(mark + "\"dirty\""), srv + "is not clean: x)");
  CHECK_EQ(told(mark + "\"before\""), srv + "was not clean when it was mounted: x)");
  CHECK_EQ(told(R"("ended","count":1,"names":"x")"), "halt: (1 process ended: x)");
  CHECK_EQ(told(R"("ended","count":2,"names":"x, y")"), "halt: (2 processes ended: x, y)");
  CHECK_EQ(told(R"("new","a":1,"b":"c")"), "rc: (new a=1 b=\"c\")");
}

TEST("log: no terminal obeys what a script or a foreign program wrote") {
  TraceMaker trace;
  trace.Add(
      "\"event\":\"line\",\"service\":\"\\u001b[2Ja\\u009bx\",\"text\":\"\\u001b]0;x\\u0007\"");
  trace.Add("\"event\":\"odd\\u001b[2J\",\"k\\u001b\":\"\\u009b2J\\u007f\"");
  for (const std::string& text : {Log(trace), Json(trace)}) {
    CHECK(text.find('\x1b') == text.npos && text.find('\x07') == text.npos);
    CHECK(text.find('\x7f') == text.npos && text.find("\xc2\x9b") == text.npos);
  }
}

TEST("log: a name may be a link, and one that is nearly right gets a hint") {
  const RecordedRun run = TraceMaker().Plan("nginx").Plan("cups").Plan("cups-browsed").Run();
  CHECK_EQ(ServiceNamed(run, "K01cups"), "cups");
  CHECK_EQ(ServiceNamed(run, "ngnix"), "");
  CHECK(CloseNames(run, "ngnix") == std::vector<std::string>{"nginx"});
  CHECK(CloseNames(run, "browsed") == std::vector<std::string>{"cups-browsed"});
  CHECK(CloseNames(run, "postgresql").empty());
}

}  // namespace log_text_test
