// SPDX-License-Identifier: Apache-2.0
#include "services/events/partial_order.h"

#include <algorithm>
#include <cstddef>

#include "common/edtf/day_set.h"

namespace entente::events {

DayReach BoundsOf(const edtf::Date& date) {
  const edtf::Bound earliest = date.earliest();
  const edtf::Bound latest = date.latest();
  return {
      earliest.kind == edtf::Bound::kDay ? edtf::DayNumber(earliest.day) : edtf::kBeginningOfTime,
      latest.kind == edtf::Bound::kDay ? edtf::DayNumber(latest.day) : edtf::kEndOfTime};
}

DayReach ReachOf(const edtf::Date& date) {
  if (date.is_uncertain() || date.is_approximate()) {
    return {edtf::kBeginningOfTime, edtf::kEndOfTime};
  }
  return BoundsOf(date);
}

PartialOrder OrderOf(const std::vector<DayReach>& items) {
  const size_t n = items.size();
  PartialOrder order;
  if (n == 0) return order;

  std::vector<int64_t> lasts;
  for (const DayReach& item : items) lasts.push_back(item.last);
  std::sort(lasts.begin(), lasts.end());
  // What is before an item is what ends before it begins: these sets contain each other, and how
  // many are in one says which it is. Each different one begins a column.
  std::vector<int64_t> predecessors;
  for (const DayReach& item : items) {
    predecessors.push_back(std::lower_bound(lasts.begin(), lasts.end(), item.first) -
                           lasts.begin());
  }
  std::vector<int64_t> columns = predecessors;
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  order.column_count = static_cast<int>(columns.size());
  const auto column_of = [&](size_t i) {
    return static_cast<int>(std::lower_bound(columns.begin(), columns.end(), predecessors[i]) -
                            columns.begin()) +
           1;
  };

  std::vector<size_t> by_first(n);
  for (size_t i = 0; i < n; ++i) by_first[i] = i;
  std::sort(by_first.begin(), by_first.end(), [&](size_t a, size_t b) {
    return std::make_pair(items[a].first, a) < std::make_pair(items[b].first, b);
  });
  // The earliest end of those from a place of `by_first` on.
  std::vector<int64_t> ends_by(n);
  int64_t end = edtf::kEndOfTime;
  for (size_t k = n; k-- > 0;) {
    end = std::min(end, items[by_first[k]].last);
    ends_by[k] = end;
  }

  for (size_t i = 0; i < n; ++i) {
    const auto successor =
        std::upper_bound(by_first.begin(), by_first.end(), items[i].last,
                         [&](int64_t last, size_t item) { return last < items[item].first; });
    if (successor == by_first.end()) {
      order.columns.push_back({column_of(i), order.column_count});
      continue;
    }
    order.columns.push_back({column_of(i), column_of(*successor) - 1});
    // Nothing is between it and those that begin before, or on the day on which, its first
    // successor ends.
    const int64_t until = ends_by[static_cast<size_t>(successor - by_first.begin())];
    for (auto next = successor; next != by_first.end() && items[*next].first <= until; ++next) {
      order.before.emplace_back(static_cast<int>(i), static_cast<int>(*next));
    }
  }
  std::sort(order.before.begin(), order.before.end());
  return order;
}

}  // namespace entente::events
