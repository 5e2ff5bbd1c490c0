// SPDX-License-Identifier: Apache-2.0
#include "services/events/timeline.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/string_view.h"
#include "common/edtf/edtf.h"
#include "common/edtf/relations.h"
#include "common/resource/methods.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/events/partial_order.h"

namespace entente::events {
namespace {

using v1::Event;

struct Dated {
  const Event* event;
  edtf::Date date;
  DayReach bounds;
  PartialOrder::Columns columns;
};

// By columns; where these are the same, in an order that is no claim and always the same.
auto PlaceOf(const Dated& dated) {
  return std::make_tuple(dated.columns.first, dated.columns.last, dated.bounds.first,
                         dated.bounds.last, absl::string_view(dated.event->name()));
}

// Whether there is a day that every reading of the date has, or may be: two single days of which
// neither is known never certainly meet, and need not be compared.
bool MayHaveSureDay(const Dated& dated) {
  return dated.date.form() == edtf::Form::kInterval || dated.date.form() == edtf::Form::kAllOf ||
         dated.bounds.first == dated.bounds.last;
}

class Copier {
 public:
  explicit Copier(bool full) : full_(full) {}

  absl::Status Copy(const Event& event, Event* to) {
    *to = event;
    resource::ApplyView(to, full_);
    bytes_ += to->ByteSizeLong();
    return bytes_ > kMaxTimelineBytes ? errors::AnswerTooLarge(kMaxTimelineBytes)
                                      : absl::OkStatus();
  }

 private:
  const bool full_;
  size_t bytes_ = 0;
};

}  // namespace

absl::Status MakeTimeline(const std::vector<const Event*>& events, bool list_unknown, bool full,
                          v1::Timeline* timeline) {
  if (events.size() > kMaxTimelineEvents) return errors::TooManyEvents(kMaxTimelineEvents);
  std::vector<Dated> dated;
  std::vector<const Event*> undated;
  std::vector<DayReach> reaches;
  for (const Event* event : events) {
    const auto date = edtf::Parse(event->date().edtf());
    if (!event->has_date() || !date.ok()) {
      undated.push_back(event);
      continue;
    }
    reaches.push_back(ReachOf(*date));
    dated.push_back({event, *date, BoundsOf(*date), {}});
  }
  const PartialOrder order = OrderOf(reaches);
  for (size_t i = 0; i < dated.size(); ++i) dated[i].columns = order.columns[i];

  std::vector<size_t> places(dated.size());
  for (size_t i = 0; i < places.size(); ++i) places[i] = i;
  std::sort(places.begin(), places.end(),
            [&](size_t a, size_t b) { return PlaceOf(dated[a]) < PlaceOf(dated[b]); });
  std::vector<int> numbers(dated.size());
  Copier copier(full);
  for (size_t k = 0; k < places.size(); ++k) {
    const Dated& one = dated[places[k]];
    numbers[places[k]] = static_cast<int>(k) + 1;
    v1::TimelineEvent* item = timeline->add_events();
    item->set_number(static_cast<int>(k) + 1);
    item->set_first_column(one.columns.first);
    item->set_last_column(one.columns.last);
    RETURN_IF_ERROR(copier.Copy(*one.event, item->mutable_event()));
  }
  timeline->set_column_count(order.column_count);

  std::vector<std::tuple<int, int, v1::TimelineOrder>> relations;
  for (const auto& [a, b] : order.before) {
    relations.emplace_back(numbers[static_cast<size_t>(a)], numbers[static_cast<size_t>(b)],
                           v1::TIMELINE_ORDER_BEFORE);
  }
  for (size_t j = 0; j < places.size(); ++j) {
    for (size_t k = j + 1; k < places.size(); ++k) {
      const Dated& a = dated[places[j]];
      const Dated& b = dated[places[k]];
      if (a.columns.last < b.columns.first) continue;
      const bool overlaps = (MayHaveSureDay(a) || MayHaveSureDay(b)) &&
                            edtf::Compare(a.date, b.date) == edtf::Order::kOverlaps;
      if (!overlaps && !list_unknown) continue;
      relations.emplace_back(static_cast<int>(j) + 1, static_cast<int>(k) + 1,
                             overlaps ? v1::TIMELINE_ORDER_OVERLAPS : v1::TIMELINE_ORDER_UNKNOWN);
    }
  }
  std::sort(relations.begin(), relations.end());
  for (const auto& [first, second, how] : relations) {
    v1::TimelineRelation* relation = timeline->add_relations();
    relation->set_first(first);
    relation->set_second(second);
    relation->set_order(how);
  }

  std::sort(undated.begin(), undated.end(),
            [](const Event* a, const Event* b) { return a->name() < b->name(); });
  for (const Event* event : undated) RETURN_IF_ERROR(copier.Copy(*event, timeline->add_undated()));
  return absl::OkStatus();
}

absl::Status GetTimeline(const Selector& selector, const v1::GetTimelineRequest& request,
                         v1::Timeline* timeline) {
  ASSIGN_OR_RETURN(const Selection selection, selector.Select(request, timeline, {}));
  std::vector<const Event*> events;
  for (const resource::Entry* entry : selection.events) events.push_back(&entry->As<Event>());
  timeline->set_revision(selection.state->revision());
  return MakeTimeline(events, request.list_unknown(), resource::WantsFull(request, false),
                      timeline);
}

}  // namespace entente::events
