// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/lsb.h"

#include <algorithm>

#include "config/words.h"

namespace curfew {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
  }
  return lower;
}

struct HeaderKey {
  std::string_view name;
  std::vector<std::string> Header::*list;
};

constexpr HeaderKey kHeaderKeys[] = {
    {"provides", &Header::provides},
    {"required-start", &Header::required_start},
    {"x-unitedlinux-should-start", &Header::should_start},
    {"should-start", &Header::should_start},
    {"required-stop", &Header::required_stop},
    {"x-unitedlinux-should-stop", &Header::should_stop},
    {"should-stop", &Header::should_stop},
    {"x-start-before", &Header::start_before},
    {"x-stop-after", &Header::stop_after},
};

void ParseHeaderLine(std::string_view line, Header* header) {
  const size_t colon = line.find(':');
  if (!line.starts_with("#") || colon == std::string_view::npos) return;
  const std::string key = Lower(Trimmed(line.substr(1, colon - 1)));
  std::vector<std::string> words = Words(line.substr(colon + 1));
  for (const HeaderKey& known : kHeaderKeys) {
    if (key != known.name) continue;
    std::vector<std::string>& list = header->*known.list;
    list.insert(list.end(), words.begin(), words.end());
  }
  if (key == "x-interactive") header->interactive = !words.empty() && Lower(words[0]) == "true";
}

/// Takes the first line off `text`.
std::string_view TakeLine(std::string_view* text) {
  const size_t end = std::min(text->find('\n'), text->size());
  const std::string_view line = text->substr(0, end);
  text->remove_prefix(std::min(end + 1, text->size()));
  return line;
}

}  // namespace

Header ParseHeader(std::string_view text) {
  Header header;
  while (!text.empty()) {
    const std::string_view line = Trimmed(TakeLine(&text));
    if (line == "### BEGIN INIT INFO") {
      header.found = true;
    } else if (header.found && line == "### END INIT INFO") {
      break;
    } else if (header.found) {
      ParseHeaderLine(line, &header);
    }
  }
  return header;
}

Facilities ParseFacilities(const std::vector<TextFile>& files, std::vector<std::string>* warnings) {
  Facilities facilities;
  for (const TextFile& file : files) {
    int number = 0;
    for (std::string_view rest = file.text; !rest.empty();) {
      ++number;
      const std::string_view line = TakeLine(&rest);
      std::vector<std::string> words = Words(line.substr(0, line.find('#')));
      if (words.empty()) continue;
      if (words[0][0] != '$' && words[0] != "<interactive>") {
        warnings->push_back(file.path + ":" + std::to_string(number) +
                            ": no $facility; line ignored");
        continue;
      }
      std::vector<std::string>& list = facilities[words[0]];
      for (size_t i = 1; i < words.size(); ++i) {
        if (words[i][0] == '+') words[i].erase(0, 1);
        if (!words[i].empty()) list.push_back(std::move(words[i]));
      }
    }
  }
  return facilities;
}

}  // namespace curfew
