// SPDX-License-Identifier: Apache-2.0
#include "services/events/edition_rules.h"

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/edtf/day_set.h"
#include "common/edtf/edtf.h"
#include "entente/events/v1/event.pb.h"
#include "services/events/partial_order.h"

namespace entente::events {
namespace {

using v1::Event;

struct Member {
  const Event* event;
  DayReach reach;

  int number() const { return event->edition().number(); }
};

class SeriesCheck {
 public:
  SeriesCheck(const resource::State& after, const std::string& series,
              const std::map<std::string, std::string>& changed, Violations* violations)
      : changed_(changed), violations_(violations) {
    for (const std::string& name : after.Referrers(series, "edition")) {
      const Event* event = after.Get<Event>(name);
      if (event == nullptr) continue;
      const auto date = edtf::Parse(event->date().edtf());
      members_.push_back({event, event->has_date() && date.ok()
                                     ? ReachOf(*date)
                                     : DayReach{edtf::kBeginningOfTime, edtf::kEndOfTime}});
    }
  }

  void Run() {
    CheckInaugural();
    CheckNumbers();
  }

 private:
  // At `one` if that changed, else at `other`; at neither if the fault was there before.
  void Report(const Member& one, const Member& other, const char* field, const std::string& text) {
    for (const auto& [at, against] : {std::make_pair(&one, &other), std::make_pair(&other, &one)}) {
      const auto place = changed_.find(at->event->name());
      if (place == changed_.end()) continue;
      violations_->Add(place->second + field, absl::StrCat(text, ": ", against->event->name()));
      return;
    }
  }

  void CheckInaugural() {
    const Member* first = nullptr;
    for (const Member& member : members_) {
      if (!member.event->edition().inaugural()) continue;
      if (first != nullptr) {
        Report(member, *first, "edition.inaugural", "another edition is the inaugural one already");
      } else {
        first = &member;
      }
    }
    if (first == nullptr) return;
    for (const Member& member : members_) {
      if (CertainlyBefore(member.reach, first->reach)) {
        Report(*first, member, "edition.inaugural",
               "an edition is certainly earlier than the inaugural one, or the other way round");
      }
    }
  }

  void CheckNumbers() {
    std::vector<const Member*> numbered;
    for (const Member& member : members_) {
      if (member.number() > 0) numbered.push_back(&member);
    }
    std::stable_sort(numbered.begin(), numbered.end(),
                     [](const Member* a, const Member* b) { return a->number() < b->number(); });
    // Of those with lower numbers the one that begins last, and of those with this number.
    const Member* lower = nullptr;
    const Member* same = nullptr;
    for (const Member* member : numbered) {
      if (same != nullptr && same->number() == member->number()) {
        Report(*member, *same, "edition.number", "another edition has the same number");
        continue;
      }
      if (same != nullptr && (lower == nullptr || same->reach.first > lower->reach.first)) {
        lower = same;
      }
      same = member;
      if (lower != nullptr && CertainlyBefore(member->reach, lower->reach)) {
        Report(*member, *lower, "edition.number",
               "the date of one edition is certainly before that of one with a lower number");
      }
    }
  }

  const std::map<std::string, std::string>& changed_;
  Violations* const violations_;
  std::vector<Member> members_;
};

}  // namespace

void CheckEditions(const resource::State& after, const std::map<std::string, std::string>& changed,
                   Violations* violations) {
  std::set<std::string> series;
  for (const auto& [name, path] : changed) {
    const Event* event = after.Get<Event>(name);
    if (event != nullptr && event->has_edition()) series.insert(event->edition().series());
  }
  for (const std::string& name : series) SeriesCheck(after, name, changed, violations).Run();
}

}  // namespace entente::events
