// SPDX-License-Identifier: Apache-2.0

#include "common/figure/interval.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace entente::figure {

namespace {

absl::StatusOr<Bound> Add(const Bound& a, const Bound& b) {
  absl::StatusOr<Decimal> value = Add(a.value, b.value);
  if (!value.ok()) return value.status();
  return Bound{*value, a.open || b.open};
}

// v * percent / 100.
absl::StatusOr<Decimal> Share(const Decimal& value, const Decimal& percent) {
  absl::StatusOr<Decimal> hundredths = Mul(value, percent);
  if (!hundredths.ok()) return hundredths;
  return Decimal::FromUnits(hundredths->coefficient(), hundredths->scale() + 2);
}

absl::StatusOr<Interval> About(const Decimal& value, const Decimal& tolerance_percent) {
  if (tolerance_percent < Decimal(0) || tolerance_percent > Decimal(100)) {
    return absl::InvalidArgumentError(absl::StrCat("a tolerance of ", tolerance_percent.ToString(),
                                                   " %: expected 0 to 100 percent"));
  }
  const absl::StatusOr<Decimal> margin = Share(value, tolerance_percent);
  if (!margin.ok()) return margin.status();
  const absl::StatusOr<Decimal> low = Sub(value, *margin);
  if (!low.ok()) return low.status();
  const absl::StatusOr<Decimal> high = Add(value, *margin);
  if (!high.ok()) return high.status();
  return Interval{{*low, false}, Bound{*high, false}};
}

}  // namespace

absl::string_view QualifierName(Qualifier qualifier) {
  switch (qualifier) {
    case Qualifier::kExact:
      return "exact";
    case Qualifier::kMoreThan:
      return "more than";
    case Qualifier::kAtLeast:
      return "at least";
    case Qualifier::kLessThan:
      return "less than";
    case Qualifier::kNearly:
      return "nearly";
    case Qualifier::kUpTo:
      return "up to";
    case Qualifier::kAbout:
      return "about";
    case Qualifier::kNotStated:
      return "not stated";
  }
  return "unknown";
}

bool Interval::Contains(const Decimal& value) const {
  if (low.open ? value <= low.value : value < low.value) return false;
  return !high.has_value() || (high->open ? value < high->value : value <= high->value);
}

bool Interval::IsEmpty() const {
  if (!high.has_value() || low.value < high->value) return false;
  return low.value > high->value || low.open || high->open;
}

std::string ToString(const Interval& interval) {
  const std::string low =
      absl::StrCat(interval.low.open ? "(" : "[", interval.low.value.ToString(), ", ");
  if (!interval.high.has_value()) return absl::StrCat(low, "inf)");
  return absl::StrCat(low, interval.high->value.ToString(), interval.high->open ? ")" : "]");
}

std::ostream& operator<<(std::ostream& out, const Interval& interval) {
  return out << ToString(interval);
}

absl::StatusOr<Interval> IntervalOf(Qualifier qualifier, const Decimal& value,
                                    const Decimal& tolerance_percent) {
  if (qualifier == Qualifier::kNotStated) {
    return absl::FailedPreconditionError("a figure that is not stated has no interval");
  }
  if (qualifier == Qualifier::kExact) return Interval::Point(value);
  if (value.is_negative()) {
    return absl::InvalidArgumentError(absl::StrCat("\"", QualifierName(qualifier), " ",
                                                   value.ToString(),
                                                   "\": only an exact figure can be negative"));
  }
  const Bound zero;
  switch (qualifier) {
    case Qualifier::kMoreThan:
      return Interval{{value, true}, std::nullopt};
    case Qualifier::kAtLeast:
      return Interval{{value, false}, std::nullopt};
    case Qualifier::kLessThan:
    case Qualifier::kNearly:
      if (value.is_zero()) {
        return absl::InvalidArgumentError(
            absl::StrCat("\"", QualifierName(qualifier), " 0\": no figure is below 0"));
      }
      return Interval{zero, Bound{value, true}};
    case Qualifier::kUpTo:
      return Interval{zero, Bound{value, false}};
    case Qualifier::kAbout:
      return About(value, tolerance_percent);
    case Qualifier::kExact:
    case Qualifier::kNotStated:
      break;  // above
  }
  return absl::InvalidArgumentError("not a qualifier");
}

absl::StatusOr<Interval> Add(const Interval& a, const Interval& b) {
  const absl::StatusOr<Bound> low = Add(a.low, b.low);
  if (!low.ok()) return low.status();
  if (!a.high.has_value() || !b.high.has_value()) return Interval{*low, std::nullopt};
  const absl::StatusOr<Bound> high = Add(*a.high, *b.high);
  if (!high.ok()) return high.status();
  return Interval{*low, *high};
}

std::optional<Interval> Intersection(const Interval& a, const Interval& b) {
  Interval both = a;
  if (b.low.value > a.low.value) {
    both.low = b.low;
  } else if (b.low.value == a.low.value) {
    both.low.open |= b.low.open;
  }
  if (b.high.has_value()) {
    if (!a.high.has_value() || b.high->value < a.high->value) {
      both.high = b.high;
    } else if (b.high->value == a.high->value) {
      both.high->open |= b.high->open;
    }
  }
  if (both.IsEmpty()) return std::nullopt;
  return both;
}

}  // namespace entente::figure
