// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <linux/kd.h>

#include <cstdint>
#include <span>

#include "config/limits.h"
#include "final/context/background.h"
#include "final/stages/stages.h"

namespace curfew {
namespace {

using std::chrono::milliseconds;

struct Tune {
  std::span<const unsigned> tones;  ///< In Hz.
  milliseconds each;
};

/// SUSE's octave has eight tones of 125 ms; at half that length it still sounds as a scale.
Tune TuneOf(Sound sound) {
  static constexpr unsigned kBeep[] = {1000};
  static constexpr unsigned kQuint[] = {523, 784};  // C5, G5
  static constexpr unsigned kOctave[] = {523, 587, 659, 698, 784, 880, 988, 1047};
  switch (sound) {
    case Sound::kBeep:
      return {kBeep, milliseconds(150)};
    case Sound::kQuint:
      return {kQuint, milliseconds(110)};
    case Sound::kOctave:
      return {kOctave, milliseconds(60)};
    default:
      return {};
  }
}

/// A speaker is an input device with sounds: "B: SND=6".
bool HasSpeaker(Files& files) {
  return files.Read("/proc/bus/input/devices").value.find("\nB: SND=") != std::string::npos;
}

std::error_code Play(Kernel& kernel, const Tune& tune) {
  if (!HasSpeaker(kernel)) return {};
  // KIOCSOUND works on any virtual terminal, but not on a serial console.
  auto console = kernel.Open("/dev/tty0", O_WRONLY);
  if (!console) return console.error;
  auto sound = [&](std::uintptr_t ticks) {
    kernel.Ioctl(console.value, KIOCSOUND, reinterpret_cast<void*>(ticks));
  };
  for (unsigned tone : tune.tones) {
    sound(kTimerHz / tone);
    kernel.Poll({}, tune.each);
  }
  sound(0);
  kernel.Close(console.value);
  return {};
}

}  // namespace

void BeepStage(StageContext& context) {
  const Tune tune = TuneOf(context.request.settings.halt_sound);
  if (tune.tones.empty()) return;
  Kernel& kernel = context.kernel;
  RunInBackground(
      context, limits::kBeep, [&kernel, tune] { return Play(kernel, tune); },
      [](std::error_code) {});
}

}  // namespace curfew
