// SPDX-License-Identifier: Apache-2.0
//
// The fields of ClaimFacts (query.proto): where each comes from, and what it could mean.
//
// A field is made of a *base*, a column of what claims state or inherit, and of a way to *derive*
// its values from the base's: countries from places, pillars from initiatives. What is derived by
// the catalogue is derived for each value of a dictionary, not for each claim, so that a query
// always reads the catalogue as it is.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_FACTS_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_FACTS_H_

#include <google/protobuf/descriptor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/filter/schema.h"
#include "common/resource/state.h"
#include "entente/funding/v1/query.pb.h"
#include "services/funding/query/column.h"
#include "services/funding/query/snapshot.h"

namespace entente::funding::query {

struct Field {
  const google::protobuf::FieldDescriptor* descriptor = nullptr;  // of ClaimFacts
  std::string base;                      // its name; fields of the same base are divided together
  std::shared_ptr<const Column> column;  // of the base
  // From a value of the base to one of the field; unset where that is the same.
  std::function<Value(const Value&)> derive;
  // The same for filters, which see what there is of the field: of a country and a region, the
  // country, where `derive` has to say that together they are wider than countries. Mostly unset,
  // for `derive`.
  std::function<Value(const Value&)> partly;

  Value Derive(const Value& of_base) const { return derive == nullptr ? of_base : derive(of_base); }

  // What filters see of a value of the base.
  Value ForFilter(const Value& of_base) const {
    return partly == nullptr ? Derive(of_base) : partly(of_base);
  }
  // The values of the base that a wider one could turn out to be: the places within a place, the
  // initiatives beneath an initiative, the sectors within a sector. Empty for most fields.
  std::function<std::vector<Value>(const Value&)> narrower;
};

// `catalogue` must outlive it. `descriptor` is of a field of ClaimFacts.
Field FieldOf(const Snapshot& snapshot, const resource::State& catalogue,
              const google::protobuf::FieldDescriptor* descriptor, absl::string_view vocabulary);

// What a value says, in the message that filters are applied to. Only what is stated is in it.
void Fill(const google::protobuf::FieldDescriptor* descriptor, const Value& value,
          v1::ClaimFacts* facts);

// The schema of filters over ClaimFacts.
const filter::Schema& FactsSchema();

// The ancestors of an initiative or a place in the catalogue, itself first, by `parent`. Only
// itself if the catalogue does not know it.
std::vector<std::string> WithAncestors(const resource::State& catalogue, const std::string& name);

// What a claim says for a base, in the next place of a column: what ClaimTable makes columns of.
using Statement = std::function<void(const ClaimTable& table, Atom atom, GrowingColumn* column)>;
Statement StatementOf(absl::string_view base, absl::string_view vocabulary);

// The same for a base that is an aspect of the lane that an atom is in; null for all others.
Value (*LaneField(absl::string_view base))(const Lane& lane);

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_FACTS_H_
