// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/messages.h"

#include <utility>

#include "common/resource/page.h"

namespace entente::funding::query {
namespace {

// Messages that are filled one after the other.
template <typename Response>
class Filling {
 public:
  explicit Filling(Response first) : bytes_(first.ByteSizeLong()) {
    messages_.push_back(std::move(first));
  }

  // Moves `parts` into the field that `add` adds to.
  template <typename Part, typename Add>
  void Fill(std::vector<Part> parts, const Add& add) {
    for (Part& part : parts) {
      const size_t bytes = part.ByteSizeLong() + kFrame;
      if (bytes_ > 0 && bytes_ + bytes > resource::kPageBytes) {
        messages_.emplace_back();
        bytes_ = 0;
      }
      bytes_ += bytes;
      *add(&messages_.back()) = std::move(part);
    }
  }

  std::vector<Response> Take() && { return std::move(messages_); }

 private:
  // Of the tag and the length of a part, at most.
  static constexpr size_t kFrame = 6;

  std::vector<Response> messages_;
  size_t bytes_ = 0;  // in the last one
};

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

std::vector<v1::QueryFundingResponse> InMessages(Answer answer) {
  Filling<v1::QueryFundingResponse> filling(std::move(answer.header));
  filling.Fill(std::move(answer.rows),
               [](v1::QueryFundingResponse* message) { return message->add_rows(); });
  filling.Fill(std::move(answer.could_include),
               [](v1::QueryFundingResponse* message) { return message->add_could_include(); });
  return std::move(filling).Take();
}

std::vector<v1::ExplainFundingResponse> InMessages(Explanation explanation) {
  Filling<v1::ExplainFundingResponse> filling(std::move(explanation.header));
  filling.Fill(InPieces(std::move(explanation.trees)),
               [](v1::ExplainFundingResponse* message) { return message->add_trees(); });
  filling.Fill(std::move(explanation.exclusions),
               [](v1::ExplainFundingResponse* message) { return message->add_exclusions(); });
  return std::move(filling).Take();
}

}  // namespace entente::funding::query
