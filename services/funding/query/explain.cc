// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/explain.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
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
  Explaining(const Evaluation& evaluation, const v1::ExplainFundingRequest& request)
      : evaluation_(evaluation),
        parcels_(evaluation.parcels()),
        snapshot_(evaluation.parcels().snapshot()),
        request_(request),
        writer_(evaluation, evaluation.axes()),
        unselected_(evaluation) {
    for (size_t i = 0; i < parcels_.shares().size(); ++i) {
      share_of_[{parcels_.shares()[i].tree, parcels_.shares()[i].node}] = i;
    }
  }

  absl::StatusOr<Explanation> Explain() {
    RETURN_IF_ERROR(FindRow());
    const Summed row(evaluation_, Gather(key_, [&](Group group) { return in_row_[group]; }));
    ASSIGN_OR_RETURN(const std::vector<Money> money, row.sums().MoneyOf(0));
    ASSIGN_OR_RETURN(const std::vector<Money> total, SumOfTotal());
    writer_.Write(kind_, row, 0, money, &total, explanation_.header.mutable_row());
    RETURN_IF_ERROR(ExplainTrees(row.tally(), money));
    RETURN_IF_ERROR(ExplainExclusions());
    return std::move(explanation_);
  }

 private:
  // Now and then.
  absl::Status Check(size_t done) const {
    constexpr size_t kOften = 1024;
    return done % kOften == 0 ? evaluation_.resources().Check() : absl::OkStatus();
  }

  // One row with this key, of those of the evaluation that are `wanted`.
  template <typename Wanted>
  Tally Gather(const std::vector<Code>& key, const Wanted& wanted) const {
    Keys keys(key.size());
    keys.Append(key);
    return Regroup(snapshot_, evaluation_.rows(), std::move(keys), [&](Group group) {
      return wanted(group) ? absl::InlinedVector<Group, 1>{0} : absl::InlinedVector<Group, 1>{};
    });
  }

  // Whether a key of a row is the one that is asked for. No values at all are any.
  bool IsAskedFor(Key key) const {
    if (request_.values().empty()) return true;
    for (size_t i = 0; i < key.size(); ++i) {
      const v1::DimensionValue& asked = request_.values(static_cast<int>(i));
      v1::DimensionValue value;
      writer_.Write(i, key[i], &value);
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
  absl::StatusOr<std::vector<Money>> SumOfTotal() const {
    const std::vector<Code> key = evaluation_.TotalOf(key_);
    return Summed(evaluation_,
                  Gather(key,
                         [&](Group group) {
                           return evaluation_.TotalOf(evaluation_.rows().keys[group]) == key;
                         }))
        .sums()
        .MoneyOf(0);
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
        found.emplace(totals.keys[0].begin(), totals.keys[0].end());
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

  absl::Status ExplainTrees(const Tally& row, const std::vector<Money>& sums) {
    // Pieces of trees are known; of what was only ever added up, all atoms are looked through.
    absl::flat_hash_set<TreeId> pieces;
    std::vector<Tally::Piece> all = row.pieces;
    for (const Scan::Split& split : row.splits) {
      all.push_back({row.split_sums[split.sum].group,
                     row.split_sums[split.sum].denomination,
                     snapshot_.tree_of(split.atom),
                     {snapshot_.node_of(split.atom)}});
    }
    for (const Tally::Piece& piece : all) {
      RETURN_IF_ERROR(Check(explanation_.trees.size()));
      RETURN_IF_ERROR(ExplainPiece(piece));
      pieces.insert(piece.tree);
    }
    absl::Status status;
    size_t seen = 0;
    parcels_.ForEach([&](Parcel parcel) {
      if (!status.ok() || Parcels::IsShare(parcel)) return;
      status = Check(seen++);
      const auto atom = static_cast<Atom>(parcel);
      if (!IsFlat(atom)) {
        // A tree that is all in one row is told of once, where its top is.
        if (!snapshot_.usable(atom) || snapshot_.whole(atom) != kNoAtom) return;
        if (pieces.count(snapshot_.tree_of(atom)) > 0) return;
      }
      const Group group = evaluation_.GroupOf(parcel);
      if (!status.ok() || group == kNoGroup || !in_row_[group]) return;
      status.Update(IsFlat(atom) ? ExplainFlat(atom) : ExplainPiece(WholeTree(atom, group)));
    });
    RETURN_IF_ERROR(status);
    SortTrees();
    // What each amount counts: of what is converted, its part of the sum as it is rounded. What is
    // left over goes to the first ones by name.
    for (const Money& money : sums) RETURN_IF_ERROR(Apportion(money));
    return absl::OkStatus();
  }

  // By the names of the claims.
  void SortTrees() {
    std::vector<size_t> order(explanation_.trees.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return explanation_.trees[a].claim() < explanation_.trees[b].claim();
    });
    std::vector<v1::ExplainedTree> trees;
    std::vector<DenominationId> denominations;
    for (const size_t i : order) {
      trees.push_back(std::move(explanation_.trees[i]));
      denominations.push_back(denomination_of_[i]);
    }
    explanation_.trees = std::move(trees);
    denomination_of_ = std::move(denominations);
  }

  // The tree at whose top `atom` is, as the piece that it would be if it had not been added up.
  Tally::Piece WholeTree(Atom atom, Group group) const {
    Tally::Piece piece;
    piece.group = group;
    piece.tree = snapshot_.tree_of(atom);
    const v1::Claim& claim = snapshot_.claim(atom);
    piece.denomination = DenominationOf(claim);
    for (size_t node = 0; node < snapshot_.tree(piece.tree).atoms.size(); ++node) {
      piece.nodes.push_back(static_cast<algebra::NodeId>(node));
    }
    return piece;
  }

  // That of a claim that is no rate. It was made when the claim was counted.
  DenominationId DenominationOf(const v1::Claim& claim) const {
    return *evaluation_.denominations().Find(claim.amount().currency_code(),
                                             claim.value_date().edtf(), kTotal);
  }

  absl::Status Apportion(const Money& money) {
    Apportioning apportioning;
    std::vector<v1::Contribution*> contributions;
    for (size_t i = 0; i < explanation_.trees.size(); ++i) {
      const Denomination denomination = evaluation_.denominations()[denomination_of_[i]];
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
    const Denomination denomination = evaluation_.denominations()[id];
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

  // `origin_of`: by node, whose money it is.
  template <typename OriginOf>
  void WriteExplanation(const algebra::Explanation& explained, DenominationId id,
                        const OriginOf& origin_of, v1::ExplainedTree* tree) {
    WriteSum(explained.sum, evaluation_.denominations()[id], tree->mutable_sum());
    for (const algebra::Explanation::Atom& atom : explained.atoms) {
      v1::Contribution* contribution = tree->add_contributions();
      WriteClaim(origin_of(atom.node).atom, contribution);
      contribution->set_stated(atom.stated.ToString());
      if (!atom.excess.is_zero()) contribution->set_excess(atom.excess.ToString());
      if (atom.bounds.has_value()) *contribution->mutable_bounds() = Written(*atom.bounds);
    }
    for (const algebra::Explanation::Step& step : explained.steps) {
      const Parcels::Origin origin = origin_of(step.node);
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
  }

  absl::Status ExplainFlat(Atom atom) {
    const v1::Claim& claim = snapshot_.claim(atom);
    const DenominationId id = DenominationOf(claim);
    v1::ExplainedTree* tree = AddTree(atom, id);
    if (snapshot_.lanes()[snapshot_.LaneOf(atom)].at_least) {
      // What is not exact is explained step by step, however few steps these are.
      ASSIGN_OR_RETURN(const algebra::Tree alone, BuildTree({&claim}));
      ASSIGN_OR_RETURN(const algebra::Explanation explained, alone.Explain({0}));
      WriteExplanation(
          explained, id, [&](algebra::NodeId) { return Parcels::Origin{atom}; }, tree);
      return absl::OkStatus();
    }
    algebra::RowSum sum;
    ASSIGN_OR_RETURN(sum.stated, Decimal::FromUnits(snapshot_.units(atom),
                                                    MinorDigits(claim.amount().currency_code())));
    sum.bounds = figure::Interval::Point(sum.stated);
    sum.claims = 1;
    WriteSum(sum, evaluation_.denominations()[id], tree->mutable_sum());
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
    WriteExplanation(
        explained, piece.denomination,
        [&](algebra::NodeId node) { return parcels_.OriginOf(piece.tree, node); }, tree);
    for (size_t i = 0; i < explained.atoms.size(); ++i) {
      WriteShares(piece.tree, explained.atoms[i].node,
                  tree->mutable_contributions(static_cast<int>(i)));
    }
    const auto& top = snapshot_.claim(parcels_.TopOf(piece.tree));
    if (evaluation_.plan().horizon.has_value() && top.has_recurrence()) {
      tree->set_periods(static_cast<int32_t>(evaluation_.periods().Of(piece.tree)));
    }
    return absl::OkStatus();
  }

  void WriteShares(TreeId tree, algebra::NodeId node, v1::Contribution* contribution) const {
    const auto found = share_of_.find({tree, node});
    if (found == share_of_.end()) return;
    const Parcels::Share* share = &parcels_.shares()[found->second];
    for (const Parcels::Share::Part& part : share->parts) {
      const Column& column = *parcels_.columns()[part.base];
      const Division* division = part.division;
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
    absl::flat_hash_set<Atom> told;
    const Tally& rows = evaluation_.rows();
    std::set<std::pair<Atom, v1::LeftOutReason>> excluded;
    for (const Tally::Left& left : rows.left) {
      if (!in_row_[left.group]) continue;
      told.insert(left.atom);
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

  absl::Status ExplainOthers(absl::flat_hash_set<Atom> told) {
    // An atom with a share in the row is in it, if another share is not.
    for (size_t i = 0; i < parcels_.shares().size(); ++i) {
      const Group group = evaluation_.GroupOf(static_cast<Parcel>(i) | kShareBit);
      if (group != kNoGroup && in_row_[group]) told.insert(parcels_.shares()[i].atom);
    }
    std::map<Atom, const Tally::Left*> left_elsewhere;
    for (const Tally::Left& left : evaluation_.rows().left) {
      left_elsewhere.try_emplace(left.atom, &left);
    }
    absl::Status status;
    size_t seen = 0;
    parcels_.ForEach([&](Parcel parcel) {
      if (!status.ok()) return;
      status = Check(seen++);
      const Atom atom = parcels_.AtomOf(parcel);
      const Group group = evaluation_.GroupOf(parcel);
      if (group != kNoGroup && in_row_[group]) return;
      if (!told.insert(atom).second) return;
      const auto left = left_elsewhere.find(atom);
      if (group != kNoGroup) {
        Exclude(atom, v1::LEFT_OUT_REASON_OTHER_ROW,
                absl::StrCat("it is in the row ", DescribeRow(evaluation_.rows().keys[group])));
      } else if (left != left_elsewhere.end()) {
        Exclude(atom, left->second->reason, left->second->message);
      } else if (evaluation_.selection().Of(parcel) == Pick::kCould) {
        Exclude(atom, v1::LEFT_OUT_REASON_COULD_INCLUDE,
                absl::StrCat("the filter does not select it as it is stated, but could select some "
                             "of it: ",
                             unselected_.Describe(parcel)));
      } else {
        Exclude(atom, v1::LEFT_OUT_REASON_NOT_SELECTED,
                absl::StrCat("the filter does not select it: ", unselected_.Describe(parcel)));
      }
    });
    return status;
  }

  std::string DescribeRow(Key key) const {
    std::vector<std::string> values;
    for (size_t i = 0; i < key.size(); ++i) {
      v1::DimensionValue value;
      writer_.Write(i, key[i], &value);
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
  const RowWriter writer_;
  Unselected unselected_;
  absl::flat_hash_map<std::pair<TreeId, algebra::NodeId>, size_t> share_of_;  // in shares()
  v1::FundingRowKind kind_ = v1::FUNDING_ROW_KIND_UNSPECIFIED;
  std::vector<Code> key_;
  std::vector<bool> in_row_;                     // by group of the evaluation
  std::vector<DenominationId> denomination_of_;  // by place in explanation_.trees
  Explanation explanation_;
};

}  // namespace

absl::StatusOr<Explanation> Explain(const Evaluation& evaluation,
                                    const v1::ExplainFundingRequest& request) {
  return Explaining(evaluation, request).Explain();
}

}  // namespace entente::funding::query
