// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/link_name.h"

#include <algorithm>
#include <string_view>

namespace curfew {
namespace {

/// How many characters after the letter are the number; 0 if the name is no link name.
size_t NumberLength(std::string_view rest, std::string_view target,
                    const std::set<std::string>& init_d) {
  const size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  const std::string_view base = target.substr(target.rfind('/') + 1);
  if (!base.empty() && rest.ends_with(base)) {
    const size_t before = rest.size() - base.size();
    if (before > 0 && before <= digits) return before;
  }
  if (digits > 2 && init_d.contains(std::string(rest.substr(2)))) return 2;
  return digits;
}

}  // namespace

LinkName SplitLinkName(const Link& link, const std::set<std::string>& init_d) {
  LinkName name;
  if (link.name.empty()) return name;
  name.letter = link.name[0];
  const std::string_view rest = std::string_view(link.name).substr(1);
  const size_t length = NumberLength(rest, link.target, init_d);
  if (length == 0) return name;
  for (char digit : rest.substr(0, std::min<size_t>(length, 9))) {
    name.number = name.number * 10 + (digit - '0');
  }
  name.service = rest.substr(length);
  return name;
}

std::set<std::string> ServicesOf(const std::vector<Link>& links, char letter,
                                 const std::set<std::string>& init_d) {
  std::set<std::string> services;
  for (const Link& link : links) {
    LinkName name = SplitLinkName(link, init_d);
    if (name.letter == letter && !name.service.empty()) services.insert(std::move(name.service));
  }
  return services;
}

}  // namespace curfew
