// SPDX-License-Identifier: Apache-2.0
//
// A ClaimTable made from claims one after the other instead of from a state: of more claims than
// there is memory for, since those that are flat need not live on.
#ifndef ENTENTE_SERVICES_FUNDING_QUERY_CLAIM_TABLE_BUILDER_H_
#define ENTENTE_SERVICES_FUNDING_QUERY_CLAIM_TABLE_BUILDER_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/resource/state.h"
#include "services/funding/query/claim_table.h"
#include "services/funding/query/snapshot.h"

namespace entente::funding::query {

// Not thread-safe.
class ClaimTableBuilder {
 public:
  // `state` gives the snapshot its revision. `columns`: bases, and of sectors the vocabulary; those
  // that can be asked for.
  ClaimTableBuilder(std::shared_ptr<const resource::State> state,
                    std::vector<std::pair<std::string, std::string>> columns);

  // A claim and all of its parts, wholes before parts. From one to the next initiatives ascend and,
  // where these are the same, names. The claims must live until ExtendColumns and, if they are not
  // flat, as long as the snapshot.
  void Append(const std::vector<v1::Claim*>& family);
  // Reads all that was appended into the columns.
  void ExtendColumns();
  // What the columns and the amounts take, without dictionaries.
  size_t BytesOfColumns() const;

  std::shared_ptr<const Snapshot> Finish() &&;

 private:
  std::shared_ptr<ClaimTable> table_;
  std::vector<std::pair<std::string, std::string>> columns_;
};

}  // namespace entente::funding::query

#endif  // ENTENTE_SERVICES_FUNDING_QUERY_CLAIM_TABLE_BUILDER_H_
