// SPDX-License-Identifier: Apache-2.0
//
// Claims to write and answers to read, on one line each. For tests.
//
//   Ledger ledger = World();
//   ledger.PutClaim("a", Amount("5", "AT_LEAST") + Places({{"laos", "60"}, {"thailand", "40"}}));
//   EXPECT_THAT(Rows(ledger, "group_by { field: 'countries' }"),
//               ElementsAre("places/laos: USD 3 of [3, inf), 1",
//                           "places/thailand: USD 2 of [2, inf), 1"));
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_SHOW_TEST_UTIL_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_SHOW_TEST_UTIL_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/testing/matchers.h"
#include "services/funding/query/ledger_test_util.h"

namespace entente::funding::query {

inline std::string Amount(const std::string& value, const std::string& qualifier = "EXACT",
                          const std::string& currency = "USD") {
  return absl::StrCat("amount { currency_code: '", currency, "' figure { value: '", value,
                      "' qualifier: QUALIFIER_", qualifier, " } } ");
}
inline std::string In(const std::string& currency, const std::string& value) {
  return Amount(value, "EXACT", currency);
}
inline std::string PartOf(const std::string& id) {
  return absl::StrCat("part_of: 'claims/", id, "' ");
}
inline std::string Stage(const std::string& stage) {
  return absl::StrCat("stage: CLAIM_STAGE_", stage, " ");
}
inline std::string On(const std::string& edtf) {
  return absl::StrCat("value_date { edtf: '", edtf, "' } ");
}
inline std::string For(const std::string& initiative) {
  return absl::StrCat("initiative: 'initiatives/", initiative, "' ");
}
inline std::string Yearly(const std::string& validity = "") {
  return absl::StrCat("recurrence { every: 1 unit: RECURRENCE_UNIT_YEAR ",
                      validity.empty() ? "" : absl::StrCat("validity { edtf: '", validity, "' }"),
                      " } ");
}
inline std::string Relation(const std::string& kind, const std::string& id) {
  return absl::StrCat("relations { kind: CLAIM_RELATION_KIND_", kind, " claim: 'claims/", id,
                      "' } ");
}
// With percentages, empty for none.
inline std::string Places(const std::vector<std::pair<std::string, std::string>>& shares) {
  std::string text;
  for (const auto& [place, percentage] : shares) {
    absl::StrAppend(&text, "places { place: 'places/", place, "' percentage: '", percentage,
                    "' } ");
  }
  return text;
}
inline std::string Sectors(const std::string& vocabulary,
                           const std::vector<std::pair<std::string, std::string>>& shares) {
  std::string text;
  for (const auto& [code, percentage] : shares) {
    absl::StrAppend(&text, "sectors { vocabulary: '", vocabulary, "' code: '", code,
                    "' percentage: '", percentage, "' } ");
  }
  return text;
}

// A ledger without claims. Its catalogue: asia > asean, regions > laos and thailand > bangkok; and
// trade > customs > scanners, and health, of which trade and scanners have pillars.
inline Ledger World() {
  Ledger ledger;
  const auto put_place = [&](const std::string& id, const std::string& kind,
                             const std::string& parent) {
    ledger.PutPlace("places/" + id,
                    absl::StrCat("title { text: 'Title of ", id, "' } kind: PLACE_KIND_", kind,
                                 " parent: '", parent.empty() ? "" : "places/" + parent, "'"));
  };
  put_place("asia", "REGION", "");
  put_place("asean", "REGION", "asia");
  put_place("laos", "COUNTRY", "asean");
  put_place("thailand", "COUNTRY", "asean");
  put_place("bangkok", "CITY", "thailand");
  const std::string pillar = "pillars: 'partnerships/p/pillars/";
  ledger.PutInitiative("initiatives/trade", pillar + "economy'");
  ledger.PutInitiative("initiatives/customs", "parent: 'initiatives/trade'");
  ledger.PutInitiative("initiatives/scanners",
                       "parent: 'initiatives/customs' " + pillar + "security'");
  ledger.PutInitiative("initiatives/health", "");
  return ledger;
}

// "(500, inf)"
inline std::string Show(const type::v1::Interval& bounds) {
  return absl::StrCat(bounds.low_open() ? "(" : "[", bounds.low().empty() ? "-inf" : bounds.low(),
                      ", ", bounds.high().empty() ? "inf" : bounds.high(),
                      bounds.high_open() ? ")" : "]");
}

inline std::string Show(const v1::Recurrence& recurrence) {
  return absl::StrCat(", every ", recurrence.every(), " ",
                      v1::RecurrenceUnit_Name(recurrence.unit()).substr(16));
}

// "USD 15 of [15, inf), 2": in two trees.
inline std::string Show(const v1::MoneySum& sum) {
  // Nothing is known of money whose figures are all not stated; never 0.
  if (sum.claims() == 0) {
    EXPECT_EQ(sum.stated() + sum.bounds().low(), "");
  }
  std::string text = sum.claims() == 0
                         ? absl::StrCat(sum.currency_code(), " unknown")
                         : absl::StrCat(sum.currency_code(), " ", sum.stated(), " of ",
                                        Show(sum.bounds()), ", ", sum.claims());
  if (!sum.excess().empty()) absl::StrAppend(&text, ", excess ", sum.excess());
  if (sum.not_stated() > 0) absl::StrAppend(&text, ", ", sum.not_stated(), " not stated");
  if (sum.has_recurrence()) absl::StrAppend(&text, Show(sum.recurrence()));
  return text;
}

// "USD -5 of [-5, inf)"
inline std::string Show(const v1::MoneyChange& change) {
  std::string text =
      absl::StrCat(change.currency_code(), " ", change.stated(), " of ", Show(change.bounds()));
  if (change.has_recurrence()) absl::StrAppend(&text, Show(change.recurrence()));
  return text;
}

inline std::string Show(const v1::DimensionValue& value) {
  switch (value.kind()) {
    case v1::DIMENSION_VALUE_KIND_STATED:
      return value.value();
    case v1::DIMENSION_VALUE_KIND_WIDER:
      return absl::StrCat("wider: ", value.value());
    default:
      return std::string(v1::DimensionValueKind_Name(value.kind())).substr(21);
  }
}

inline std::string Show(const std::string& text) { return text; }

// "NO_RATE: claims/a, claims/b", or " 12: " and the first of them where there are more.
inline std::string Show(const v1::LeftOut& left_out) {
  return absl::StrCat(std::string(v1::LeftOutReason_Name(left_out.reason())).substr(16),
                      left_out.claims() == left_out.examples_size()
                          ? std::string()
                          : absl::StrCat(" ", left_out.claims()),
                      ": ", absl::StrJoin(left_out.examples(), ", "));
}

// "EUR to USD of 2023-09-01, 2 days old"
inline std::string Show(const v1::AppliedRate& rate) {
  return absl::StrCat(rate.from(), " to ", rate.to(), " of ", rate.rate_date(), ", ",
                      rate.age_days(), " days old");
}

// "NOT_SELECTED claims/a"
inline std::string Show(const v1::Exclusion& exclusion) {
  return absl::StrCat(std::string(v1::LeftOutReason_Name(exclusion.reason())).substr(16), " ",
                      exclusion.claim());
}

std::string Show(const v1::FundingRow& row);

template <typename Messages>
std::vector<std::string> ShowAll(const Messages& messages) {
  std::vector<std::string> all;
  for (const auto& message : messages) all.push_back(Show(message));
  return all;
}

// "places/laos | 2023: USD 5 of [5, 5], 1; EUR 2 of [2, 2], 1"
inline std::string Show(const v1::FundingRow& row) {
  return absl::StrCat(absl::StrJoin(ShowAll(row.values()), " | "), ": ",
                      absl::StrJoin(ShowAll(row.sums()), "; "));
}

// The answer to a query that has one.
inline v1::QueryFundingResponse Ask(const Ledger& ledger, const std::string& request) {
  auto answer = ledger.Query(request);
  EXPECT_THAT(answer, test::IsOk()) << request;
  return answer.ok() ? *std::move(answer) : v1::QueryFundingResponse();
}

inline std::vector<std::string> Rows(const Ledger& ledger, const std::string& request) {
  return ShowAll(Ask(ledger, request).rows());
}
inline std::vector<std::string> Totals(const Ledger& ledger, const std::string& request) {
  return ShowAll(Ask(ledger, request).totals());
}
inline std::vector<std::string> CouldInclude(const Ledger& ledger, const std::string& request) {
  return ShowAll(Ask(ledger, request).could_include());
}
// Of all rows together, where there is one total.
inline std::vector<std::string> LeftOut(const Ledger& ledger, const std::string& request) {
  const auto answer = Ask(ledger, request);
  return answer.totals_size() == 1 ? ShowAll(answer.totals(0).left_out())
                                   : std::vector<std::string>{"not one total"};
}

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_SHOW_TEST_UTIL_H_
