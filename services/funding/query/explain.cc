// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/explain.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/errors.h"
#include "common/status/macros.h"
#include "services/funding/claim_tree.h"
#include "services/funding/query/answer.h"
#include "services/funding/query/facts.h"
#include "services/funding/query/rows.h"
#include "services/funding/query/sums.h"
#include "services/funding/query/unselected.h"
#include "services/funding/rates/convert.h"

namespace entente::funding::query {
namespace {

using figure::Decimal;
using rates::Rounding;

// How much of a sum, rounded, each of its terms is: they add up to it, by the largest remainder.
class Apportioning {
 public:
  // A term whose place among `counted` is the place of the call.
  absl::Status Add(const Decimal& amount, const rates::Rate& rate) {
    ASSIGN_OR_RETURN(const Decimal floor, rates::Convert(amount, rate, Rounding::kDown));
    // The fraction that is cut off, to nine more places: enough to tell remainders apart, and no
    // choice among equal ones is wrong.
    Decimal fraction;
    const auto finer = figure::Mul(amount, kFiner);
    if (finer.ok()) {
      const auto scaled = rates::Convert(*finer, rate, Rounding::kDown);
      const auto whole = figure::Mul(floor, kFiner);
      if (scaled.ok() && whole.ok()) fraction = figure::Sub(*scaled, *whole).value_or(Decimal());
    }
    fractions_.emplace_back(fraction, counted_.size());
    counted_.push_back(floor);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<Decimal>> AddUpTo(const Decimal& sum, int digits) && {
    Decimal floors;
    for (const Decimal& floor : counted_) {
      ASSIGN_OR_RETURN(floors, figure::Add(floors, floor));
    }
    ASSIGN_OR_RETURN(const Decimal unit, Decimal::FromUnits(1, digits));
    std::stable_sort(fractions_.begin(), fractions_.end(),
                     [](const auto& a, const auto& b) { return b.first < a.first; });
    for (const auto& [fraction, place] : fractions_) {
      if (!(floors < sum)) break;
      ASSIGN_OR_RETURN(floors, figure::Add(floors, unit));
      ASSIGN_OR_RETURN(counted_[place], figure::Add(counted_[place], unit));
    }
    return std::move(counted_);
  }

 private:
  static constexpr int64_t kFiner = 1'000'000'000;

  std::vector<Decimal> counted_;
  std::vector<std::pair<Decimal, size_t>> fractions_;
};

class Explaining {
 public:
  Explaining(const Evaluation& evaluation, const v1::ExplainFundingRequest& request,
             const Cancelled& cancelled)
      : evaluation_(evaluation),
        parcels_(evaluation.parcels()),
        snapshot_(evaluation.parcels().snapshot()),
        request_(request),
        cancelled_(cancelled),
        writer_(evaluation, evaluation.axes()),
        unselected_(evaluation) {
    for (size_t i = 0; i < parcels_.shares().size(); ++i) {
      share_of_[{parcels_.shares()[i].tree, parcels_.shares()[i].node}] = i;
    }
  }

  absl::StatusOr<Explanation> Explain() {
    RETURN_IF_ERROR(FindRow());
    Tally row = Regroup(evaluation_.rows(), {key_}, [&](Group group) {
      return in_row_[group] ? std::vector<Group>{0} : std::vector<Group>{};
    });
    ASSIGN_OR_RETURN(const Summed summed, Sum(evaluation_, std::move(row)));
    ASSIGN_OR_RETURN(const Summed total, SumOfTotal());
    *explanation_.header.mutable_row() = writer_.Write(kind_, summed, 0, &total.money[0]);
    RETURN_IF_ERROR(ExplainTrees(summed));
    RETURN_IF_ERROR(ExplainExclusions());
    return std::move(explanation_);
  }

 private:
  absl::Status CheckCancelled(size_t done) const {
    constexpr size_t kOften = 1024;
    if (done % kOften == 0 && cancelled_ != nullptr && cancelled_()) {
      return absl::CancelledError("the caller has gone");
    }
    return absl::OkStatus();
  }

  // Whether a key of a row is the one that is asked for. No values at all are any.
  bool IsAskedFor(const std::vector<Code>& key) const {
    if (request_.values().empty()) return true;
    for (size_t i = 0; i < key.size(); ++i) {
      const v1::DimensionValue& asked = request_.values(static_cast<int>(i));
      const v1::DimensionValue value = writer_.Write(i, key[i]);
      if (asked.kind() != value.kind() || asked.value() != value.value()) return false;
    }
    return true;
  }

  absl::Status NotFound() const {
    std::vector<std::string> values;
    for (const v1::DimensionValue& value : request_.values()) {
      values.push_back(value.value().empty() ? v1::DimensionValueKind_Name(value.kind())
                                             : value.value());
    }
    return errors::RowNotFound(values.empty() ? v1::FundingRowKind_Name(kind_)
                                              : absl::StrJoin(values, ", "));
  }

  // The total that shares of the row are of.
  absl::StatusOr<Summed> SumOfTotal() const {
    const std::vector<Code> key = evaluation_.TotalOf(key_);
    return Sum(evaluation_, Regroup(evaluation_.rows(), {key}, [&](Group group) {
                 return evaluation_.TotalOf(evaluation_.rows().keys[group]) == key
                            ? std::vector<Group>{0}
                            : std::vector<Group>{};
               }));
  }

  absl::Status FindRow() {
    kind_ = request_.kind() == v1::FUNDING_ROW_KIND_UNSPECIFIED ? v1::FUNDING_ROW_KIND_TOTAL
                                                                : request_.kind();
    Violations violations;
    if (kind_ != v1::FUNDING_ROW_KIND_GROUP && kind_ != v1::FUNDING_ROW_KIND_REST &&
        kind_ != v1::FUNDING_ROW_KIND_TOTAL) {
      violations.Add("kind",
                     "must be FUNDING_ROW_KIND_GROUP, FUNDING_ROW_KIND_REST or "
                     "FUNDING_ROW_KIND_TOTAL; what could be included is explained by a query that "
                     "includes it");
    }
    const size_t dimensions = evaluation_.axes().size();
    const auto given = static_cast<size_t>(request_.values_size());
    if (given != dimensions && (given > 0 || kind_ == v1::FUNDING_ROW_KIND_GROUP)) {
      violations.Add("values", absl::StrCat("must be one for each of query.group_by, ", dimensions,
                                            ", and are ", given));
    }
    RETURN_IF_ERROR(violations.ToStatus());
    // Rows of periods that are added up have several groups in them, and groups are in several.
    const Tally& rows = evaluation_.rows();
    in_row_.assign(rows.size(), false);
    std::optional<std::vector<Code>> found;
    size_t matches = 0;
    const auto take = [&](const std::vector<Code>& key, Group group) {
      if (!IsAskedFor(key)) return;
      if (!found.has_value() || *found != key) ++matches;
      found = key;
      in_row_[group] = true;
    };
    if (kind_ == v1::FUNDING_ROW_KIND_TOTAL) {
      const Tally totals = Totals(evaluation_, rows);
      if (rows.size() == 0 && IsAskedFor(totals.keys[0])) {
        found = totals.keys[0];
        matches = 1;
      }
      for (Group group = 0; group < rows.size(); ++group) {
        take(evaluation_.TotalOf(rows.keys[group]), group);
      }
    } else if (kind_ == v1::FUNDING_ROW_KIND_REST) {
      ASSIGN_OR_RETURN(const std::vector<Group> rest, RestOf(evaluation_, rows));
      for (const Group group : rest) take(evaluation_.TotalOf(rows.keys[group]), group);
    } else {
      for (const auto& [key, groups] : GroupsOfRows(evaluation_.plan(), evaluation_.axes(), rows)) {
        for (const Group group : groups) take(key, group);
      }
    }
    if (!found.has_value()) return NotFound();
    if (matches > 1) {
      violations.Add("values",
                     "several rows are like that: give one value for each of "
                     "query.group_by");
      return violations.ToStatus();
    }
    key_ = *found;
    return absl::OkStatus();
  }

  // The rate by which money of a denomination counts in the row; itself where nothing is converted.
  static rates::Rate RateOf(const Denomination& denomination) {
    if (denomination.rate.has_value()) return *denomination.rate;
    rates::Rate rate;
    rate.from = rate.to = denomination.currency;
    return rate;
  }

  absl::Status ExplainTrees(const Summed& summed) {
    for (const Tally::Piece& piece : summed.tally.pieces) {
      RETURN_IF_ERROR(CheckCancelled(explanation_.trees.size()));
      RETURN_IF_ERROR(ExplainPiece(piece));
    }
    for (size_t p = 0; p < parcels_.atoms(); ++p) {
      RETURN_IF_ERROR(CheckCancelled(p));
      if (evaluation_.group_of()[p] == kNoGroup || !in_row_[evaluation_.group_of()[p]]) continue;
      if (parcels_.flat(p)) RETURN_IF_ERROR(ExplainFlat(static_cast<Atom>(p)));
    }
    // What each amount counts: of what is converted, its part of the sum as it is rounded.
    for (const Money& money : summed.money[0]) RETURN_IF_ERROR(Apportion(money));
    std::sort(explanation_.trees.begin(), explanation_.trees.end(),
              [](const v1::ExplainedTree& a, const v1::ExplainedTree& b) {
                return a.claim() < b.claim();
              });
    return absl::OkStatus();
  }

  absl::Status Apportion(const Money& money) {
    Apportioning apportioning;
    std::vector<v1::Contribution*> contributions;
    for (size_t i = 0; i < explanation_.trees.size(); ++i) {
      const Denomination& denomination = evaluation_.denominations()[denomination_of_[i]];
      const rates::Rate rate = RateOf(denomination);
      if (rate.to != money.currency || denomination.per != money.per ||
          denomination.rate.has_value() != money.converted) {
        continue;
      }
      v1::ExplainedTree& tree = explanation_.trees[i];
      for (v1::Contribution& contribution : *tree.mutable_contributions()) {
        ASSIGN_OR_RETURN(const Decimal stated, Decimal::Parse(contribution.stated()));
        ASSIGN_OR_RETURN(const Decimal amount,
                         figure::Mul(stated, std::max(int64_t{1}, int64_t{tree.periods()})));
        if (money.converted) {
          RETURN_IF_ERROR(apportioning.Add(amount, rate));
          contributions.push_back(&contribution);
        } else {
          contribution.set_counted(amount.ToString());
        }
      }
    }
    ASSIGN_OR_RETURN(const std::vector<Decimal> counted,
                     std::move(apportioning).AddUpTo(money.stated, MinorDigits(money.currency)));
    for (size_t i = 0; i < contributions.size(); ++i) {
      contributions[i]->set_counted(counted[i].ToString());
    }
    return absl::OkStatus();
  }

  v1::ExplainedTree* AddTree(Atom top, DenominationId id) {
    explanation_.trees.emplace_back();
    denomination_of_.push_back(id);
    v1::ExplainedTree* tree = &explanation_.trees.back();
    tree->set_claim(snapshot_.claim(top).name());
    const Denomination& denomination = evaluation_.denominations()[id];
    if (denomination.rate.has_value() && denomination.day.has_value()) {
      *tree->mutable_rate() = Written(*denomination.rate, *denomination.day);
    }
    return tree;
  }

  void WriteClaim(Atom atom, v1::Contribution* contribution) const {
    const v1::Claim& claim = snapshot_.claim(atom);
    contribution->set_claim(claim.name());
    contribution->set_remainder(snapshot_.has_parts(atom));
    *contribution->mutable_figure() = claim.amount().figure();
    *contribution->mutable_citations() = claim.citations();
  }

  static void WriteSum(const algebra::RowSum& sum, const Denomination& denomination,
                       v1::MoneySum* written) {
    written->set_currency_code(denomination.currency);
    if (denomination.per != kTotal) *written->mutable_recurrence() = Written(denomination.per);
    // As in rows: of money without any figure nothing is known, which is not 0.
    if (sum.claims > 0) {
      *written->mutable_bounds() = Written(sum.bounds);
      written->set_stated(sum.stated.ToString());
    }
    if (!sum.excess.is_zero()) written->set_excess(sum.excess.ToString());
    written->set_claims(sum.claims);
    written->set_not_stated(sum.not_stated);
  }

  // The denomination of a flat claim was made when it was counted: it is the one that its row has.
  absl::Status ExplainFlat(Atom atom) {
    const v1::Claim& claim = snapshot_.claim(atom);
    const std::string date = claim.has_value_date() ? claim.value_date().edtf() : "";
    const auto id = evaluation_.denominations().Find(claim.amount().currency_code(), date, kTotal);
    if (!id.has_value()) return absl::InternalError("a claim that is counted is in no currency");
    v1::ExplainedTree* tree = AddTree(atom, *id);
    algebra::RowSum sum;
    ASSIGN_OR_RETURN(sum.stated, Decimal::FromUnits(snapshot_.units(atom),
                                                    MinorDigits(claim.amount().currency_code())));
    sum.bounds = figure::Interval::Point(sum.stated);
    sum.claims = 1;
    WriteSum(sum, evaluation_.denominations()[*id], tree->mutable_sum());
    v1::Contribution* contribution = tree->add_contributions();
    WriteClaim(atom, contribution);
    contribution->set_stated(sum.stated.ToString());
    *contribution->mutable_bounds() = Written(sum.bounds);
    return absl::OkStatus();
  }

  absl::Status ExplainPiece(const Tally::Piece& piece) {
    v1::ExplainedTree* tree = AddTree(parcels_.TopOf(piece.tree), piece.denomination);
    ASSIGN_OR_RETURN(const algebra::Explanation explained,
                     parcels_.tree(piece.tree).Explain(piece.nodes));
    WriteSum(explained.sum, evaluation_.denominations()[piece.denomination], tree->mutable_sum());
    const auto& top = snapshot_.claim(parcels_.TopOf(piece.tree));
    if (!evaluation_.periods().empty() && top.has_recurrence()) {
      tree->set_periods(
          static_cast<int32_t>(evaluation_.periods()[static_cast<size_t>(piece.tree)]));
    }
    for (const algebra::Explanation::Atom& atom : explained.atoms) {
      v1::Contribution* contribution = tree->add_contributions();
      WriteClaim(parcels_.OriginOf(piece.tree, atom.node).atom, contribution);
      WriteShares(piece.tree, atom.node, contribution);
      contribution->set_stated(atom.stated.ToString());
      if (!atom.excess.is_zero()) contribution->set_excess(atom.excess.ToString());
      if (atom.bounds.has_value()) *contribution->mutable_bounds() = Written(*atom.bounds);
    }
    for (const algebra::Explanation::Step& step : explained.steps) {
      const Parcels::Origin origin = parcels_.OriginOf(piece.tree, step.node);
      v1::BoundStep* written = tree->add_steps();
      written->set_claim(snapshot_.claim(origin.atom).name());
      written->set_share(origin.share);
      written->set_selected(step.selected);
      *written->mutable_row_before() = Written(step.before.row);
      *written->mutable_rest_before() = Written(step.before.rest);
      *written->mutable_all_before() = Written(step.before.all);
      if (step.stated.has_value()) *written->mutable_states() = Written(*step.stated);
      *written->mutable_row_after() = Written(step.after.row);
      *written->mutable_rest_after() = Written(step.after.rest);
      *written->mutable_all_after() = Written(step.after.all);
    }
    return absl::OkStatus();
  }

  void WriteShares(int32_t tree, algebra::NodeId node, v1::Contribution* contribution) const {
    const auto found = share_of_.find({tree, node});
    if (found == share_of_.end()) return;
    const Parcels::Share* share = &parcels_.shares()[found->second];
    for (const Parcels::Share::Part& part : share->parts) {
      const Column& column = *parcels_.columns()[part.base];
      const auto division =
          std::lower_bound(column.divisions.begin(), column.divisions.end(), share->atom,
                           [](const Division& d, Atom atom) { return d.atom < atom; });
      v1::AppliedShare* written = contribution->add_shares();
      written->set_field(parcels_.NameOf(part.base));
      written->set_value(absl::StrJoin(column.values[division->codes[part.index]].members, " + "));
      Decimal percent = 100;
      if (part.index < division->percents.size()) {
        percent = division->percents[part.index];
      } else {
        for (const Decimal& other : division->percents) {
          percent = figure::Sub(percent, other).value_or(percent);
        }
      }
      written->set_percentage(percent.ToString());
    }
  }

  void Exclude(Atom atom, v1::LeftOutReason reason, const std::string& message) {
    explanation_.exclusions.emplace_back();
    explanation_.exclusions.back().set_claim(snapshot_.claim(atom).name());
    explanation_.exclusions.back().set_reason(reason);
    explanation_.exclusions.back().set_message(message);
  }

  absl::Status ExplainExclusions() {
    // What the row itself leaves out; what other rows do is told of other rows.
    std::vector<bool> told(parcels_.atoms(), false);
    const Tally& rows = evaluation_.rows();
    std::set<std::pair<Atom, v1::LeftOutReason>> excluded;
    for (const Tally::Left& left : rows.left) {
      if (!in_row_[left.group]) continue;
      told[static_cast<size_t>(left.atom)] = true;
      // The shares of one claim are one claim, in whatever groups of the row.
      if (!excluded.emplace(left.atom, left.reason).second) continue;
      Exclude(left.atom, left.reason, left.message);
    }
    if (!request_.omit_others()) RETURN_IF_ERROR(ExplainOthers(std::move(told)));
    std::stable_sort(
        explanation_.exclusions.begin(), explanation_.exclusions.end(),
        [](const v1::Exclusion& a, const v1::Exclusion& b) { return a.claim() < b.claim(); });
    return absl::OkStatus();
  }

  absl::Status ExplainOthers(std::vector<bool> told) {
    // An atom with a share in the row is in it, if another share is not.
    const std::vector<Group>& group_of = evaluation_.group_of();
    for (size_t p = 0; p < parcels_.size(); ++p) {
      if (group_of[p] != kNoGroup && in_row_[group_of[p]]) {
        told[static_cast<size_t>(parcels_.AtomOf(p))] = true;
      }
    }
    std::map<Atom, const Tally::Left*> left_elsewhere;
    for (const Tally::Left& left : evaluation_.rows().left) {
      left_elsewhere.try_emplace(left.atom, &left);
    }
    for (size_t p = 0; p < parcels_.size(); ++p) {
      RETURN_IF_ERROR(CheckCancelled(p));
      const Atom atom = parcels_.AtomOf(p);
      if (!parcels_.active(p) || told[static_cast<size_t>(atom)]) continue;
      told[static_cast<size_t>(atom)] = true;
      const auto left = left_elsewhere.find(atom);
      if (group_of[p] != kNoGroup) {
        Exclude(
            atom, v1::LEFT_OUT_REASON_OTHER_ROW,
            absl::StrCat("it is in the row ", DescribeRow(evaluation_.rows().keys[group_of[p]])));
      } else if (left != left_elsewhere.end()) {
        Exclude(atom, left->second->reason, left->second->message);
      } else if (evaluation_.picks()[p] == Pick::kCould) {
        Exclude(atom, v1::LEFT_OUT_REASON_COULD_INCLUDE,
                absl::StrCat("the filter does not select it as it is stated, but could select some "
                             "of it: ",
                             unselected_.Describe(p)));
      } else {
        Exclude(atom, v1::LEFT_OUT_REASON_NOT_SELECTED,
                absl::StrCat("the filter does not select it: ", unselected_.Describe(p)));
      }
    }
    return absl::OkStatus();
  }

  std::string DescribeRow(const std::vector<Code>& key) const {
    std::vector<std::string> values;
    for (size_t i = 0; i < key.size(); ++i) {
      const v1::DimensionValue value = writer_.Write(i, key[i]);
      values.push_back(absl::StrCat(
          std::string(evaluation_.plan().dimensions[i].field->name()), " = ",
          value.value().empty() ? v1::DimensionValueKind_Name(value.kind()) : value.value()));
    }
    return absl::StrJoin(values, ", ");
  }

  const Evaluation& evaluation_;
  const Parcels& parcels_;
  const Snapshot& snapshot_;
  const v1::ExplainFundingRequest& request_;
  const Cancelled& cancelled_;
  const RowWriter writer_;
  Unselected unselected_;
  absl::flat_hash_map<std::pair<int32_t, algebra::NodeId>, size_t> share_of_;  // in shares()
  v1::FundingRowKind kind_ = v1::FUNDING_ROW_KIND_UNSPECIFIED;
  std::vector<Code> key_;
  std::vector<bool> in_row_;  // by group of the evaluation
  std::vector<DenominationId>
      denomination_of_;  // by place in explanation_.trees, until they are sorted
  Explanation explanation_;
};

}  // namespace

absl::StatusOr<Explanation> Explain(const Evaluation& evaluation,
                                    const v1::ExplainFundingRequest& request,
                                    const Cancelled& cancelled) {
  return Explaining(evaluation, request, cancelled).Explain();
}

}  // namespace entente::funding::query
