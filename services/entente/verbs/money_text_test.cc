// SPDX-License-Identifier: Apache-2.0
#include "services/entente/verbs/money_text.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace entente {
namespace {

using funding::v1::ExplainFundingResponse;
using funding::v1::QueryFundingRequest;
using funding::v1::QueryFundingResponse;

template <typename T>
T Parse(const std::string& text) {
  T message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

constexpr char kKinds[] = R"(
  group_by { field: "nature" } group_by { field: "stage" } group_by { field: "direction" }
)";

// Money of three kinds, in which everything is that a sum can lack.
constexpr char kAnswer[] = R"(
  totals {
    kind: FUNDING_ROW_KIND_TOTAL
    claims: 2
    natures: CLAIM_NATURE_OWN_FUNDING stages: CLAIM_STAGE_ANNOUNCED
    directions: CLAIM_DIRECTION_OUTGOING
    left_out { reason: LEFT_OUT_REASON_NOT_STATED claims: 12 examples: "claims/a" }
    sums {
      currency_code: "USD" stated: "600000000" claims: 1
      bounds { low: "115000000" high: "600000000" high_open: true }
      rates {
        from: "USD" to: "EUR" value_date: "2023-09-30" rate_date: "2023-09-29"
        published { base: "EUR" quote: "USD" value: "1.0594" source: "ECB" }
      }
    }
  }
  rows {
    kind: FUNDING_ROW_KIND_GROUP
    claims: 2
    natures: CLAIM_NATURE_OWN_FUNDING stages: CLAIM_STAGE_ANNOUNCED
    directions: CLAIM_DIRECTION_OUTGOING
    sums {
      currency_code: "USD" stated: "600000000" claims: 1 not_stated: 1 excess: "5"
      bounds { low: "115000000" high: "600000000" high_open: true }
    }
    sums {
      currency_code: "USD" stated: "10" claims: 1
      recurrence { every: 1 unit: RECURRENCE_UNIT_YEAR }
      bounds { low: "10" high: "10" }
    }
  }
  rows {
    kind: FUNDING_ROW_KIND_GROUP
    claims: 1
    natures: CLAIM_NATURE_MOBILISED stages: CLAIM_STAGE_ANNOUNCED
    directions: CLAIM_DIRECTION_UNSPECIFIED
    sums {
      currency_code: "USD" stated: "8000000000" claims: 1
      bounds { low: "8000000000" low_open: true high_open: true }
    }
  }
  rows {
    kind: FUNDING_ROW_KIND_GROUP
    claims: 1
    natures: CLAIM_NATURE_STATISTIC stages: CLAIM_STAGE_NOT_APPLICABLE
    directions: CLAIM_DIRECTION_UNSPECIFIED
    sums { currency_code: "USD" claims: 1 not_stated: 1 }
  }
)";

TEST(MoneyAnswerTextTest, KindsStandBesideEachOther) {
  EXPECT_EQ(MoneyAnswerText(Parse<QueryFundingRequest>(kKinds), 3,
                            Parse<QueryFundingResponse>(kAnswer), {}),
            "KIND OF MONEY                      STATED                      CAN BE  CLAIMS  NOTE\n"
            "own funding, announced    USD 600,000,000  [115,000,000, 600,000,000)       1  "
            "incomplete: 1 "
            "amount is not stated; its parts as written are 5 more than their whole\n"
            "own funding, announced   USD 10 each year                  exactly 10       1\n"
            "mobilised, announced    USD 8,000,000,000          over 8,000,000,000       1\n"
            "statistic                 USD, not stated                  not stated       1  "
            "incomplete: 1 "
            "amount is not stated\n"
            "\n"
            "Not in these sums, or not converted\n"
            "  own funding, announced: 12 claims, no figure is stated: claims/a, ...\n"
            "\n"
            "Rates\n"
            "  USD to EUR, rate of 2023-09-29 for 2023-09-30: 1 EUR = 1.0594 USD, ECB\n");
}

constexpr char kTwoDirections[] = R"(
  totals {
    kind: FUNDING_ROW_KIND_TOTAL
    natures: CLAIM_NATURE_OWN_FUNDING stages: CLAIM_STAGE_PLEDGED
    directions: CLAIM_DIRECTION_OUTGOING
    values {} values {} values {} values { kind: DIMENSION_VALUE_KIND_ANY }
    sums { currency_code: "EUR" stated: "3" claims: 2 bounds { low: "3" high: "3" } }
  }
  totals {
    natures: CLAIM_NATURE_OWN_FUNDING stages: CLAIM_STAGE_PLEDGED
    directions: CLAIM_DIRECTION_RETURNED
  }
  rows {
    kind: FUNDING_ROW_KIND_GROUP
    natures: CLAIM_NATURE_OWN_FUNDING stages: CLAIM_STAGE_PLEDGED
    directions: CLAIM_DIRECTION_OUTGOING
    values {} values {} values {}
    values { kind: DIMENSION_VALUE_KIND_STATED value: "places/laos" title: "Laos" }
    sums { currency_code: "EUR" stated: "1" claims: 1 bounds { low: "1" high: "1" } }
  }
  rows {
    kind: FUNDING_ROW_KIND_REST
    natures: CLAIM_NATURE_OWN_FUNDING stages: CLAIM_STAGE_PLEDGED
    directions: CLAIM_DIRECTION_OUTGOING
    values {} values {} values {} values { kind: DIMENSION_VALUE_KIND_ANY }
    sums { currency_code: "EUR" stated: "2" claims: 1 bounds { low: "2" high: "2" } }
  }
  rows {
    kind: FUNDING_ROW_KIND_GROUP claims: 1
    natures: CLAIM_NATURE_OWN_FUNDING stages: CLAIM_STAGE_PLEDGED
    directions: CLAIM_DIRECTION_RETURNED
    values {} values {} values {}
    values { kind: DIMENSION_VALUE_KIND_WIDER value: "places/asia" title: "Asia" }
  }
  could_include {
    kind: FUNDING_ROW_KIND_COULD_INCLUDE
    natures: CLAIM_NATURE_MOBILISED stages: CLAIM_STAGE_NOT_STATED
    directions: CLAIM_DIRECTION_UNSPECIFIED
    sums { currency_code: "EUR" stated: "9" claims: 1 bounds { low: "0" high: "9" } }
  }
)";

TEST(MoneyAnswerTextTest, EachKindHasATableAndATotal) {
  const auto request =
      Parse<QueryFundingRequest>(absl::StrCat(kKinds, "group_by { field: 'countries' }"));
  EXPECT_EQ(MoneyAnswerText(request, 3, Parse<QueryFundingResponse>(kTwoDirections), {}),
            "own funding, pledged, outgoing\n"
            "  COUNTRIES   STATED     CAN BE  CLAIMS\n"
            "  Laos         EUR 1  exactly 1       1\n"
            "  (the rest)   EUR 2  exactly 2       1\n"
            "  (all)        EUR 3  exactly 3       2\n"
            "\n"
            "own funding, pledged, returned\n"
            "  COUNTRIES         STATED      CAN BE  CLAIMS\n"
            "  Asia (wider)  not stated  not stated       1\n"
            "\n"
            "Could be meant in part, how much is not stated, and in no sum\n"
            "KIND OF MONEY                STATED   CAN BE  CLAIMS\n"
            "mobilised, stage not stated   EUR 9  up to 9       1\n"
            "\n"
            "Kinds of money never add up together.\n");
}

TEST(MoneyCsvTest, HasEveryNumberAsItIs) {
  EXPECT_EQ(MoneyCsv(Parse<QueryFundingRequest>(kKinds), 3, Parse<QueryFundingResponse>(kAnswer)),
            "nature,stage,direction,currency,recurrence,low,low_open,stated,high,high_open,claims,"
            "not_stated\r\n"
            "own funding,announced,outgoing,USD,,115000000,false,600000000,600000000,true,1,1\r\n"
            "own funding,announced,outgoing,USD,each year,10,false,10,10,false,1,0\r\n"
            "mobilised,announced,,USD,,8000000000,true,8000000000,,true,1,0\r\n"
            "statistic,not applicable,,USD,,,,,,,1,1\r\n");
}

TEST(ExplanationTextTest, NamesEveryClaim) {
  const auto explanation = Parse<ExplainFundingResponse>(R"(
    row {
      natures: CLAIM_NATURE_OWN_FUNDING stages: CLAIM_STAGE_ANNOUNCED
      sums {
        currency_code: "USD" stated: "600" claims: 1
        bounds { low: "115" high: "600" high_open: true }
      }
    }
    trees {
      claim: "claims/whole"
      sum { currency_code: "USD" }
      contributions {
        claim: "claims/whole" remainder: true stated: "585" counted: "585"
        figure { value: "600" qualifier: QUALIFIER_NEARLY }
        citations { document: "documents/d" }
      }
      contributions {
        claim: "claims/part" stated: "15" counted: "15"
        figure { value: "15" qualifier: QUALIFIER_EXACT }
        shares { field: "places" value: "places/laos" percentage: "40" }
      }
    }
    trees {
      claim: "claims/none"
      sum { currency_code: "USD" }
      contributions {
        claim: "claims/none" stated: "0" counted: "0"
        figure { qualifier: QUALIFIER_NOT_STATED }
      }
    }
    exclusions { claim: "claims/none" message: "its source gives no figure" }
  )");
  EXPECT_EQ(
      ExplanationText(3, explanation, {}),
      "own funding, announced\n"
      "  USD 600 as stated; it can be [115, 600)\n"
      "  CLAIM         AS ITS SOURCE STATES IT     COUNTED  CITED  NOTE\n"
      "  claims/whole           nearly USD 600         585      1  what its parts do not "
      "itemise\n"
      "  claims/part                    USD 15          15      0  40 % of it, for places/laos\n"
      "  claims/none    USD, amount not stated  not stated      0\n"
      "  not in it: claims/none: its source gives no figure\n");
}

}  // namespace
}  // namespace entente
