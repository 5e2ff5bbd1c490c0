// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/axis.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
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

namespace {

std::vector<uint32_t> MakeRanks(const google::protobuf::FieldDescriptor& field,
                                const Scale& scale) {
  const auto number_of = [&](const Value& value) {
    return field.enum_type() == nullptr || value.members.empty()
               ? 0
               : field.enum_type()->FindValueByName(value.members[0])->number();
  };
  const absl::CivilDay never = (absl::CivilDay::min)();
  std::vector<std::tuple<ValueKind, absl::CivilDay, int, const std::vector<std::string>*, Code>>
      keys;
  keys.reserve(scale.values.size());
  for (Code code = 0; code < scale.values.size(); ++code) {
    const Value& value = scale.values[code];
    const Days days = scale.days.empty() ? Days{} : scale.days[code];
    keys.emplace_back(value.kind, days.first.value_or(never), number_of(value), &value.members,
                      code);
  }
  std::sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) {
    const auto first = [](const auto& key) {
      return std::tie(std::get<0>(key), std::get<1>(key), std::get<2>(key));
    };
    return first(a) != first(b) ? first(a) < first(b) : *std::get<3>(a) < *std::get<3>(b);
  });
  std::vector<uint32_t> ranks(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) ranks[std::get<4>(keys[i])] = static_cast<uint32_t>(i);
  return ranks;
}

}  // namespace

const std::vector<uint32_t>& Scale::Ranks(const google::protobuf::FieldDescriptor& field) const {
  std::call_once(ranking->once, [&] { ranking->ranks = MakeRanks(field, *this); });
  return ranking->ranks;
}

std::pair<std::shared_ptr<const Scale>, std::vector<Code>> Merge(const Axis& a, const Axis& b) {
  auto merged = std::make_shared<Scale>();
  Values values;
  std::map<std::pair<ValueKind, std::vector<std::string>>, Code> known;
  const bool dated = !a.scale->days.empty() || !b.scale->days.empty();
  const auto code_of = [&](const Axis& axis, Code code) {
    const Value& value = axis.value(code);
    const auto [found, inserted] =
        known.try_emplace({value.kind, value.members}, static_cast<Code>(values.size()));
    if (inserted) {
      values.Append(value);
      if (dated) merged->days.push_back(axis.days(code));
    }
    return found->second;
  };
  for (Code code = 0; code < a.size(); ++code) code_of(a, code);
  std::vector<Code> codes;
  for (Code code = 0; code < b.size(); ++code) codes.push_back(code_of(b, code));
  merged->values = values.ViewOf(values.size());
  merged->code_of = a.scale->code_of;
  return {std::move(merged), std::move(codes)};
}

Axis MakeAxis(const PlannedDimension& dimension, const Field& field,
              const resource::State& catalogue, const Parcels& parcels) {
  const std::string name(field.descriptor->name());
  const auto level = static_cast<size_t>(dimension.level);
  const Values::View& values = field.column->values;
  Axis axis;
  axis.base = parcels.BaseOf(field.base);
  const auto make = [&] {
    Scale scale;
    if (field.derive == nullptr && level == 0 && !dimension.buckets.has_value() &&
        !field.column->of_lanes) {
      scale.values = values;
      return scale;
    }
    Dictionary dictionary;
    for (size_t i = 0; i < values.size(); ++i) {
      Value value = field.Derive(values[i]);
      Days days;
      if (dimension.buckets.has_value()) {
        value = BucketOf(*dimension.buckets, value, &days);
      } else if (name == "initiative") {
        value = AtLevel(catalogue, value, level);
      } else if (name == "sectors") {
        value = Prefix(value, level);
      }
      const Code code = dictionary.CodeOf(value);
      scale.code_of.push_back(code);
      if (dimension.buckets.has_value() && code == scale.days.size()) scale.days.push_back(days);
    }
    scale.values = dictionary.View();
    return scale;
  };
  // What it depends on, the values apart.
  std::string key = absl::StrCat(name, " ", level, " ", catalogue.revision());
  if (dimension.buckets.has_value()) {
    absl::StrAppend(&key, " ", dimension.buckets->unit(), " ", dimension.buckets->month(), "-",
                    dimension.buckets->day());
  }
  axis.scale = field.column->derived->Of<Scale>(key, values.size(), make);
  return axis;
}

}  // namespace entente::funding::query
