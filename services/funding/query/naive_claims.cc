// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>
#include <tuple>

#include "services/funding/query/naive_side.h"

namespace entente::funding::query::naive {

void Side::ReadClaims() {
  for (const Claim& claim : world_.claims) claims_.push_back(&claim);
  std::sort(claims_.begin(), claims_.end(),
            [](const Claim* a, const Claim* b) { return a->name() < b->name(); });
  for (int i = 0; i < Size(); ++i) ids_[At(i).name()] = i;
  for (int i = 0; i < Size(); ++i) {
    const auto whole = ids_.find(At(i).part_of());
    wholes_.push_back(whole == ids_.end() ? -1 : whole->second);
  }
  superseded_.assign(claims_.size(), false);
  for (int i = 0; i < Size(); ++i) {
    for (const auto& relation : At(i).relations()) {
      const auto other = ids_.find(relation.claim());
      if (relation.kind() == v1::CLAIM_RELATION_KIND_SUPERSEDES && other != ids_.end()) {
        superseded_[static_cast<size_t>(other->second)] = true;
      }
    }
  }
  for (int i = 0; i < Size(); ++i) {
    if (WholeOf(i) < 0 && !IsSuperseded(i)) contradictory_[i] = !MakeSense(i);
  }
}

int Side::TopOf(int claim) const {
  while (WholeOf(claim) >= 0) claim = WholeOf(claim);
  return claim;
}

bool Side::IsSuperseded(int claim) const {
  for (; claim >= 0; claim = WholeOf(claim)) {
    if (superseded_[static_cast<size_t>(claim)]) return true;
  }
  return false;
}

bool Side::IsUsable(int claim) const {
  return !IsSuperseded(claim) && !contradictory_.at(TopOf(claim));
}

std::vector<int> Side::PartsOf(int claim) const {
  std::vector<int> parts;
  for (int i = 0; i < Size(); ++i) {
    if (WholeOf(i) == claim && !IsSuperseded(i)) parts.push_back(i);
  }
  return parts;
}

bool Side::IsWithin(int claim, int whole) const {
  for (; claim >= 0; claim = WholeOf(claim)) {
    if (claim == whole) return true;
  }
  return false;
}

std::optional<Figure> Side::FigureOf(int claim) const {
  const auto& figure = At(claim).amount().figure();
  if (figure.qualifier() == type::v1::QUALIFIER_NOT_STATED) return std::nullopt;
  Figure read;
  read.stated = UnitsOf(figure.value());
  read.range.low = UnitsOf(figure.interval().low());
  read.range.low_open = figure.interval().low_open();
  if (!figure.interval().high().empty()) {
    read.range.high = UnitsOf(figure.interval().high());
    read.range.high_open = figure.interval().high_open();
  }
  return read;
}

bool Side::IsSummed(int claim) const {
  for (; claim >= 0; claim = WholeOf(claim)) {
    if (HasFigure(claim)) return true;
  }
  return false;
}

bool Side::IsNegative(int claim) const {
  const auto figure = FigureOf(claim);
  return figure.has_value() && figure->stated < 0;
}

int64_t Side::StatedOf(int claim) const {
  const auto figure = FigureOf(claim);
  if (figure.has_value()) return figure->stated;
  int64_t stated = 0;
  for (const int part : PartsOf(claim)) stated += StatedOf(part);
  return stated;
}

int64_t Side::StatedOfAtom(int claim) const {
  int64_t stated = StatedOf(claim);
  for (const int part : PartsOf(claim)) stated -= StatedOf(part);
  return stated;
}

void Side::LayOut(int claim, const std::map<int, std::vector<std::vector<Slice>>>& divisions,
                  std::vector<Tree::Variable>* variables,
                  std::vector<std::tuple<int, int, Range>>* statements) const {
  const auto begin = static_cast<int>(variables->size());
  Tree::Variable own;
  own.claim = claim;
  own.has_figure = HasFigure(claim);
  own.summed = IsSummed(claim);
  own.stated = own.has_figure ? StatedOfAtom(claim) : 0;
  const auto division = divisions.find(claim);
  if (division == divisions.end()) {
    if (!IsNegative(claim)) {
      Range range;
      if (!own.summed) range.high = 0;
      statements->emplace_back(begin, begin + 1, range);
    }
    variables->push_back(own);
  } else {
    const Range range = own.summed ? RangeOfAtom(claim) : Range{0, false, 0, false};
    Divide(own, range, division->second, 0, variables, statements);
  }
  for (const int part : PartsOf(claim)) LayOut(part, divisions, variables, statements);
  if (const auto figure = FigureOf(claim); figure.has_value()) {
    statements->emplace_back(begin, static_cast<int>(variables->size()), figure->range);
  }
}

Range Side::RangeOfAtom(int claim) const {
  std::vector<Tree::Variable> variables;
  std::vector<std::tuple<int, int, Range>> statements;
  LayOut(claim, {}, &variables, &statements);
  std::vector<bool> row(variables.size(), false);
  row[0] = true;
  return ProgramOf(variables, statements)->RangeOf(row);
}

void Side::Divide(const Tree::Variable& divided, const Range& range,
                  const std::vector<std::vector<Slice>>& divisions, size_t depth,
                  std::vector<Tree::Variable>* variables,
                  std::vector<std::tuple<int, int, Range>>* statements) const {
  if (depth == divisions.size()) {
    statements->emplace_back(static_cast<int>(variables->size()),
                             static_cast<int>(variables->size()) + 1, range);
    variables->push_back(divided);
    return;
  }
  const int64_t low = range.low;
  const int64_t stated = divided.has_figure ? divided.stated : low;
  const int64_t top = range.high.value_or(std::max(low, stated));
  const int64_t middle = std::min(std::max(low, stated), top);
  int64_t grain = kOne / Power(DigitsOf(At(divided.claim).amount().currency_code()));
  while (low % grain != 0 || stated % grain != 0 || top % grain != 0) grain /= 10;
  std::vector<int64_t> weights;
  for (const Slice& slice : divisions[depth]) weights.push_back(slice.weight);
  const auto lows = LargestRemainder(low / grain, weights);
  const auto rise = LargestRemainder((middle - low) / grain, weights);
  const auto rest = LargestRemainder((top - middle) / grain, weights);
  const auto more = LargestRemainder((stated - middle) / grain, weights);
  const auto begin = static_cast<int>(variables->size());
  for (size_t i = 0; i < weights.size(); ++i) {
    Range share;
    share.low = lows[i] * grain;
    share.high = (lows[i] + rise[i] + rest[i]) * grain;
    if (!range.high.has_value() && weights[i] > 0) share.high.reset();
    if (share.high != share.low) {
      share.low_open = range.low_open;
      share.high_open = share.high.has_value() && range.high_open;
    }
    Tree::Variable variable = divided;
    variable.stated = divided.has_figure ? (lows[i] + rise[i] + more[i]) * grain : 0;
    variable.slices.push_back(static_cast<int>(i));
    Divide(variable, share, divisions, depth + 1, variables, statements);
  }
  statements->emplace_back(begin, static_cast<int>(variables->size()), range);
}

std::unique_ptr<PrefixProgram> Side::ProgramOf(
    const std::vector<Tree::Variable>& variables,
    const std::vector<std::tuple<int, int, Range>>& statements) {
  auto program = std::make_unique<PrefixProgram>(static_cast<int>(variables.size()));
  for (const auto& [begin, end, range] : statements) program->Within(begin, end, range);
  return program;
}

bool Side::MakeSense(int top) const {
  std::vector<Tree::Variable> variables;
  std::vector<std::tuple<int, int, Range>> statements;
  LayOut(top, {}, &variables, &statements);
  for (const Tree::Variable& variable : variables) {
    if (variables.size() > 1 && IsNegative(variable.claim)) return false;
  }
  return ProgramOf(variables, statements)->Possible();
}

}  // namespace entente::funding::query::naive
