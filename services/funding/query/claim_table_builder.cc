// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/claim_table_builder.h"

namespace entente::funding::query {

ClaimTableBuilder::ClaimTableBuilder(std::shared_ptr<const resource::State> state,
                                     std::vector<std::pair<std::string, std::string>> columns)
    : table_(new ClaimTable()), columns_(std::move(columns)) {
  table_->state_ = std::move(state);
}

void ClaimTableBuilder::Append(const std::vector<v1::Claim*>& family) {
  ClaimTable::Family made;
  for (size_t i = 0; i < family.size(); ++i) {
    int32_t whole = -1;
    for (size_t j = 0; j < i; ++j) {
      if (family[j]->name() == family[i]->part_of()) whole = static_cast<int32_t>(j);
    }
    made.claims.push_back(family[i]);
    made.wholes.push_back(whole);
    made.superseded_by.push_back(nullptr);
  }
  table_->Append(made);
}

void ClaimTableBuilder::ExtendColumns() {
  for (const auto& [field, vocabulary] : columns_) table_->Extend(field, vocabulary);
}

size_t ClaimTableBuilder::BytesOfColumns() const {
  size_t bytes = table_->flat_.lanes.bytes() + table_->trees_.lanes.bytes() +
                 table_->flat_.size() * (sizeof(int64_t) + sizeof(v1::Claim*));
  for (const auto& [key, column] : table_->columns_) bytes += column->bytes();
  return bytes;
}

std::shared_ptr<const Snapshot> ClaimTableBuilder::Finish() && {
  table_->base_revision_ = table_->state_->revision();
  table_->base_flat_rows_ = table_->flat_.size();
  table_->TakeMark(table_->base_revision_);
  return table_->At(table_->state_);
}

}  // namespace entente::funding::query
