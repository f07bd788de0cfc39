// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/ends.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <tuple>

namespace curfew {
namespace {

struct EndName {
  std::string_view service;
  End end;
};

/// Debian's services (initscripts 3.06; without ".sh" from 3.07).
constexpr EndName kEnds[] = {
    {"sendsigs", End::kKill},    {"killprocs", End::kKill},   {"umountnfs.sh", End::kRecord},
    {"umountnfs", End::kRecord}, {"umountfs", End::kUnmount}, {"umountroot", End::kReadOnly},
};

End EndOf(const std::string& service) {
  for (const EndName& row : kEnds) {
    if (row.service == service) return row.end;
  }
  return End::kNone;
}

bool IsEnd(const Member& member) {
  return member.end != End::kNone;
}

/// Where the first end among the links of one letter stands; INT64_MAX: there is none.
std::int64_t FirstEnd(const std::vector<Member>& members, char letter) {
  std::int64_t first = INT64_MAX;
  for (const Member& member : members) {
    if (IsEnd(member) && member.link->letter() == letter) first = std::min(first, member.position);
  }
  return first;
}

}  // namespace

void PlaceMembers(bool down, bool names_decide, const std::string& directory,
                  std::vector<Member>* members, std::vector<std::string>* warnings) {
  std::vector<Member*> ends;
  for (Member& member : *members) {
    member.position = (static_cast<std::int64_t>(member.rank) << 32) + member.link->number;
    if (down) member.end = EndOf(member.service());
    if (IsEnd(member)) ends.push_back(&member);
  }
  std::stable_sort(ends.begin(), ends.end(), [](const Member* a, const Member* b) {
    return std::tie(a->end, a->position) < std::tie(b->end, b->position);
  });
  for (size_t i = 1; i < ends.size(); ++i) {
    if (ends[i]->position >= ends[i - 1]->position) continue;
    ends[i]->position = ends[i - 1]->position;
    const Link& link = *ends[i]->link;
    if (!names_decide && link.letter() != 'S') continue;
    warnings->push_back(directory + "/" + link.name + ": its name comes before " +
                        ends[i - 1]->link->name + "; it runs after it");
  }
}

std::vector<int> ByPosition(const std::vector<Member>& members) {
  const std::int64_t first_k = FirstEnd(members, 'K'), first_s = FirstEnd(members, 'S');
  // The K links before the ends, the S links before the ends, the ends and what is between.
  auto phase = [&](const Member& member) {
    if (IsEnd(member) || member.rank > Rank::kStopByS) return 2;
    if (member.rank == Rank::kStopByS) return member.position <= first_s ? 1 : 2;
    return member.position <= first_k ? 0 : 2;
  };
  auto key = [&](int i) {
    const Member& member = members[i];
    return std::tuple(phase(member), member.position, member.end);
  };
  std::vector<int> order(members.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return key(a) < key(b); });
  return order;
}

bool IsPlacedByS(const Member& end) {
  return end.position >> 32 == static_cast<std::int64_t>(Rank::kStopByS);
}

bool EndsContradict(const std::vector<Member>& members, int before, int after) {
  const Member &b = members[before], &a = members[after];
  if (b.position <= a.position || a.rank != Rank::kStopByS || b.rank != Rank::kStopByS) {
    return false;
  }
  return IsEnd(b) || IsEnd(a) ||
         std::any_of(members.begin(), members.end(), [&](const Member& member) {
           return IsEnd(member) && a.position < member.position && member.position < b.position;
         });
}

}  // namespace curfew
