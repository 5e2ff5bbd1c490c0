// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/sums.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/types/span.h"
#include "common/status/macros.h"
#include "services/funding/claim_tree.h"
#include "services/funding/rates/convert.h"
#include "services/funding/rates/fixed_sum.h"

namespace entente::funding::query {
namespace {

using algebra::RowSum;
using figure::Decimal;
using figure::Interval;
using rates::ConvertedSum;
using rates::FixedSum;
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

// Of amounts that come to `stated`, and of which any is at least so much if it is unbounded.
Interval BoundsOf(const Decimal& stated, bool unbounded) {
  Interval bounds = Interval::Point(stated);
  if (unbounded) bounds.high.reset();
  return bounds;
}

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

// The sums of one row in one currency, of denominations that are converted into it, in exact
// fractions.
class ExactlyConverted {
 public:
  explicit ExactlyConverted(const std::string& currency)
      : low_(currency), stated_(currency), high_(currency), excess_(currency), exact_(currency) {}

  absl::Status Add(const rates::Rate& rate, const Amount& amount) {
    const Interval& bounds = amount.sum.bounds;
    RETURN_IF_ERROR(low_.Add(bounds.low.value, rate));
    if (bounds.high.has_value()) RETURN_IF_ERROR(high_.Add(bounds.high->value, rate));
    RETURN_IF_ERROR(stated_.Add(amount.sum.stated, rate));
    RETURN_IF_ERROR(excess_.Add(amount.sum.excess, rate));
    return exact_.Add(amount.exact.sum, rate);
  }

  // All but which ends are open or unbounded.
  absl::Status Write(Money* money) const {
    ASSIGN_OR_RETURN(money->bounds.low.value, low_.Round(Rounding::kDown));
    if (money->bounds.high.has_value()) {
      ASSIGN_OR_RETURN(money->bounds.high->value, high_.Round(Rounding::kUp));
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
};

// The same in fixed point, of amounts in minor units: where that does not tell, it says so.
class FixedConverted {
 public:
  void AddPoint(absl::int128 units, const rates::FixedRate& rate) { points_.Add(units, rate); }
  void AddBounded(const BoundedSum& sum, const rates::FixedRate& rate) {
    low_.Add(sum.low, rate);
    high_.Add(sum.high, rate);
    stated_.Add(sum.stated, rate);
    excess_.Add(sum.excess, rate);
  }

  // Of exact amounts, which are in others of the sums as well.
  void AddExact(absl::int128 units, const rates::FixedRate& rate) { exact_.Add(units, rate); }

  bool Write(int digits, Money* money) const {
    const auto write = [&](const FixedSum& sum, bool points, Rounding rounding, Decimal* to) {
      FixedSum all = sum;
      if (points) all.Add(points_);
      const std::optional<Decimal> rounded = all.Round(rounding, digits);
      if (rounded.has_value()) *to = *rounded;
      return rounded.has_value();
    };
    if (!write(low_, true, Rounding::kDown, &money->bounds.low.value) ||
        !write(stated_, true, Rounding::kHalfEven, &money->stated) ||
        !write(excess_, false, Rounding::kHalfEven, &money->excess) ||
        (money->bounds.high.has_value() &&
         !write(high_, true, Rounding::kUp, &money->bounds.high->value))) {
      return false;
    }
    if (money->exact_amounts == 0) return true;
    money->mean = exact_.Mean(money->exact_amounts, digits);
    return money->mean.has_value();
  }

 private:
  FixedSum points_;  // of flat sums, which are all of low, high and stated
  FixedSum low_;
  FixedSum high_;
  FixedSum stated_;
  FixedSum excess_;
  FixedSum exact_;
};

// `decimal` in units of 10^-digits; none if it has more digits.
std::optional<absl::int128> UnitsOf(const Decimal& decimal, int digits) {
  constexpr absl::int128 kMost = absl::int128(1) << 96;
  absl::int128 units = decimal.coefficient();
  if (decimal.scale() > digits) return std::nullopt;
  for (int scale = decimal.scale(); scale < digits; ++scale) {
    if (units > kMost || units < -kMost) return std::nullopt;
    units *= 10;
  }
  return units;
}

// The first denominations by currency and day, each day of a currency once.
class FirstRates {
 public:
  explicit FirstRates(const Denominations& denominations) : denominations_(denominations) {}

  void Add(DenominationId id) {
    // Nothing published is used between a currency and itself.
    const std::optional<absl::CivilDay> day = denominations_.day(id);
    if (!day.has_value()) return;
    if (rates_.size() == kMostRates && !IsBefore(id, *day, rates_.back())) return;
    const auto place = std::partition_point(rates_.begin(), rates_.end(), [&](const Rate& rate) {
      return !IsBefore(id, *day, rate) && !IsSame(id, *day, rate);
    });
    if (place != rates_.end() && IsSame(id, *day, *place)) return;
    if (rates_.size() == kMostRates) rates_.pop_back();
    rates_.insert(place, {id, *day});
  }

  // Whether none of this currency comes any more.
  bool IsFullBefore(const std::string& currency) const {
    return rates_.size() == kMostRates && denominations_.currency(rates_.back().first) < currency;
  }

  std::vector<DenominationId> Take() const {
    std::vector<DenominationId> ids;
    for (const Rate& rate : rates_) ids.push_back(rate.first);
    return ids;
  }

 private:
  using Rate = std::pair<DenominationId, absl::CivilDay>;

  bool IsBefore(DenominationId id, absl::CivilDay day, const Rate& rate) const {
    const int order = denominations_.currency(id).compare(denominations_.currency(rate.first));
    return order != 0 ? order < 0 : day < rate.second;
  }
  bool IsSame(DenominationId id, absl::CivilDay day, const Rate& rate) const {
    return day == rate.second && denominations_.currency(id) == denominations_.currency(rate.first);
  }

  const Denominations& denominations_;
  std::vector<Rate> rates_;
};

// How the sums of what is converted are made.
enum class Precision {
  kFixed,  // fast; where that is not enough to tell a number, nothing is told
  kExact,
};

// The sums of one row in one currency, of denominations that are all converted or all not.
class Adder {
 public:
  Adder(const Denominations& denominations, Precision precision, const std::string& currency,
        Per per, bool converted)
      : denominations_(denominations), first_rates_(denominations) {
    money_.currency = currency;
    money_.per = per;
    money_.converted = converted;
    if (converted && precision == Precision::kFixed) fixed_.emplace();
    if (converted && precision == Precision::kExact) exactly_.emplace(currency);
  }

  bool is_fixed() const { return fixed_.has_value(); }

  absl::Status Add(DenominationId id, const Amount& amount) {
    money_.claims += amount.sum.claims;
    money_.not_stated += amount.sum.not_stated;
    if (exactly_.has_value()) {
      const Denomination denomination = denominations_[id];
      RETURN_IF_ERROR(exactly_->Add(*denomination.rate, amount));
      const Interval& bounds = amount.sum.bounds;
      NoteEnds(bounds.low.open, bounds.high.has_value() && bounds.high->open,
               !bounds.high.has_value());
      if (!denomination.rate->used.empty()) first_rates_.Add(id);
      if (amount.exact.count == 0) return absl::OkStatus();
      // Converting keeps the order, so that the extremes of each denomination are enough.
      ASSIGN_OR_RETURN(const Decimal min,
                       rates::Convert(amount.exact.min, *denomination.rate, Rounding::kHalfEven));
      ASSIGN_OR_RETURN(const Decimal max,
                       rates::Convert(amount.exact.max, *denomination.rate, Rounding::kHalfEven));
      AddExtremes(amount.exact.count, min, max);
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(plain_, algebra::Add(plain_, amount.sum));
    ASSIGN_OR_RETURN(plain_exact_, figure::Add(plain_exact_, amount.exact.sum));
    // What is not converted is not rounded either.
    if (amount.exact.count > 0) AddExtremes(amount.exact.count, amount.exact.min, amount.exact.max);
    return absl::OkStatus();
  }

  // Those of `flats`, all of one currency, if is_fixed().
  void AddFixed(absl::Span<const Tally::Flat> flats, const Extremes* extremes) {
    for (const Tally::Flat& flat : flats) {
      const Conversion& conversion = denominations_.conversion(flat.denomination);
      undecided_ = undecided_ || !conversion.is_fixed;
      fixed_->AddPoint(flat.sum.units, conversion.rate);
      money_.claims += flat.sum.claims;
      NoteEnds(false, false, flat.sum.unbounded);
    }
    if (!first_rates_.IsFullBefore(denominations_.currency(flats[0].denomination))) {
      for (const Tally::Flat& flat : flats) first_rates_.Add(flat.denomination);
    }
    if (extremes == nullptr) return;
    for (size_t i = 0; i < flats.size(); ++i) {
      if (extremes[i].claims == 0) continue;
      const rates::FixedRate& rate = denominations_.conversion(flats[i].denomination).rate;
      fixed_->AddExact(extremes[i].units, rate);
      AddExtremes(extremes[i].claims, Fixed(extremes[i].min, rate), Fixed(extremes[i].max, rate));
    }
  }

  void AddFixed(const Tally::Bounded& bounded) {
    const Conversion& conversion = denominations_.conversion(bounded.denomination);
    const BoundedSum& sum = bounded.sum;
    undecided_ = undecided_ || !conversion.is_fixed;
    fixed_->AddBounded(sum, conversion.rate);
    money_.claims += sum.claims;
    NoteEnds(sum.low_open, sum.high_open, sum.unbounded);
    first_rates_.Add(bounded.denomination);
  }

  // Figures of trees need not be in minor units.
  void AddFixed(DenominationId id, const Amount& amount) {
    const Conversion& conversion = denominations_.conversion(id);
    const Interval& bounds = amount.sum.bounds;
    const auto units = [&](const Decimal& decimal) {
      const auto of = UnitsOf(decimal, MinorDigits(denominations_.currency(id)));
      undecided_ = undecided_ || !of.has_value();
      return of.value_or(0);
    };
    BoundedSum sum;
    sum.low = units(bounds.low.value);
    sum.low_open = bounds.low.open;
    sum.unbounded = !bounds.high.has_value();
    if (bounds.high.has_value()) {
      sum.high = units(bounds.high->value);
      sum.high_open = bounds.high->open;
    }
    sum.stated = units(amount.sum.stated);
    sum.excess = units(amount.sum.excess);
    sum.claims = amount.sum.claims;
    AddFixed({0, id, sum});
    money_.not_stated += amount.sum.not_stated;
    if (amount.exact.count == 0) return;
    fixed_->AddExact(units(amount.exact.sum), conversion.rate);
    AddExtremes(amount.exact.count, Fixed(units(amount.exact.min), conversion.rate),
                Fixed(units(amount.exact.max), conversion.rate));
  }

  // None if fixed point does not tell.
  absl::StatusOr<std::optional<Money>> Take() && {
    if (undecided_) return std::nullopt;
    if (money_.converted) {
      money_.rates = first_rates_.Take();
      money_.bounds.low.open = low_open_;
      money_.bounds.high.reset();
      if (!unbounded_) money_.bounds.high = figure::Bound{0, high_open_};
      if (exactly_.has_value()) {
        RETURN_IF_ERROR(exactly_->Write(&money_));
      } else if (!fixed_->Write(MinorDigits(money_.currency), &money_)) {
        return std::nullopt;
      }
      return std::move(money_);
    }
    money_.bounds = plain_.bounds;
    money_.stated = plain_.stated;
    money_.excess = plain_.excess;
    if (money_.exact_amounts > 0) {
      ASSIGN_OR_RETURN(money_.mean, rates::Quotient(plain_exact_, money_.exact_amounts,
                                                    MinorDigits(money_.currency)));
    }
    return std::move(money_);
  }

 private:
  // One amount, to the nearest minor unit.
  Decimal Fixed(absl::int128 units, const rates::FixedRate& rate) {
    FixedSum sum;
    sum.Add(units, rate);
    const auto rounded = sum.Round(Rounding::kHalfEven, MinorDigits(money_.currency));
    undecided_ = undecided_ || !rounded.has_value();
    return rounded.value_or(Decimal());
  }

  void NoteEnds(bool low_open, bool high_open, bool unbounded) {
    low_open_ = low_open_ || low_open;
    high_open_ = high_open_ || high_open;
    unbounded_ = unbounded_ || unbounded;
  }

  void AddExtremes(int64_t count, const Decimal& min, const Decimal& max) {
    money_.min = money_.exact_amounts == 0 ? min : std::min(*money_.min, min);
    money_.max = money_.exact_amounts == 0 ? max : std::max(*money_.max, max);
    money_.exact_amounts += count;
  }

  const Denominations& denominations_;
  Money money_;
  RowSum plain_;
  Decimal plain_exact_;
  std::optional<ExactlyConverted> exactly_;
  std::optional<FixedConverted> fixed_;
  FirstRates first_rates_;
  bool low_open_ = false;
  bool high_open_ = false;
  bool unbounded_ = false;
  bool undecided_ = false;
};

class Summing {
 public:
  Summing(const Plan& plan, const Parcels& parcels, const Periods& periods,
          const Denominations& denominations, Precision precision)
      : plan_(plan),
        parcels_(parcels),
        periods_(periods),
        denominations_(denominations),
        precision_(precision),
        measured_(WantsExtremes(plan)) {}

  // `extremes`: by place, null if they are not asked for.
  absl::Status Add(absl::Span<const Tally::Flat> flats, const Extremes* extremes) {
    for (size_t begin = 0; begin < flats.size();) {
      Adder& adder = AdderOf(flats[begin].denomination);
      const Extremes* const most = extremes == nullptr ? nullptr : extremes + begin;
      if (!adder.is_fixed()) {
        RETURN_IF_ERROR(AddOne(flats[begin], most, &adder));
        ++begin;
        continue;
      }
      size_t end = begin + 1;
      const std::string& currency = denominations_.currency(flats[begin].denomination);
      while (end < flats.size() && denominations_.is_converted(flats[end].denomination) &&
             &denominations_.currency(flats[end].denomination) == &currency) {
        ++end;
      }
      adder.AddFixed(flats.subspan(begin, end - begin), most);
      begin = end;
    }
    return absl::OkStatus();
  }

  absl::Status Add(const Tally::Bounded& bounded) {
    Adder& adder = AdderOf(bounded.denomination);
    if (adder.is_fixed()) {
      adder.AddFixed(bounded);
      return absl::OkStatus();
    }
    const int digits = MinorDigits(denominations_.currency(bounded.denomination));
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
    return adder.Add(bounded.denomination, amount);
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
    Adder& adder = AdderOf(piece.denomination);
    if (!adder.is_fixed()) return adder.Add(piece.denomination, amount);
    adder.AddFixed(piece.denomination, amount);
    return absl::OkStatus();
  }

  // The sums of one row; none if fixed point does not tell them.
  absl::StatusOr<std::optional<std::vector<Money>>> Take() && {
    std::vector<Money> all;
    for (auto& [key, adder] : adders_) {
      ASSIGN_OR_RETURN(std::optional<Money> money, std::move(adder).Take());
      if (!money.has_value()) return std::nullopt;
      all.push_back(*std::move(money));
    }
    return all;
  }

 private:
  absl::Status AddOne(const Tally::Flat& flat, const Extremes* extremes, Adder* adder) {
    const int digits = MinorDigits(denominations_.currency(flat.denomination));
    Amount amount;
    ASSIGN_OR_RETURN(amount.sum.stated, Decimal::FromUnits(flat.sum.units, digits));
    amount.sum.bounds = BoundsOf(amount.sum.stated, flat.sum.unbounded);
    amount.sum.claims = flat.sum.claims;
    if (extremes != nullptr && extremes->claims > 0) {
      ASSIGN_OR_RETURN(const Decimal sum, Decimal::FromUnits(extremes->units, digits));
      ASSIGN_OR_RETURN(const Decimal min, Decimal::FromUnits(extremes->min, digits));
      ASSIGN_OR_RETURN(const Decimal max, Decimal::FromUnits(extremes->max, digits));
      RETURN_IF_ERROR(amount.exact.Add(extremes->claims, sum, min, max));
    }
    return adder->Add(flat.denomination, amount);
  }

  Adder& AdderOf(DenominationId id) {
    const bool converted = denominations_.is_converted(id);
    const std::string& currency = converted ? plan_.convert_to : denominations_.currency(id);
    // Converted first, totals before rates, then by currency.
    const auto key = std::make_tuple(!converted, denominations_.per(id), currency);
    auto found = adders_.find(key);
    if (found == adders_.end()) {
      found = adders_
                  .emplace(key, Adder(denominations_, precision_, currency, denominations_.per(id),
                                      converted))
                  .first;
    }
    return found->second;
  }

  const Plan& plan_;
  const Parcels& parcels_;
  const Periods& periods_;
  const Denominations& denominations_;
  const Precision precision_;
  const bool measured_;
  std::map<std::tuple<bool, Per, std::string>, Adder> adders_;
};

// Those of `all`, which are in the order of groups, that are of `group`.
template <typename T>
std::pair<typename std::vector<T>::const_iterator, typename std::vector<T>::const_iterator> Of(
    const std::vector<T>& all, Group group) {
  const auto begin = std::lower_bound(all.begin(), all.end(), group,
                                      [](const T& one, Group g) { return one.group < g; });
  // Mostly there is one.
  auto end = begin;
  if (end != all.end() && end->group == group) ++end;
  if (end != all.end() && end->group == group) {
    end = std::upper_bound(end, all.end(), group,
                           [](Group g, const T& one) { return g < one.group; });
  }
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
  // Nearly all tallies are like that: a sum of flat amounts for each row, and nothing else.
  const auto is_its = [&](size_t place) {
    return place < tally_.flats.size() && tally_.flats[place].group == group;
  };
  return tally_.bounded.empty() && tally_.split_sums.empty() && tally_.pieces.empty() &&
         tally_.extremes.empty() && is_its(group) && (group == 0 || !is_its(group - 1)) &&
         !is_its(size_t{group} + 1);
}

template <typename Summing>
absl::Status Sums::AddAll(Group group, Summing* summing) const {
  const auto [flat, flat_end] = Of(tally_.flats, group);
  const auto place = static_cast<size_t>(flat - tally_.flats.begin());
  RETURN_IF_ERROR(summing->Add(
      absl::MakeConstSpan(tally_.flats).subspan(place, static_cast<size_t>(flat_end - flat)),
      tally_.extremes.empty() ? nullptr : tally_.extremes.data() + place));
  for (const std::vector<Tally::Bounded>* sums : {&tally_.bounded, &tally_.split_sums}) {
    const auto [bounded, bounded_end] = Of(*sums, group);
    for (auto one = bounded; one != bounded_end; ++one) RETURN_IF_ERROR(summing->Add(*one));
  }
  const auto [piece, piece_end] = Of(tally_.pieces, group);
  for (auto one = piece; one != piece_end; ++one) RETURN_IF_ERROR(summing->Add(*one));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Money>> Sums::MoneyOf(Group group) const {
  if (IsOneFlat(group) && !denominations_.is_converted(tally_.flats[group].denomination)) {
    const Tally::Flat& flat = tally_.flats[group];
    std::vector<Money> money(1);
    money[0].currency = denominations_.currency(flat.denomination);
    ASSIGN_OR_RETURN(money[0].stated,
                     Decimal::FromUnits(flat.sum.units, MinorDigits(money[0].currency)));
    money[0].bounds = BoundsOf(money[0].stated, flat.sum.unbounded);
    money[0].claims = flat.sum.claims;
    return money;
  }
  for (const Precision precision : {Precision::kFixed, Precision::kExact}) {
    Summing summing(plan_, parcels_, periods_, denominations_, precision);
    RETURN_IF_ERROR(AddAll(group, &summing));
    ASSIGN_OR_RETURN(std::optional<std::vector<Money>> money, std::move(summing).Take());
    if (money.has_value()) return *std::move(money);
  }
  return absl::InternalError("sums in exact fractions are always told");
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
