// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/messages.h"

#include <utility>

#include "common/resource/page.h"

namespace entente::funding::query {
namespace {

// Cuts trees with thousands of parts into pieces that fit into messages, as query.proto has it.
std::vector<v1::ExplainedTree> InPieces(std::vector<v1::ExplainedTree> trees) {
  constexpr size_t kPieceBytes = resource::kPageBytes / 4;
  std::vector<v1::ExplainedTree> pieces;
  for (v1::ExplainedTree& tree : trees) {
    if (tree.ByteSizeLong() <= kPieceBytes) {
      pieces.push_back(std::move(tree));
      continue;
    }
    v1::ExplainedTree first = tree;
    first.clear_contributions();
    first.clear_steps();
    size_t bytes = first.ByteSizeLong();
    pieces.push_back(std::move(first));
    const auto make_room = [&](size_t more) {
      bytes += more;
      if (bytes <= kPieceBytes) return;
      pieces.emplace_back();
      pieces.back().set_claim(tree.claim());
      bytes = more;
    };
    for (v1::Contribution& contribution : *tree.mutable_contributions()) {
      make_room(contribution.ByteSizeLong());
      *pieces.back().add_contributions() = std::move(contribution);
    }
    for (v1::BoundStep& step : *tree.mutable_steps()) {
      make_room(step.ByteSizeLong());
      *pieces.back().add_steps() = std::move(step);
    }
  }
  return pieces;
}

}  // namespace

Messages<v1::ExplainFundingResponse> InMessages(Explanation explanation) {
  Filling<v1::ExplainFundingResponse> filling;
  *filling.first() = explanation.header;
  filling.CountFirst();
  const auto fill = [&](auto parts, const auto& field) {
    for (auto& part : parts) {
      const absl::Status added = filling.Add(field, [&](auto* written) {
        *written = std::move(part);
        return absl::OkStatus();
      });
      (void)added;
    }
  };
  fill(InPieces(std::move(explanation.trees)),
       [](v1::ExplainFundingResponse* message) { return message->mutable_trees(); });
  fill(std::move(explanation.exclusions),
       [](v1::ExplainFundingResponse* message) { return message->mutable_exclusions(); });
  return std::move(filling).Take();
}

}  // namespace entente::funding::query
