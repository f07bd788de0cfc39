// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/kd.h>

#include "check.h"
#include "final/context/background.h"
#include "final/stages/stages.h"
#include "final_stage_test.h"

namespace beep_test {
using namespace curfew;

namespace {

/// A machine with a speaker, and the tones heard, in Hz.
struct BeepTest : StageTest {
  std::vector<unsigned long> tones;
  bool sounding = false;

  explicit BeepTest(Sound sound) {
    request.settings.halt_sound = sound;
    kernel.files["/proc/bus/input/devices"] = "N: Name=\"PC Speaker\"\nB: EV=40001\nB: SND=6\n";
    kernel.files["/dev/tty0"] = "";
    kernel.on_ioctl = [this](int, unsigned long request, void* argument) -> Result<int> {
      const auto ticks = reinterpret_cast<std::uintptr_t>(argument);
      sounding = request == KIOCSOUND && ticks != 0;
      if (sounding) tones.push_back(kTimerHz / ticks);
      return 0;
    };
    BeepStage(context);
  }
};

}  // namespace

TEST("yes is a quint: two tones, the second a fifth higher, and then silence") {
  BeepTest test(Sound::kQuint);
  CHECK_EQ(test.tones.size(), 2u);
  const double ratio = static_cast<double>(test.tones[1]) / static_cast<double>(test.tones[0]);
  CHECK(ratio > 1.48 && ratio < 1.52);
  CHECK(!test.sounding);
  CHECK(test.kernel.open_paths.empty());
}

TEST("octave is eight rising tones to the double, any other word one beep, no is silent") {
  BeepTest octave(Sound::kOctave), beep(Sound::kBeep), none(Sound::kNone);
  CHECK_EQ(octave.tones.size(), 8u);
  CHECK(std::is_sorted(octave.tones.begin(), octave.tones.end()));
  CHECK(octave.tones[7] / 10 == octave.tones[0] * 2 / 10);
  CHECK_EQ(beep.tones.size(), 1u);
  CHECK(none.kernel.all.empty());
}

TEST("no tune takes half a second") {
  for (Sound sound : {Sound::kBeep, Sound::kQuint, Sound::kOctave})
    CHECK(BeepTest(sound).kernel.now < std::chrono::milliseconds(500));
}

TEST("a machine without a speaker or a screen is not held up, and nothing is said") {
  for (const char* path : {"/dev/tty0", "/proc/bus/input/devices"}) {
    BeepTest test(Sound::kNone);
    test.request.settings.halt_sound = Sound::kOctave;
    test.kernel.files.erase(path);
    BeepStage(test.context);
    FinishBackground(test.context);
    CHECK(test.tones.empty() && test.said.empty());
    CHECK_EQ(test.kernel.now.count(), 0);
  }
}

}  // namespace beep_test
