// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan/ends.h"

#include <algorithm>
#include <cstdint>
#include <functional>
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

constexpr std::int64_t Position(Rank rank, int number) {
  return (static_cast<std::int64_t>(rank) << 32) + number;
}

/// Behind all S links of level 0 and 6.
constexpr std::int64_t kBehindS = Position(Rank::kStopByS, INT32_MAX);

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

/// Moves each end with a K link that follows an end with an S link, where no K link belongs: before
/// the next end with an S link, else behind all S links.
void MoveBehindS(const std::vector<Member*>& ends,
                 const std::function<void(const Member& end, const Member& before)>& on_move) {
  const Member* before = nullptr;
  for (size_t i = 0; i < ends.size(); ++i) {
    if (ends[i]->link->letter() == 'S') {
      before = ends[i];
    } else if (before) {
      const auto next = std::find_if(ends.begin() + i, ends.end(),
                                     [](const Member* end) { return end->link->letter() == 'S'; });
      ends[i]->position = next != ends.end() ? (*next)->position : kBehindS;
      on_move(*ends[i], *before);
    }
  }
}

}  // namespace

void PlaceMembers(bool down, bool names_decide, const std::string& directory,
                  std::vector<Member>* members, std::vector<std::string>* warnings) {
  std::vector<Member*> ends;
  for (Member& member : *members) {
    member.position = Position(member.rank, member.link->number);
    if (down) member.end = EndOf(member.service());
    if (IsEnd(member)) ends.push_back(&member);
  }
  std::stable_sort(ends.begin(), ends.end(), [](const Member* a, const Member* b) {
    return std::tie(a->end, a->position) < std::tie(b->end, b->position);
  });
  auto overruled = [&](const Member& end, const Member& before) {
    warnings->push_back(directory + "/" + end.link->name + ": its name comes before " +
                        before.link->name + "; it runs after it");
  };
  for (const char letter : {'S', 'K'}) {
    const Member* before = nullptr;
    for (Member* end : ends) {
      if (end->link->letter() != letter) continue;
      if (before && end->position < before->position) {
        end->position = before->position;
        if (letter == 'S' || names_decide) overruled(*end, *before);
      }
      before = end;
    }
  }
  MoveBehindS(ends, [&](const Member& end, const Member& before) {
    if (names_decide) overruled(end, before);
  });
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
