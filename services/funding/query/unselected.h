// SPDX-License-Identifier: Apache-2.0
//
// Why a filter does not select money, in words: what its claim says where conditions fail.
//
//   Unselected unselected(evaluation);
//   unselected.Describe(parcel);  // "its stage is CLAIM_STAGE_COMMITTED; its funding is not
//   stated"
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_UNSELECTED_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_UNSELECTED_H_

#include <google/protobuf/descriptor.h>

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "common/filter/condition.h"
#include "services/funding/query/evaluation.h"
#include "services/funding/query/facts.h"

namespace entente::funding::query {

// Not thread-safe.
class Unselected {
 public:
  // `evaluation` must outlive it.
  explicit Unselected(const Evaluation& evaluation);

  // Of all conditions that have to hold together, those that do not; empty if there are none.
  // Claims that say the same where the filter looks have the same description, which is made once.
  const std::string& Describe(Parcel parcel);

 private:
  struct Conjunct {
    const filter::Condition* condition;
    std::vector<size_t> fields;  // among fields_
  };

  void Add(const filter::Condition& condition);
  std::string Make(Parcel parcel) const;
  std::string DescribeField(const Field& field, Atom atom) const;

  const Evaluation& evaluation_;
  std::vector<Field> fields_;
  std::vector<Conjunct> conjuncts_;
  std::map<std::vector<Code>, std::string> made_;  // by the codes of the fields' bases
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_UNSELECTED_H_
