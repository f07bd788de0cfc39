// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/link_name.h"

#include <algorithm>
#include <utility>

namespace curfew {
namespace {

constexpr char kDigits[] = "0123456789";

/// Number of digits behind the letter that are the link's number; 0 if the name is no link's name.
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

Link ParseLink(std::string name, std::string target, const std::set<std::string>& init_d,
               bool two_digits) {
  Link link{std::move(name), std::move(target)};
  const std::string_view rest = std::string_view(link.name).substr(1);
  const size_t length = NumberLength(rest, link.target, init_d, two_digits);
  if (length == 0) return link;
  // Nine digits fit into an int.
  for (char digit : rest.substr(0, std::min<size_t>(length, 9))) {
    link.number = link.number * 10 + (digit - '0');
  }
  link.service = rest.substr(length);
  return link;
}

bool NaturallyLess(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a, whole_b = b;
  // Removes the digits at the beginning of `text` and returns them without leading zeros.
  const auto take = [](std::string_view* text) {
    const size_t digits = std::min(text->find_first_not_of(kDigits), text->size());
    std::string_view number = text->substr(0, digits);
    text->remove_prefix(digits);
    number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
    return number;
  };
  for (;;) {
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
