// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/changes.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/testing/matchers.h"
#include "entente/catalogue/v1/initiative.pb.h"
#include "entente/catalogue/v1/pillar.pb.h"

namespace entente::gateway {
namespace {

using catalogue::v1::Initiative;
using events::v1::Event;
using funding::v1::Claim;
using google::protobuf::TextFormat;
using testing::ElementsAre;
using testing::IsEmpty;
using type::v1::ResourceDifference;

const Days kAutumn = {absl::CivilDay(2023, 9, 1), absl::CivilDay(2023, 12, 1)};
const Days kNone = {std::nullopt, absl::CivilDay(2023, 12, 1)};

template <typename T>
T Parse(const std::string& text) {
  T message;
  EXPECT_TRUE(TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

std::vector<int> KindsOf(const v1::ResourceChange& change) {
  return {change.kinds().begin(), change.kinds().end()};
}

template <typename Resource>
v1::ResourceChange Described(const std::string& difference, const std::string& resource,
                             const Days& days = kAutumn) {
  v1::ResourceChange change;
  Describe(Parse<ResourceDifference>(difference),
           &static_cast<const google::protobuf::Message&>(Parse<Resource>(resource)), days,
           &change);
  return change;
}

template <typename Resource>
v1::ResourceChange ByDates(const std::string& resource, const Days& days = kAutumn) {
  v1::ResourceChange change;
  const bool told = DescribeByDates(Parse<Resource>(resource), days, &change);
  EXPECT_EQ(told, !change.kinds().empty());
  return change;
}

std::string EndsOn(const std::string& date) {
  const auto change = ByDates<Event>("name: 'events/e' date { edtf: '" + date + "' }");
  if (change.endings().empty()) return "no";
  return change.endings(0).certain() ? "certainly" : "possibly";
}

std::string PeriodEnds(const std::string& period) {
  const auto change =
      ByDates<Initiative>("name: 'initiatives/i' period { edtf: '" + period + "' }");
  if (change.endings().empty()) return "no";
  return change.endings(0).certain() ? "certainly" : "possibly";
}

TEST(ChangesTest, WhatIsNewChangedGoneAndErased) {
  const auto added = Described<Initiative>(
      "resource: 'initiatives/i' kind: DIFFERENCE_KIND_ADDED revision: 4 update_time { seconds: 9 }"
      " fields { path: 'title.text' after { string_value: 'A' } }",
      "name: 'initiatives/i' title { text: 'A' } status: INITIATIVE_STATUS_COMPLETED");
  // It is new as completed: that it became so in between, nobody says.
  EXPECT_THAT(KindsOf(added), ElementsAre(v1::CHANGE_KIND_NEW));
  EXPECT_EQ(added.title().text(), "A");
  EXPECT_EQ(added.revision(), 4);
  EXPECT_EQ(added.update_time().seconds(), 9);
  EXPECT_EQ(added.fields_size(), 1);

  EXPECT_THAT(KindsOf(Described<Initiative>("kind: DIFFERENCE_KIND_CHANGED", "")),
              ElementsAre(v1::CHANGE_KIND_CHANGED));
  const auto gone = Described<Initiative>("kind: DIFFERENCE_KIND_REMOVED", "title { text: 'A' }");
  EXPECT_THAT(KindsOf(gone), ElementsAre(v1::CHANGE_KIND_ENDED));
  EXPECT_EQ(gone.endings(0).kind(), v1::ENDING_KIND_DELETED);
  EXPECT_TRUE(gone.endings(0).certain());
  EXPECT_EQ(gone.title().text(), "A");

  v1::ResourceChange erased;
  Describe(Parse<ResourceDifference>("resource: 'people/p' kind: DIFFERENCE_KIND_ERASED"), nullptr,
           kAutumn, &erased);
  EXPECT_THAT(KindsOf(erased), ElementsAre(v1::CHANGE_KIND_ERASED));
  EXPECT_FALSE(erased.has_title());
}

TEST(ChangesTest, AStatusCanSayThatItEnded) {
  const auto completed = Described<Initiative>(
      "kind: DIFFERENCE_KIND_CHANGED fields { path: 'status' before { string_value: "
      "'INITIATIVE_STATUS_ACTIVE' } after { string_value: 'INITIATIVE_STATUS_COMPLETED' } }",
      "status: INITIATIVE_STATUS_COMPLETED");
  EXPECT_THAT(KindsOf(completed), ElementsAre(v1::CHANGE_KIND_CHANGED, v1::CHANGE_KIND_ENDED));
  EXPECT_EQ(completed.endings(0).kind(), v1::ENDING_KIND_COMPLETED);
  const auto postponed = Described<Event>(
      "kind: DIFFERENCE_KIND_CHANGED fields { path: 'status' after { string_value: "
      "'EVENT_STATUS_POSTPONED' } }",
      "status: EVENT_STATUS_POSTPONED");
  EXPECT_EQ(postponed.endings(0).kind(), v1::ENDING_KIND_POSTPONED);
  const auto active = Described<Initiative>(
      "kind: DIFFERENCE_KIND_CHANGED fields { path: 'status' after { string_value: "
      "'INITIATIVE_STATUS_ACTIVE' } }",
      "status: INITIATIVE_STATUS_ACTIVE");
  EXPECT_THAT(active.endings(), IsEmpty());
}

TEST(ChangesTest, PeriodsEndWithTheirLastDay) {
  EXPECT_EQ(PeriodEnds("2022/2023-10"), "certainly");
  EXPECT_EQ(PeriodEnds("2023-10"), "certainly") << "all of the month";
  EXPECT_EQ(PeriodEnds("2022/2023-08-31"), "no");
  EXPECT_EQ(PeriodEnds("2022/2023-09-01"), "certainly");
  EXPECT_EQ(PeriodEnds("2022/2023-11-30"), "certainly");
  EXPECT_EQ(PeriodEnds("2022/2023-12-01"), "no") << "it is its last day";
  EXPECT_EQ(PeriodEnds("2022/2023-10?"), "possibly");
  EXPECT_EQ(PeriodEnds("2022~/2023-10"), "possibly");
  EXPECT_EQ(PeriodEnds("2022/.."), "no");
  EXPECT_EQ(PeriodEnds("2022/"), "no");
}

TEST(ChangesTest, EventsAreOverWhenTheirDateIs) {
  EXPECT_EQ(EndsOn("2023-09-05"), "certainly");
  EXPECT_EQ(EndsOn("2023-10"), "certainly") << "whichever day it was";
  EXPECT_EQ(EndsOn("2023-08/2023-10"), "possibly") << "on which day of October is not known";
  EXPECT_EQ(EndsOn("2023-08-30/2023-09-02"), "certainly");
  EXPECT_EQ(EndsOn("[2023-08..2023-10]"), "possibly") << "perhaps in August";
  EXPECT_EQ(EndsOn("[2023-09..2023-10]"), "certainly");
  EXPECT_EQ(EndsOn("[..2023-10-01]"), "possibly");
  EXPECT_EQ(EndsOn("2023"), "no") << "it may be to come";
  EXPECT_EQ(EndsOn("2023-09-05?"), "possibly");
  EXPECT_THAT(ByDates<Event>("name: 'events/e'").kinds(), IsEmpty());
  EXPECT_THAT(ByDates<Event>("date { edtf: '2023-09-05' }", kNone).kinds(), IsEmpty());
}

v1::PaymentDating DatingOf(const std::string& claim) {
  return ByDates<Claim>("stage: CLAIM_STAGE_DISBURSED " + claim).payment().dating();
}

TEST(ChangesTest, PaymentsAreDatedBetweenTheDays) {
  EXPECT_EQ(DatingOf("value_date { edtf: '2023-09-01' }"), v1::PAYMENT_DATING_BETWEEN);
  EXPECT_EQ(DatingOf("value_date { edtf: '2023-12-01' }"), v1::PAYMENT_DATING_BETWEEN);
  EXPECT_EQ(DatingOf("value_date { edtf: '2023' }"), v1::PAYMENT_DATING_POSSIBLY_BETWEEN);
  EXPECT_EQ(DatingOf("period { edtf: '2023-10' }"), v1::PAYMENT_DATING_BETWEEN);
  // The value date counts, if there is one.
  EXPECT_EQ(DatingOf("value_date { edtf: '2022' } period { edtf: '2023-10' }"),
            v1::PAYMENT_DATING_UNSPECIFIED);
  EXPECT_EQ(DatingOf(""), v1::PAYMENT_DATING_UNSPECIFIED);
  const auto unpaid =
      ByDates<Claim>("stage: CLAIM_STAGE_COMMITTED value_date { edtf: '2023-10-01' }");
  EXPECT_THAT(unpaid.kinds(), IsEmpty());
  const auto realising = ByDates<Claim>(
      "stage: CLAIM_STAGE_PROVIDED value_date { edtf: '2023-10-01' } relations { kind: "
      "CLAIM_RELATION_KIND_REALISES claim: 'claims/b' } relations { kind: "
      "CLAIM_RELATION_KIND_RESTATES claim: 'claims/c' }");
  EXPECT_THAT(KindsOf(realising), ElementsAre(v1::CHANGE_KIND_PAID));
  EXPECT_THAT(RealisedBy(realising.payment().claim()), ElementsAre("claims/b"));
}

TEST(ChangesTest, WhatTheRecordLearnsOfAsPaidIsPaid) {
  const auto added = Described<Claim>(
      "kind: DIFFERENCE_KIND_ADDED",
      "stage: CLAIM_STAGE_EXPENDED value_date { edtf: '2020' } notes { text: 'n' }");
  EXPECT_THAT(KindsOf(added), ElementsAre(v1::CHANGE_KIND_NEW, v1::CHANGE_KIND_PAID));
  EXPECT_EQ(added.payment().dating(), v1::PAYMENT_DATING_OUTSIDE);
  EXPECT_TRUE(added.payment().newly_recorded());
  EXPECT_THAT(added.payment().claim().notes(), IsEmpty());
  EXPECT_EQ(Described<Claim>("kind: DIFFERENCE_KIND_ADDED", "stage: CLAIM_STAGE_EXPENDED")
                .payment()
                .dating(),
            v1::PAYMENT_DATING_UNDATED);
  EXPECT_EQ(Described<Claim>("kind: DIFFERENCE_KIND_ADDED",
                             "stage: CLAIM_STAGE_EXPENDED value_date { edtf: '2020' }", kNone)
                .payment()
                .dating(),
            v1::PAYMENT_DATING_UNSPECIFIED);

  const std::string stage_changed =
      "kind: DIFFERENCE_KIND_CHANGED fields { path: 'stage' before { string_value: "
      "'CLAIM_STAGE_REQUESTED' } after { string_value: 'CLAIM_STAGE_DISBURSED' } }";
  EXPECT_TRUE(
      Described<Claim>(stage_changed, "stage: CLAIM_STAGE_DISBURSED").payment().newly_recorded());
  const std::string retitled = "kind: DIFFERENCE_KIND_CHANGED fields { path: 'title.text' }";
  EXPECT_FALSE(Described<Claim>(retitled, "stage: CLAIM_STAGE_DISBURSED").has_payment());
  const auto dated =
      Described<Claim>(retitled, "stage: CLAIM_STAGE_DISBURSED value_date { edtf: '2023-10-01' }");
  EXPECT_THAT(KindsOf(dated), ElementsAre(v1::CHANGE_KIND_CHANGED, v1::CHANGE_KIND_PAID));
  EXPECT_FALSE(dated.payment().newly_recorded());

  const std::string related =
      "kind: DIFFERENCE_KIND_CHANGED fields { path: 'relations[0]' after { struct_value { fields { "
      "key: 'kind' value { string_value: 'CLAIM_RELATION_KIND_REALISES' } } } } }";
  const std::string realises =
      " relations { kind: CLAIM_RELATION_KIND_REALISES claim: 'claims/b' }";
  EXPECT_TRUE(Described<Claim>(related, "stage: CLAIM_STAGE_PROVIDED" + realises)
                  .payment()
                  .newly_recorded());
  // It was paid before; now it is known for what.
  EXPECT_FALSE(Described<Claim>(related, "stage: CLAIM_STAGE_DISBURSED" + realises).has_payment());
}

TEST(ChangesTest, WhatBelongsToAPartnership) {
  const std::string p = "partnerships/p";
  EXPECT_TRUE(BelongsTo(Parse<Event>("name: 'events/e' partnerships: 'partnerships/p'"), p));
  EXPECT_FALSE(BelongsTo(Parse<Event>("name: 'events/e' partnerships: 'partnerships/pq'"), p));
  EXPECT_TRUE(BelongsTo(Parse<catalogue::v1::Pillar>("name: 'partnerships/p/pillars/a'"), p));
  EXPECT_FALSE(BelongsTo(Parse<catalogue::v1::Pillar>("name: 'partnerships/pq/pillars/a'"), p));
}

}  // namespace
}  // namespace entente::gateway
