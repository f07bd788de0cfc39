// SPDX-License-Identifier: GPL-2.0-or-later
#include "trace/trace.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include <cstdio>

namespace curfew {
namespace {

/// How many bytes the well-formed UTF-8 character at the start of `text` has; 0 if there is none
/// (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
size_t CharacterSize(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return 0;
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f)) return 0;
  if ((lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) > 0x8f)) return 0;
  return size;
}

void AppendString(std::string* out, std::string_view text) {
  *out += '"';
  while (!text.empty()) {
    const size_t size = CharacterSize(text);
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
  const int flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | (fresh ? O_TRUNC : 0);
  file_ = Fd(open(path.c_str(), flags, 0644));
  return file_ ? std::error_code() : LastError();
}

void Trace::Write(const TraceLine& line) {
  if (!file_) return;
  const std::string text = line.Done();
  // A full /run loses the event; the run it tells about goes on.
  if (write(file_.get(), text.data(), text.size()) < 0) return;
}

long long BootTimeMicroseconds() {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

}  // namespace curfew
