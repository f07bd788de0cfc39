// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/event_text.h"

#include <boost/json.hpp>

#include "report/recorded_request.h"
#include "report/time_text.h"
#include "text/text.h"

namespace curfew {
namespace {

/// How an event reads: "{KEY}" stands for the field KEY, "{KEY:us}" for a time of it.
struct Phrase {
  std::string_view event;
  std::string_view text;
};

constexpr Phrase kOfScripts[] = {
    {"start", "begins to {action}, process {pid}"},
    {"line", "{text}"},
    {"lost", "{lines} lines of output are not kept"},
    {"exit", "ended: {status}"},
    {"skipped", "skipped"},
    {"near-limit", "no progress for {quiet_s} s; left alone in {left_s} s"},
    {"abandoned", "left alone: {reason}"},
    {"process", "{text}"},
};

constexpr Phrase kOfRc[] = {
    {"begin", "level {previous} to {level}: {scripts} scripts"},
    {"note", "{text}"},
    {"scripts-end", "all scripts are through"},
    {"next-boot", "seen by the next boot: {reason}"},
};

constexpr Phrase kOfHalt[] = {
    {"stage-start", "stage {stage} begins"},
    {"stage-end", "stage {stage} ended after {took_us:us}"},
    {"killed", "killed {name}[{pid}]"},
    {"spared", "spared {name}[{pid}]: {reason}"},
    {"ended", "{count} processes ended"},
    {"survivor", "{name}[{pid}] does not end: state {state} {wchan} {target}"},
    {"unwritten", "{target} is not written: {error}"},
    {"busy", "{target} is in use by {holders}"},
    {"detached", "{device} is taken down"},
    {"attached", "{device} stays: {error}"},
    {"writable", "{hook} made {target} writable"},
    {"dead", "{device} below {target} does not answer"},
    {"sealed", "{target} is {how}: it takes no more writes"},
    {"offline", "{device} is taken offline: it did not answer"},
    {"hook", "hook {name}: {end}, after {took_us:us}"},
    {"dead-man-end", "{reason}; the dead-man ends the machine"},
    {"dead-man", "the dead-man is process {pid}"},
    {"thawed", "thawed {cgroup}"},
    {"lowered", "{name}[{pid}] has an ordinary priority now"},
    {"closing", "not clean: {left}"},
    {"pstore", "the end is not clean: the kernel keeps its log in pstore"},
    {"trace-end", "the disk of this trace becomes read-only"},
};

template <std::size_t kSize>
const Phrase* Find(const Phrase (&phrases)[kSize], std::string_view event) {
  for (const Phrase& phrase : phrases) {
    if (phrase.event == event) return &phrase;
  }
  return nullptr;
}

std::string Filled(std::string_view phrase, const TraceEvent& event) {
  constexpr std::string_view kTime = ":us";
  std::string text;
  while (!phrase.empty()) {
    const std::size_t open = std::min(phrase.find('{'), phrase.size());
    text += phrase.substr(0, open);
    phrase.remove_prefix(open);
    if (phrase.empty()) break;
    const std::size_t close = phrase.find('}');
    std::string_view key = phrase.substr(1, close - 1);
    phrase.remove_prefix(close + 1);
    const bool time = key.ends_with(kTime);
    if (time) key.remove_suffix(kTime.size());
    text += time ? DurationText(event.Time(key).value_or(0)) : event.Text(key);
  }
  return text;
}

/// "NAME KEY=VALUE ...", of an event that this program does not know.
std::string Fields(const TraceEvent& event) {
  std::string text = event.Name();
  for (const auto& field : event.fields()) {
    const std::string_view key(field.key().data(), field.key().size());
    if (key == "time_us" || key == "event" || key == "service") continue;
    text += " ";
    text += key;
    text += "=" + boost::json::serialize(field.value());
  }
  return text;
}

/// "/srv: ext4 on sda1 is not clean: its journal still has to be replayed"
std::string MarkText(const TraceEvent& event) {
  const std::string what = event.Text("type") + " on " + event.Text("device");
  const std::string target = event.Text("target"), state = event.Text("state");
  const std::string name = target == what ? what : target + ": " + what;
  if (state == "clean") return name + " is clean by its own mark";
  if (state == "unknown") return name + " has no mark that can be read";
  return name + (state == "before" ? " was not clean when it was mounted: " : " is not clean: ") +
         event.Text("why");
}

}  // namespace

std::string EventSubject(const TraceEvent& event) {
  const std::string service = event.Text("service");
  if (!service.empty()) return service;
  const std::string name = event.Name();
  const bool halt =
      Find(kOfHalt, name) || name == "read-only" || name == "hidden" || name == "mark";
  return halt ? "halt" : "rc";
}

std::string EventText(const TraceEvent& event) {
  const std::string name = event.Name();
  if (name == "read-only") {
    return event.Text("target") + (event.Number("done") == 1 ? " is" : " is NOT") + " read-only";
  }
  if (name == "ended" && !event.Text("names").empty())
    return event.Text("count") + (event.Number("count") == 1 ? " process" : " processes") +
           " ended: " + event.Text("names");
  if (name == "mark") return MarkText(event);
  if (name == "unwritten" && !event.Text("device").empty())
    return event.Text("device") + " (" + event.Text("target") +
           ") is not written: " + event.Text("error");
  if (name == "closing" && event.Text("left").empty()) return "all file systems are clean";
  if (name == "next-boot" && event.Number("clean") == 1) return "the next boot found nothing wrong";
  if (name == "asked") return RequestText(ReadRequest(event));
  for (const Phrase* phrase : {Find(kOfScripts, name), Find(kOfRc, name), Find(kOfHalt, name)}) {
    if (phrase) return Filled(phrase->text, event);
  }
  return Fields(event);
}

}  // namespace curfew
