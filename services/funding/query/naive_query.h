// SPDX-License-Identifier: Apache-2.0
//
// For tests: what a query should answer, found the slow way, claim by claim and with nothing of the
// engine's: no columns, no trees of the algebra, no tallies. What queries are held against.
//
//   World world;
//   world.claims = ...;
//   NaiveAnswer(world, question);   // what the engine should say to question.request
//
// The bounds of a row come from a solver of its own (prefix_program.h). The rest is in
// naive_side.h.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_NAIVE_QUERY_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_NAIVE_QUERY_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "entente/catalogue/v1/initiative.pb.h"
#include "entente/catalogue/v1/place.pb.h"
#include "entente/funding/v1/claim.pb.h"
#include "entente/funding/v1/query.pb.h"
#include "entente/funding/v1/rate_series.pb.h"

namespace entente::funding::query {

// All that answers are made of. Claims are as the service keeps them: with intervals and days.
struct World {
  std::vector<v1::Claim> claims;
  std::map<std::string, catalogue::v1::Place> places;
  std::map<std::string, catalogue::v1::Initiative> initiatives;
  std::map<std::string, std::string> organisation_titles;
  // What each organisation that was merged was merged into.
  std::map<std::string, std::string> merged_into;
  std::string LastNameOf(const std::string& organisation) const {
    const auto found = merged_into.find(organisation);
    return found == merged_into.end() ? organisation : LastNameOf(found->second);
  }
  std::vector<v1::RateSeries> rates;
};

// A filter as whoever wrote it thinks of it.
struct Wish {
  enum class Kind { kEverything, kCondition, kAnd, kOr, kNot };
  Kind kind = Kind::kEverything;
  std::string text;   // of a condition
  std::string field;  // that it speaks of; empty for a bare word
  std::vector<Wish> operands;
};

// In the language of filters.
std::string ToText(const Wish& wish);

// `request` has the texts of the filters.
struct Question {
  v1::QueryFundingRequest request;
  Wish filter;
  std::optional<Wish> compared;
};

// The answer in one message, without revisions. Lists whose order means nothing are in the order of
// Canonical().
absl::StatusOr<v1::QueryFundingResponse> NaiveAnswer(const World& world, const Question& question);

// The rates in the sums of `answer` without their notes and in an order of their own, and what
// could be included by its content.
v1::QueryFundingResponse Canonical(v1::QueryFundingResponse answer);

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_NAIVE_QUERY_H_
