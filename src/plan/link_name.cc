// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/link_name.h"

#include <algorithm>
#include <string_view>

namespace curfew {
namespace {

constexpr char kDigits[] = "0123456789";

/// How many characters after the letter are the number; 0 if the name is no link name.
size_t NumberLength(std::string_view rest, std::string_view target,
                    const std::set<std::string>& init_d, bool two_digits) {
  const size_t digits = std::min(rest.find_first_not_of(kDigits), rest.size());
  if (two_digits) return digits < 2 ? 0 : 2;
  const std::string_view base = target.substr(target.rfind('/') + 1);
  if (!base.empty() && rest.ends_with(base)) {
    const size_t before = rest.size() - base.size();
    if (before > 0 && before <= digits) return before;
  }
  if (digits > 2 && init_d.contains(std::string(rest.substr(2)))) return 2;
  return digits;
}

}  // namespace

LinkName SplitLinkName(const Link& link, const std::set<std::string>& init_d, bool two_digits) {
  LinkName name;
  if (link.name.empty()) return name;
  name.letter = link.name[0];
  const std::string_view rest = std::string_view(link.name).substr(1);
  const size_t length = NumberLength(rest, link.target, init_d, two_digits);
  if (length == 0) return name;
  for (char digit : rest.substr(0, std::min<size_t>(length, 9))) {
    name.number = name.number * 10 + (digit - '0');
  }
  name.service = rest.substr(length);
  return name;
}

std::set<std::string> ServicesOf(const std::vector<Link>& links, char letter,
                                 const std::set<std::string>& init_d, bool two_digits) {
  std::set<std::string> services;
  for (const Link& link : links) {
    LinkName name = SplitLinkName(link, init_d, two_digits);
    if (name.letter == letter && !name.service.empty()) services.insert(std::move(name.service));
  }
  return services;
}

bool NaturallyLess(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a, whole_b = b;
  // The digits at the beginning of `text`, without zeros before them, are taken off it.
  const auto take = [](std::string_view* text) {
    const size_t digits = std::min(text->find_first_not_of(kDigits), text->size());
    std::string_view number = text->substr(0, digits);
    text->remove_prefix(digits);
    number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
    return number;
  };
  while (!a.empty() && !b.empty()) {
    const std::string_view number_a = take(&a), number_b = take(&b);
    if (number_a.size() != number_b.size()) return number_a.size() < number_b.size();
    if (number_a != number_b) return number_a < number_b;
    if (a.empty() || b.empty()) break;
    if (a[0] != b[0]) return static_cast<unsigned char>(a[0]) < static_cast<unsigned char>(b[0]);
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.empty() != b.empty() ? a.empty() : whole_a < whole_b;
}

}  // namespace curfew
