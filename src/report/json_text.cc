// SPDX-License-Identifier: GPL-2.0-or-later
#include "report/json_text.h"

#include <boost/json.hpp>
#include <cstdio>

namespace curfew {

std::string JsonText(const boost::json::value& value) {
  std::string text;
  const std::string json = boost::json::serialize(value);
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto c = static_cast<unsigned char>(json[i]);
    const auto next = static_cast<unsigned char>(i + 1 < json.size() ? json[i + 1] : 0);
    const bool c1 = c == 0xC2 && next >= 0x80 && next < 0xA0;
    if (c != 0x7F && !c1) {
      text += json[i];
      continue;
    }
    char escape[8];
    snprintf(escape, sizeof escape, "\\u%04x", c1 ? next : c);
    text += escape;
    i += c1;
  }
  return text;
}

std::string JsonLines(const boost::json::array& items) {
  std::string text = "[";
  for (const boost::json::value& item : items) {
    text += (text.size() == 1 ? "\n" : ",\n") + JsonText(item);
  }
  return text + "\n]\n";
}

boost::json::value JsonNumber(std::optional<long long> number) {
  return number ? boost::json::value(*number) : boost::json::value(nullptr);
}

}  // namespace curfew
