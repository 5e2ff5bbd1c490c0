// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/axis.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "common/edtf/edtf.h"

namespace entente::funding::query {
namespace {

std::optional<absl::CivilDay> DayOf(const edtf::Bound& bound) {
  if (bound.kind != edtf::Bound::kDay) return std::nullopt;
  return bound.day;
}

// The initiative `level` deep above each member, 1 being the top; a member that is less deep stands
// for itself, and is wider than asked for.
Value AtLevel(const resource::State& catalogue, const Value& value, size_t level) {
  if (level == 0 || value.kind != ValueKind::kStated) return value;
  std::vector<std::string> members;
  bool wider = false;
  for (const std::string& member : value.members) {
    const std::vector<std::string> chain = WithAncestors(catalogue, member);
    wider = wider || chain.size() < level;
    members.push_back(chain.size() < level ? member : chain[chain.size() - level]);
  }
  return Stated(std::move(members), wider ? ValueKind::kWider : ValueKind::kStated);
}

// The first `length` characters of each code; a shorter one is wider than asked for, whether or not
// it was already.
Value Prefix(const Value& value, size_t length) {
  if (length == 0 || value.members.empty()) return value;
  std::vector<std::string> members;
  bool wider = false;
  for (const std::string& code : value.members) {
    wider = wider || code.size() < length;
    members.push_back(code.substr(0, length));
  }
  return Stated(std::move(members), wider ? ValueKind::kWider : ValueKind::kStated);
}

// The bucket of a date, with its days; the date itself, as wider, where it lies in no one bucket.
Value BucketOf(const calendar::Buckets& buckets, const Value& value, Days* days) {
  if (value.members.empty()) return value;
  const auto date = edtf::Parse(value.members[0]);
  if (date.ok()) {
    if (const auto bucket = buckets.Of(*date); bucket.has_value()) {
      *days = {bucket->first, bucket->last};
      return {ValueKind::kStated, {bucket->label}};
    }
  }
  *days = DaysOf(value.members[0]);
  return {ValueKind::kWider, value.members};
}

}  // namespace

Days DaysOf(const std::string& edtf) {
  const auto date = edtf::Parse(edtf);
  if (!date.ok()) return {};
  return {DayOf(date->earliest()), DayOf(date->latest())};
}

void Rank(const google::protobuf::FieldDescriptor& field, Axis* axis) {
  const auto number_of = [&](const Value& value) {
    return field.enum_type() == nullptr || value.members.empty()
               ? 0
               : field.enum_type()->FindValueByName(value.members[0])->number();
  };
  const absl::CivilDay never = (absl::CivilDay::min)();
  std::vector<std::tuple<ValueKind, absl::CivilDay, int, const std::vector<std::string>*, Code>>
      keys;
  keys.reserve(axis->values.size());
  for (Code code = 0; code < axis->values.size(); ++code) {
    const Value& value = axis->values[code];
    keys.emplace_back(value.kind, axis->days[code].first.value_or(never), number_of(value),
                      &value.members, code);
  }
  std::sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) {
    const auto first = [](const auto& key) {
      return std::tie(std::get<0>(key), std::get<1>(key), std::get<2>(key));
    };
    return first(a) != first(b) ? first(a) < first(b) : *std::get<3>(a) < *std::get<3>(b);
  });
  axis->rank.resize(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    axis->rank[std::get<4>(keys[i])] = static_cast<uint32_t>(i);
  }
}

Axis MakeAxis(const PlannedDimension& dimension, const Field& field,
              const resource::State& catalogue, const Parcels& parcels) {
  Axis axis;
  axis.base = parcels.BaseOf(field.base);
  Dictionary dictionary;
  for (const Value& of_base : field.column->values) {
    Value value = field.derive(of_base);
    Days days;
    const auto level = static_cast<size_t>(dimension.level);
    if (dimension.buckets.has_value()) {
      value = BucketOf(*dimension.buckets, value, &days);
    } else if (field.descriptor->name() == "initiative") {
      value = AtLevel(catalogue, value, level);
    } else if (field.descriptor->name() == "sectors") {
      value = Prefix(value, level);
    }
    const Code code = dictionary.CodeOf(value);
    axis.code_of.push_back(code);
    if (code == axis.days.size()) axis.days.push_back(days);
  }
  axis.values = std::move(dictionary).Take();
  Rank(*field.descriptor, &axis);
  return axis;
}

}  // namespace entente::funding::query
