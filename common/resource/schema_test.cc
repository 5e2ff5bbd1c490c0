// SPDX-License-Identifier: Apache-2.0
//
// What filters say about resources.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/edtf/edtf.h"
#include "common/edtf/relations.h"
#include "common/filter/filter.h"
#include "common/resource/methods.h"
#include "common/resource/normalise.h"
#include "entente/events/v1/event.pb.h"

namespace entente::resource {
namespace {

using events::v1::Event;

// As the service keeps it: with its bounds.
Event EventOn(const std::string& date) {
  static const auto* const registry = new Registry(Registry::Of({Event::descriptor()}).value());
  Event event;
  event.mutable_date()->set_edtf(date);
  Violations ignored;  // Of what this event lacks for other reasons.
  Normaliser({registry}).Normalise(&event, "", &ignored);
  return event;
}

const filter::Schema& EventSchema() {
  static const auto* const schema = new filter::Schema(MakeSchema(Event::descriptor()).value());
  return *schema;
}

// Dates and windows of every form, near each other.
class RandomDates {
 public:
  std::string Next() {
    const std::string day = absl::StrFormat("%04d-%02d-%02d", Year(), 1 + Below(12), 1 + Below(28));
    switch (Below(14)) {
      case 0:
        return absl::StrCat(Year());
      case 1:
        return day.substr(0, 7);
      case 2:
        return day + "?";
      case 3:
        return day.substr(0, 7) + "~";
      case 4:
        return absl::StrFormat("%04d-%02d", Year(), 21 + Below(4));
      case 5:
        return absl::StrCat("[..", day, "]");
      case 6:
        return absl::StrCat("[", day, ",", Year(), "]");
      case 7:
        return absl::StrCat("{", Year(), ",", day, "}");
      case 8:
        return absl::StrCat(day, "/..");
      case 9:
        return absl::StrCat("/", day);
      case 10:
        return absl::StrCat(2021, "-", absl::StrFormat("%02d", 1 + Below(12)), "/",
                            2022 + Below(3));
      case 11:
        return absl::StrCat("202X");
      default:
        return day;
    }
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  int Year() {
    static const int kYears[] = {2021, 2022, 2022, 2023, 2023, 2024};
    return kYears[Below(6)];
  }

  std::mt19937 random_{20230906};
};

// Bounds that are kept spare most dates from being parsed; what is said must be what the dates say.
TEST(ResourceSchemaTest, DatesInWindowsAreWhatTheRelationsOfEdtfSay) {
  RandomDates random;
  std::vector<std::pair<edtf::Date, Event>> events;
  for (int i = 0; i < 300; ++i) {
    const std::string date = random.Next();
    events.emplace_back(edtf::Parse(date).value(), EventOn(date));
    ASSERT_EQ(events.back().second.date().edtf(), events.back().first.ToString());
  }
  for (const char* far : {"Y12021", "-2022", "Y-12022", "0000-01-01"}) {
    events.emplace_back(edtf::Parse(far).value(), EventOn(far));
  }
  int possible = 0;
  int certain = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string text = i < 3 ? (i == 0   ? "Y12000/Y13000"
                                      : i == 1 ? "-2025/2021"
                                               : "Y12021")
                                   : random.Next();
    const edtf::Date window = edtf::Parse(text).value();
    const auto possibly =
        filter::Filter::Compile(absl::StrCat("possibly(date, \"", text, "\")"), EventSchema());
    const auto certainly =
        filter::Filter::Compile(absl::StrCat("certainly(date, \"", text, "\")"), EventSchema());
    ASSERT_TRUE(possibly.ok() && certainly.ok()) << text;
    for (const auto& [date, event] : events) {
      const bool is_possible = edtf::PossiblyWithin(date, window);
      const bool is_certain = edtf::CertainlyWithin(date, window);
      ASSERT_EQ(possibly->Matches(event), is_possible) << date << " in " << text;
      ASSERT_EQ(certainly->Matches(event), is_certain) << date << " in " << text;
      possible += is_possible;
      certain += is_certain;
    }
  }
  EXPECT_GT(possible, 20'000);
  EXPECT_GT(certain, 5'000);
}

TEST(ResourceSchemaTest, AnUndatedEventIsInNoWindow) {
  for (const char* function : {"possibly", "certainly"}) {
    const auto filter =
        filter::Filter::Compile(absl::StrCat(function, "(date, \"2023\")"), EventSchema());
    ASSERT_TRUE(filter.ok());
    EXPECT_FALSE(filter->Matches(Event()));
    EXPECT_TRUE(filter->Matches(EventOn("2023-08")));
  }
}

}  // namespace
}  // namespace entente::resource
