// SPDX-License-Identifier: GPL-2.0-or-later
#include "run/usual_durations.h"

#include "check.h"
#include "kernel/run_files.h"
#include "scripted_kernel.h"

namespace usual_durations_test {
using namespace curfew;
using namespace std::chrono_literals;

namespace {

UsualDurations Read(const std::string& text) {
  ScriptedKernel kernel;
  kernel.files[run_files::kUsual] = text;
  return ReadUsual(kernel, "");
}

}  // namespace

TEST("usual durations: rc reads what was written, whatever a service is called") {
  const UsualDurations usual = {{{"cups", Action::kStop}, 12s},
                                {{"cups", Action::kStart}, 1s},
                                {{"a b\n%0", Action::kStop}, 3us}};
  CHECK(Read(UsualText(usual)) == usual);
  Script script;
  script.service = "cups";
  CHECK(UsualOf(usual, script) == 12s);
  script.service = "other";
  CHECK(!UsualOf(usual, script));
}

TEST("usual durations: torn at any byte, a wrong time is never read") {
  const UsualDurations usual = {{{"cups", Action::kStop}, 12s}, {{"ssh", Action::kStop}, 3s}};
  const std::string text = UsualText(usual);
  for (std::size_t size = 0; size < text.size(); ++size) {
    for (const auto& [key, time] : Read(text.substr(0, size))) CHECK(usual.at(key) == time);
  }
}

TEST("usual durations: foreign lines count for nothing, and nor does a file that is too large") {
  const std::string good = "stop 5000000 a\n";
  CHECK(Read("\n \nstop\nstop 1\nstop 1 \nstop x a\nstop -1 a\nstop 99999999999999 a\nrun 1 a\n" +
             std::string("\0\xff\n", 3) + good)
            .size() == 1);
  CHECK(Read(good + std::string(2 << 20, '\n')).empty());
  ScriptedKernel none;
  CHECK(ReadUsual(none, "").empty());
}

TEST("usual durations: the words have whole seconds") {
  CHECK_EQ(UsuallyText(12400ms), "usually 12 s");
  CHECK_EQ(UsuallyText(600ms), "usually 1 s");
  CHECK_EQ(UsuallyText(30ms), "usually under 1 s");
}

}  // namespace usual_durations_test
