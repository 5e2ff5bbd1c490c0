// SPDX-License-Identifier: Apache-2.0
// The filter of List.
#include "tests/conformance/fixture.h"

namespace entente::conformance {
namespace {

class FilterTypeTest : public TypeConformanceTest {};
INSTANTIATE_TYPE_CONFORMANCE(FilterTypeTest);

TEST_P(FilterTypeTest, SelectsAcrossPages) {
  for (const char* id : {"a", "b", "c", "d"}) ASSERT_THAT(collection().Create(id), IsOk());
  const std::string filter = absl::StrCat("filter: 'name = \"", collection().Name("b"),
                                          "\" OR name = \"", collection().Name("d"), "\"'");
  EXPECT_THAT(collection().ListAll(1, filter),
              ElementsAre(collection().Name("b"), collection().Name("d")));
}

TEST_P(FilterTypeTest, UnknownFieldsAreNamedWithTheirColumn) {
  EXPECT_THAT(collection().List("filter: 'nope = 1'"),
              Refuses("filter", AllOf(HasSubstr("column 1:"), HasSubstr("nope"))));
  EXPECT_THAT(collection().List("filter: 'name:a AND title.nope = 1'"),
              Refuses("filter", AllOf(HasSubstr("column 18:"), HasSubstr("nope"))));
}

TEST_P(FilterTypeTest, FaultsOfSyntaxAndTypeAreRefused) {
  for (const char* filter :
       {"name =", "(name = a", "name = a OR", "revision = x", "nope(name)", "create_time > 2023",
        "certainly(name, \\\"2023\\\")", "\\\"", "name = \\\"a*b\\\""}) {
    SCOPED_TRACE(filter);
    EXPECT_THAT(collection().List(absl::StrCat("filter: \"", filter, "\"")),
                Refuses("filter", HasSubstr("column")));
  }
}

class FilterTest : public ConformanceTest {
 protected:
  std::vector<std::string> Filtered(const Collection& collection, const std::string& filter) {
    return collection.ListAll(2, absl::StrCat("filter: '", filter, "'"));
  }
};
INSTANTIATE_CONFORMANCE(FilterTest);

TEST_P(FilterTest, OrBindsTighterThanAnd) {
  const Collection initiatives = Of<Initiative>();
  ASSERT_THAT(initiatives.Create("a", *initiatives.New("acronyms: 'A'")), IsOk());
  ASSERT_THAT(initiatives.Create("b", *initiatives.New("acronyms: 'B'")), IsOk());
  ASSERT_THAT(initiatives.Create("c", *initiatives.New("acronyms: 'B' acronyms: 'C'")), IsOk());
  // acronyms:A AND (acronyms:B OR acronyms:C) would be wrong the other way round.
  EXPECT_THAT(Filtered(initiatives, "acronyms:B AND acronyms:C OR acronyms:A"),
              ElementsAre("initiatives/c"));
  EXPECT_THAT(Filtered(initiatives, "acronyms:A OR acronyms:B AND acronyms:C"),
              ElementsAre("initiatives/c"));
  EXPECT_THAT(Filtered(initiatives, "acronyms:A OR (acronyms:B AND acronyms:C)"),
              ElementsAre("initiatives/a", "initiatives/c"));
  EXPECT_THAT(Filtered(initiatives, "-acronyms:C"), ElementsAre("initiatives/a", "initiatives/b"));
  EXPECT_THAT(Filtered(initiatives, "NOT acronyms:(A OR C)"), ElementsAre("initiatives/b"));
}

TEST_P(FilterTest, EnumsReferencesAndWords) {
  const Collection organisations = Of<Organisation>();
  ASSERT_THAT(organisations.Create("usaid", *organisations.New("acronyms: 'USAID'")), IsOk());
  ASSERT_THAT(organisations.Create("rdma", *organisations.New("parent: 'organisations/usaid'")),
              IsOk());
  EXPECT_THAT(Filtered(organisations, "parent = \"organisations/usaid\""),
              ElementsAre("organisations/rdma"));
  EXPECT_THAT(Filtered(organisations, "usaid"), ElementsAre("organisations/usaid"));
  EXPECT_THAT(Filtered(organisations, "kind = ORGANISATION_KIND_AGENCY"), SizeIs(2));
  EXPECT_THAT(organisations.List("filter: 'kind = AGENCY'"),
              Refuses("filter", HasSubstr("ORGANISATION_KIND_AGENCY")));
}

// The difference between what is certain and what is possible.
TEST_P(FilterTest, CertainlyAndPossibly) {
  const Collection events = Of<Event>();
  ASSERT_THAT(events.Create("day", *events.New("date { edtf: '2023-08-10' }")), IsOk());
  ASSERT_THAT(events.Create("month", *events.New("date { edtf: '2023-08' }")), IsOk());
  ASSERT_THAT(events.Create("open", *events.New("date { edtf: '[..2023-08-31]' }")), IsOk());
  ASSERT_THAT(events.Create("undated"), IsOk());
  ASSERT_THAT(events.Create("unsure", *events.New("date { edtf: '2023-08?' }")), IsOk());
  ASSERT_THAT(events.Create("year", *events.New("date { edtf: '2023' }")), IsOk());
  EXPECT_THAT(Filtered(events, "certainly(date, \"2023-08\")"),
              ElementsAre("events/day", "events/month"));
  EXPECT_THAT(
      Filtered(events, "possibly(date, \"2023-08\")"),
      ElementsAre("events/day", "events/month", "events/open", "events/unsure", "events/year"));
  EXPECT_THAT(Filtered(events, "certainly(date, \"2023\")"),
              ElementsAre("events/day", "events/month", "events/year"));
  EXPECT_THAT(Filtered(events, "possibly(date, \"2023-09\")"), ElementsAre("events/year"));
  EXPECT_THAT(Filtered(events, "date.latest <= \"2023-08-31\" AND date.latest != \"\""),
              ElementsAre("events/day", "events/month", "events/open", "events/unsure"));
  EXPECT_THAT(events.List("filter: 'certainly(date, \"2023-99\")'"),
              Refuses("filter", HasSubstr("EDTF")));
}

// Figures are compared as numbers, not as text, and what is not stated is no number.
TEST_P(FilterTest, FiguresCompareAsNumbers) {
  const Collection quantities = Of<Quantity>();
  const auto put = [&](const std::string& id, const std::string& value) {
    ASSERT_THAT(quantities.Create(id, *quantities.New(absl::StrCat("figure { ", value, " }"))),
                IsOk());
  };
  put("nine", "value: '9'");
  put("ten", "value: '10.0'");
  put("vast", "value: '100000000000000000000000000000.5'");
  put("silent", "value: '' qualifier: QUALIFIER_NOT_STATED");
  EXPECT_THAT(Filtered(quantities, "figure.value < 10"), ElementsAre("quantities/nine"));
  EXPECT_THAT(Filtered(quantities, "figure.value = 1e1"), ElementsAre("quantities/ten"));
  EXPECT_THAT(Filtered(quantities, "figure.value > 9.99"),
              ElementsAre("quantities/ten", "quantities/vast"));
  EXPECT_THAT(Filtered(quantities, "figure.value > 100000000000000000000000000000.4"),
              ElementsAre("quantities/vast"));
  EXPECT_THAT(Filtered(quantities, "figure.interval.high >= 10"),
              ElementsAre("quantities/ten", "quantities/vast"));
  EXPECT_THAT(Filtered(quantities, "figure.value != 9"),
              ElementsAre("quantities/ten", "quantities/vast"));
  EXPECT_THAT(quantities.List("filter: 'figure.value > many'"),
              Refuses("filter", HasSubstr("decimal")));

  const Collection claims = Of<Claim>();
  ASSERT_THAT(claims.Create("one"), IsOk());
  EXPECT_THAT(Filtered(claims, "amount.figure.value <= 1 AND amount.currency_code = USD"),
              ElementsAre("claims/one"));
  EXPECT_THAT(Filtered(claims, "amount.figure.value > 1"), IsEmpty());
}

TEST_P(FilterTest, DeletedMatchOnlyIfShown) {
  const Collection places = Of<Place>();
  ASSERT_THAT(places.Create("a"), IsOk());
  ASSERT_THAT(places.Create("b"), IsOk());
  ASSERT_THAT(places.Delete("a"), IsOk());
  EXPECT_THAT(Filtered(places, "delete_time:*"), IsEmpty());
  EXPECT_THAT(places.ListAll(1, "show_deleted: true filter: 'delete_time:*'"),
              ElementsAre("places/a"));
}

}  // namespace
}  // namespace entente::conformance
