// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/trace.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include <cstdio>

#include "text/text.h"

namespace curfew {
namespace {

void AppendString(std::string* out, std::string_view text) {
  *out += '"';
  while (!text.empty()) {
    char32_t code = 0;
    const size_t size = Utf8Length(text, &code);
    const char c = text[0];
    if (size == 0) {
      *out += "\\ufffd";
    } else if (c == '"' || c == '\\') {
      *out += {'\\', c};
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escape[8];
      snprintf(escape, sizeof escape, "\\u%04x", c);
      *out += escape;
    } else {
      *out += text.substr(0, size);
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  *out += '"';
}

}  // namespace

TraceLine::TraceLine(std::string_view event)
    : text_("{\"time_us\":" + std::to_string(BootTimeMicroseconds())) {
  Text("event", event);
}

TraceLine& TraceLine::Text(std::string_view key, std::string_view value) {
  text_ += ',';
  AppendString(&text_, key);
  text_ += ':';
  AppendString(&text_, value);
  return *this;
}

TraceLine& TraceLine::Number(std::string_view key, long long value) {
  text_ += ',';
  AppendString(&text_, key);
  text_ += ':' + std::to_string(value);
  return *this;
}

std::error_code Trace::Open(const std::string& path, bool fresh) {
  mkdir(path.substr(0, path.rfind('/')).c_str(), 0755);
  const int flags =
      O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | (fresh ? O_TRUNC : 0);
  file_ = Fd(open(path.c_str(), flags, 0644));
  return file_ ? std::error_code() : LastError();
}

void Trace::Write(const TraceLine& line) {
  if (!file_) return;
  const std::string text = line.Done();
  // If /run is full the event is lost, and the run goes on.
  if (write(file_.get(), text.data(), text.size()) < 0) return;
}

long long BootTimeMicroseconds() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

}  // namespace curfew
