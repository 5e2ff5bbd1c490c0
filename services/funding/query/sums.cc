// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/sums.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "common/status/macros.h"
#include "services/funding/claim_tree.h"
#include "services/funding/rates/convert.h"

namespace entente::funding::query {
namespace {

using algebra::RowSum;
using figure::Decimal;
using figure::Interval;
using rates::ConvertedSum;
using rates::Rounding;

// The exact amounts of one denomination.
struct ExactAmounts {
  int64_t count = 0;
  Decimal sum;
  Decimal min;
  Decimal max;

  absl::Status Add(int64_t n, const Decimal& amount, const Decimal& least, const Decimal& most) {
    if (n == 0) return absl::OkStatus();
    min = count == 0 ? least : std::min(min, least);
    max = count == 0 ? most : std::max(max, most);
    count += n;
    ASSIGN_OR_RETURN(sum, figure::Add(sum, amount));
    return absl::OkStatus();
  }
};

// The money of one row in one denomination.
struct Amount {
  RowSum sum;
  ExactAmounts exact;
};

absl::StatusOr<RowSum> Times(const RowSum& sum, int64_t periods) {
  if (periods == 1) return sum;
  RowSum times = sum;
  const Decimal factor = periods;
  ASSIGN_OR_RETURN(times.bounds.low.value, figure::Mul(sum.bounds.low.value, factor));
  if (sum.bounds.high.has_value()) {
    ASSIGN_OR_RETURN(times.bounds.high->value, figure::Mul(sum.bounds.high->value, factor));
  }
  ASSIGN_OR_RETURN(times.stated, figure::Mul(sum.stated, factor));
  ASSIGN_OR_RETURN(times.excess, figure::Mul(sum.excess, factor));
  return times;
}

// The sums of one row in one currency, of denominations that are converted into it.
class ConvertedSums {
 public:
  explicit ConvertedSums(const std::string& currency)
      : low_(currency), stated_(currency), high_(currency), excess_(currency), exact_(currency) {}

  absl::Status Add(const rates::Rate& rate, const Amount& amount) {
    const Interval& bounds = amount.sum.bounds;
    RETURN_IF_ERROR(low_.Add(bounds.low.value, rate));
    low_open_ = low_open_ || bounds.low.open;
    if (bounds.high.has_value()) {
      RETURN_IF_ERROR(high_.Add(bounds.high->value, rate));
      high_open_ = high_open_ || bounds.high->open;
    } else {
      unbounded_ = true;
    }
    RETURN_IF_ERROR(stated_.Add(amount.sum.stated, rate));
    RETURN_IF_ERROR(excess_.Add(amount.sum.excess, rate));
    return exact_.Add(amount.exact.sum, rate);
  }

  absl::Status Write(Money* money) const {
    money->bounds.low.open = low_open_;
    ASSIGN_OR_RETURN(money->bounds.low.value, low_.Round(Rounding::kDown));
    money->bounds.high.reset();
    if (!unbounded_) {
      ASSIGN_OR_RETURN(const Decimal high, high_.Round(Rounding::kUp));
      money->bounds.high = figure::Bound{high, high_open_};
    }
    ASSIGN_OR_RETURN(money->stated, stated_.Round(Rounding::kHalfEven));
    ASSIGN_OR_RETURN(money->excess, excess_.Round(Rounding::kHalfEven));
    if (money->exact_amounts > 0) {
      ASSIGN_OR_RETURN(money->mean, exact_.Mean(money->exact_amounts));
    }
    return absl::OkStatus();
  }

 private:
  ConvertedSum low_;
  ConvertedSum stated_;
  ConvertedSum high_;
  ConvertedSum excess_;
  ConvertedSum exact_;
  bool low_open_ = false;
  bool high_open_ = false;
  bool unbounded_ = false;
};

// The sums of one row in one currency, of denominations that are all converted or all not.
class Adder {
 public:
  Adder(const std::string& currency, Per per, bool converted) {
    money_.currency = currency;
    money_.per = per;
    money_.converted = converted;
    if (converted) converted_.emplace(currency);
  }

  absl::Status Add(DenominationId id, const Denomination& denomination, const Amount& amount) {
    money_.claims += amount.sum.claims;
    money_.not_stated += amount.sum.not_stated;
    if (converted_.has_value()) {
      RETURN_IF_ERROR(converted_->Add(*denomination.rate, amount));
      if (!denomination.rate->used.empty()) money_.rates.insert(id);
    } else {
      ASSIGN_OR_RETURN(plain_, algebra::Add(plain_, amount.sum));
      ASSIGN_OR_RETURN(exact_, figure::Add(exact_, amount.exact.sum));
    }
    if (amount.exact.count == 0) return absl::OkStatus();
    // Converting keeps the order, so that the extremes of each denomination are enough.
    ASSIGN_OR_RETURN(const Decimal min, InCurrency(amount.exact.min, denomination));
    ASSIGN_OR_RETURN(const Decimal max, InCurrency(amount.exact.max, denomination));
    money_.min = money_.exact_amounts == 0 ? min : std::min(*money_.min, min);
    money_.max = money_.exact_amounts == 0 ? max : std::max(*money_.max, max);
    money_.exact_amounts += amount.exact.count;
    return absl::OkStatus();
  }

  absl::StatusOr<Money> Take() && {
    if (converted_.has_value()) {
      RETURN_IF_ERROR(converted_->Write(&money_));
      return std::move(money_);
    }
    money_.bounds = plain_.bounds;
    money_.stated = plain_.stated;
    money_.excess = plain_.excess;
    if (money_.exact_amounts > 0) {
      ASSIGN_OR_RETURN(money_.mean,
                       rates::Quotient(exact_, money_.exact_amounts, MinorDigits(money_.currency)));
    }
    return std::move(money_);
  }

 private:
  // What is not converted is not rounded either.
  static absl::StatusOr<Decimal> InCurrency(const Decimal& amount,
                                            const Denomination& denomination) {
    if (!denomination.rate.has_value()) return amount;
    return rates::Convert(amount, *denomination.rate, Rounding::kHalfEven);
  }

  Money money_;
  RowSum plain_;
  Decimal exact_;
  std::optional<ConvertedSums> converted_;
};

class Summing {
 public:
  Summing(const Plan& plan, const Parcels& parcels, const Periods& periods,
          const Denominations& denominations)
      : parcels_(parcels),
        periods_(periods),
        denominations_(denominations),
        measured_(WantsExtremes(plan)) {}

  // `extremes`: null if they are not asked for.
  absl::Status Add(const Tally::Flat& flat, const Extremes* extremes) {
    const Denomination& denomination = denominations_[flat.denomination];
    const int digits = MinorDigits(denomination.currency);
    Amount amount;
    ASSIGN_OR_RETURN(amount.sum.stated, Decimal::FromUnits(flat.sum.units, digits));
    amount.sum.bounds = Interval::Point(amount.sum.stated);
    amount.sum.claims = flat.sum.claims;
    if (extremes != nullptr) {
      ASSIGN_OR_RETURN(const Decimal min, Decimal::FromUnits(extremes->min, digits));
      ASSIGN_OR_RETURN(const Decimal max, Decimal::FromUnits(extremes->max, digits));
      RETURN_IF_ERROR(amount.exact.Add(flat.sum.claims, amount.sum.stated, min, max));
    }
    return Add(flat.denomination, amount);
  }

  absl::Status Add(const Tally::Bounded& bounded) {
    const int digits = MinorDigits(denominations_[bounded.denomination].currency);
    const BoundedSum& sum = bounded.sum;
    Amount amount;
    ASSIGN_OR_RETURN(amount.sum.bounds.low.value, Decimal::FromUnits(sum.low, digits));
    amount.sum.bounds.low.open = sum.low_open;
    amount.sum.bounds.high.reset();
    if (!sum.unbounded) {
      ASSIGN_OR_RETURN(const Decimal high, Decimal::FromUnits(sum.high, digits));
      amount.sum.bounds.high = figure::Bound{high, sum.high_open};
    }
    ASSIGN_OR_RETURN(amount.sum.stated, Decimal::FromUnits(sum.stated, digits));
    ASSIGN_OR_RETURN(amount.sum.excess, Decimal::FromUnits(sum.excess, digits));
    amount.sum.claims = sum.claims;
    return Add(bounded.denomination, amount);
  }

  absl::Status Add(const Tally::Piece& piece) {
    Amount amount;
    ASSIGN_OR_RETURN(amount.sum, SumOfPiece(parcels_, periods_, piece));
    if (measured_) {
      for (const algebra::NodeId node : piece.nodes) {
        ASSIGN_OR_RETURN(const RowSum one, parcels_.tree(piece.tree).Sum({node}));
        const bool exact = one.bounds.high.has_value() && one.not_stated == 0 &&
                           one.bounds == Interval::Point(one.bounds.low.value);
        if (!exact) continue;
        ASSIGN_OR_RETURN(const Decimal value,
                         figure::Mul(one.bounds.low.value, periods_.Of(piece.tree)));
        RETURN_IF_ERROR(amount.exact.Add(1, value, value, value));
      }
    }
    return Add(piece.denomination, amount);
  }

  // The sums so far, of one row.
  absl::StatusOr<std::vector<Money>> Take() {
    std::vector<Money> all;
    for (auto& [key, adder] : adders_) {
      ASSIGN_OR_RETURN(Money money, std::move(adder).Take());
      all.push_back(std::move(money));
    }
    adders_.clear();
    return all;
  }

 private:
  absl::Status Add(DenominationId id, const Amount& amount) {
    const Denomination& denomination = denominations_[id];
    const bool converted = denomination.rate.has_value();
    const std::string& currency = converted ? denomination.rate->to : denomination.currency;
    // Converted first, totals before rates, then by currency.
    const auto key = std::make_tuple(!converted, denomination.per, currency);
    auto found = adders_.find(key);
    if (found == adders_.end()) {
      found = adders_.emplace(key, Adder(currency, denomination.per, converted)).first;
    }
    return found->second.Add(id, denomination, amount);
  }

  const Parcels& parcels_;
  const Periods& periods_;
  const Denominations& denominations_;
  const bool measured_;
  std::map<std::tuple<bool, Per, std::string>, Adder> adders_;
};

// Those of `all`, which are in the order of groups, that are of `group`.
template <typename T>
std::pair<typename std::vector<T>::const_iterator, typename std::vector<T>::const_iterator> Of(
    const std::vector<T>& all, Group group) {
  const auto begin = std::lower_bound(all.begin(), all.end(), group,
                                      [](const T& one, Group g) { return one.group < g; });
  auto end = begin;
  while (end != all.end() && end->group == group) ++end;
  return {begin, end};
}

}  // namespace

absl::StatusOr<RowSum> SumOfPiece(const Parcels& parcels, const Periods& periods,
                                  const Tally::Piece& piece) {
  ASSIGN_OR_RETURN(const RowSum sum, parcels.tree(piece.tree).Sum(piece.nodes));
  return Times(sum, periods.Of(piece.tree));
}

Sums::Sums(const Plan& plan, const Parcels& parcels, const Periods& periods,
           const Denominations& denominations, const Tally& tally)
    : plan_(plan),
      parcels_(parcels),
      periods_(periods),
      denominations_(denominations),
      tally_(tally) {}

bool Sums::IsOneFlat(Group group) const {
  // Nearly all tallies are like that: a sum of exact amounts for each row, and nothing else.
  const auto is_its = [&](size_t place) {
    return place < tally_.flats.size() && tally_.flats[place].group == group;
  };
  return tally_.bounded.empty() && tally_.split_sums.empty() && tally_.pieces.empty() &&
         tally_.extremes.empty() && is_its(group) && (group == 0 || !is_its(group - 1)) &&
         !is_its(size_t{group} + 1);
}

absl::StatusOr<std::vector<Money>> Sums::MoneyOf(Group group) const {
  if (IsOneFlat(group)) {
    const Tally::Flat& flat = tally_.flats[group];
    const Denomination& denomination = denominations_[flat.denomination];
    if (!denomination.rate.has_value()) {
      std::vector<Money> money(1);
      money[0].currency = denomination.currency;
      ASSIGN_OR_RETURN(money[0].stated,
                       Decimal::FromUnits(flat.sum.units, MinorDigits(denomination.currency)));
      money[0].bounds = Interval::Point(money[0].stated);
      money[0].claims = flat.sum.claims;
      return money;
    }
  }
  Summing summing(plan_, parcels_, periods_, denominations_);
  const auto [flat, flat_end] = Of(tally_.flats, group);
  for (auto one = flat; one != flat_end; ++one) {
    const auto place = static_cast<size_t>(one - tally_.flats.begin());
    RETURN_IF_ERROR(summing.Add(*one, tally_.extremes.empty() ? nullptr : &tally_.extremes[place]));
  }
  for (const std::vector<Tally::Bounded>* sums : {&tally_.bounded, &tally_.split_sums}) {
    const auto [bounded, bounded_end] = Of(*sums, group);
    for (auto one = bounded; one != bounded_end; ++one) RETURN_IF_ERROR(summing.Add(*one));
  }
  const auto [piece, piece_end] = Of(tally_.pieces, group);
  for (auto one = piece; one != piece_end; ++one) RETURN_IF_ERROR(summing.Add(*one));
  return summing.Take();
}

int64_t Sums::ClaimsOf(Group group) const {
  if (IsOneFlat(group)) return tally_.flats[group].sum.claims;
  int64_t claims = 0;
  const auto [flat, flat_end] = Of(tally_.flats, group);
  for (auto one = flat; one != flat_end; ++one) claims += one->sum.claims;
  for (const std::vector<Tally::Bounded>* sums : {&tally_.bounded, &tally_.split_sums}) {
    const auto [bounded, bounded_end] = Of(*sums, group);
    for (auto one = bounded; one != bounded_end; ++one) claims += one->sum.claims;
  }
  const auto [piece, piece_end] = Of(tally_.pieces, group);
  return claims + (piece_end - piece);
}

std::optional<Decimal> PercentOf(const Decimal& part, const Decimal& whole) {
  constexpr int kDecimals = 4;
  if (whole.is_zero()) return std::nullopt;
  auto percent = rates::Quotient(part, whole, kDecimals + 2);
  if (!percent.ok()) return std::nullopt;
  auto result = figure::Mul(*percent, Decimal(100));
  if (!result.ok()) return std::nullopt;
  return *result;
}

}  // namespace entente::funding::query
