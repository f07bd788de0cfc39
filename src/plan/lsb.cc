// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/lsb.h"

#include <algorithm>

#include "text/text.h"

namespace curfew {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c += 'a' - 'A';
  }
  return lower;
}

/// The names in a list, as insserv reads it: separated by blanks, "," or ";"; without the "+" of an
/// optional name; $all in any case.
std::vector<std::string> ServiceNames(std::string_view text) {
  std::string list(text);
  std::replace_if(
      list.begin(), list.end(), [](char c) { return c == ',' || c == ';'; }, ' ');
  std::vector<std::string> names = Words(list);
  for (std::string& name : names) {
    if (name[0] == '+') name.erase(0, 1);
    if (Lower(name) == "$all") name = "$all";
  }
  std::erase(names, "");
  return names;
}

struct HeaderKey {
  std::string_view name;
  std::vector<std::string> Header::*list;
  bool may_be_vendors = true;  ///< X-NAME and X-VENDOR-NAME are the same key
};

constexpr HeaderKey kHeaderKeys[] = {
    {"provides", &Header::provides, false},  {"required-start", &Header::required_start, false},
    {"should-start", &Header::should_start}, {"required-stop", &Header::required_stop, false},
    {"should-stop", &Header::should_stop},   {"start-before", &Header::start_before},
    {"stop-after", &Header::stop_after},
};

/// Whether `key` is a vendor's form of `name`: "x-unitedlinux-should-start", "x-start-before".
bool IsVendors(std::string_view key, std::string_view name) {
  return key.starts_with("x-") && key.ends_with(name) && key[key.size() - name.size() - 1] == '-';
}

void ParseHeaderLine(std::string_view line, Header* header) {
  const size_t colon = line.find(':');
  if (!line.starts_with("#") || colon == std::string_view::npos) return;
  std::string key = Lower(Trimmed(line.substr(1, colon - 1)));
  std::replace(key.begin(), key.end(), '_', '-');
  const std::vector<std::string> names = ServiceNames(line.substr(colon + 1));
  for (const HeaderKey& known : kHeaderKeys) {
    if (key != known.name && !(known.may_be_vendors && IsVendors(key, known.name))) continue;
    std::vector<std::string>& list = header->*known.list;
    list.insert(list.end(), names.begin(), names.end());
  }
  if (key == "interactive" || IsVendors(key, "interactive")) {
    header->interactive = !names.empty() && Lower(names[0]) == "true";
  }
}

}  // namespace

std::string_view FindHeader(std::string_view script) {
  std::string_view rest = script;
  const char* begin = nullptr;
  while (!rest.empty()) {
    const std::string_view line = TakeLine(&rest);
    if (!line.starts_with('#')) continue;
    if (!begin && line.find("### BEGIN INIT INFO") != line.npos) begin = line.data();
    if (begin && line.find("### END INIT INFO") != line.npos) {
      return {begin, static_cast<size_t>(line.data() + line.size() - begin)};
    }
  }
  return begin ? script.substr(static_cast<size_t>(begin - script.data())) : std::string_view();
}

Header ParseHeader(std::string_view script) {
  Header header;
  const std::vector<std::string_view> lines = Lines(FindHeader(script));
  header.found = !lines.empty();
  for (const std::string_view line : lines) ParseHeaderLine(line, &header);
  return header;
}

Facilities ParseFacilities(const std::vector<TextFile>& files, std::vector<std::string>* warnings) {
  Facilities facilities;
  for (const TextFile& file : files) {
    int number = 0;
    for (const std::string_view line : Lines(file.text)) {
      ++number;
      const std::string_view text = Trimmed(line.substr(0, line.find('#')));
      if (text.empty()) continue;
      // "$name a b", "$name = a b" and "$name: a b" are the same.
      const size_t end = std::min(text.find_first_of(" \t=:"), text.size());
      const std::string name(text.substr(0, end));
      if (name[0] != '$' && name != "<interactive>") {
        warnings->push_back(file.path + ":" + std::to_string(number) +
                            ": no $facility; line ignored");
        continue;
      }
      const size_t begin = std::min(text.find_first_not_of(" \t=:", end), text.size());
      const std::vector<std::string> names = ServiceNames(text.substr(begin));
      std::vector<std::string>& list = facilities[name];
      list.insert(list.end(), names.begin(), names.end());
    }
  }
  return facilities;
}

}  // namespace curfew
