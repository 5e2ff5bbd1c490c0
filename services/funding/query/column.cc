// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/column.h"

#include <algorithm>

namespace entente::funding::query {

Value Stated(std::vector<std::string> members, ValueKind kind) {
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  if (members.empty()) return Value{};
  return {kind, std::move(members)};
}

template <typename MakeValue>
Code Dictionary::CodeOfKey(const MakeValue& make) {
  const auto [found, inserted] = codes_.try_emplace(key_, static_cast<Code>(values_.size()));
  if (inserted) values_.Append(make());
  return found->second;
}

Code Dictionary::CodeOf(const Value& value) {
  // The key is unambiguous: no member has a zero byte in it but texts, and those stand alone.
  key_.assign(1, static_cast<char>('0' + static_cast<int>(value.kind)));
  for (const std::string& member : value.members) {
    key_.push_back('\0');
    key_.append(member);
  }
  return CodeOfKey([&] { return value; });
}

Code Dictionary::CodeOf(absl::string_view member) {
  key_.assign(1, static_cast<char>('0' + static_cast<int>(ValueKind::kStated)));
  key_.push_back('\0');
  key_.append(member.data(), member.size());
  return CodeOfKey([&] { return Value{ValueKind::kStated, {std::string(member)}}; });
}

void GrowingColumn::Divide(Atom atom, std::vector<figure::Decimal> percents,
                           const std::vector<Value>& values) {
  Division division;
  division.atom = atom;
  division.percents = std::move(percents);
  for (const Value& value : values) division.codes.push_back(dictionary_.CodeOf(value));
  divisions_.Append(std::move(division));
}

Column GrowingColumn::ViewOf(size_t flat_rows, size_t tree_rows) const {
  return {dictionary_.View(),
          flat_.ViewOf(flat_rows),
          trees_.ViewOf(tree_rows),
          divisions_.ViewOf(divisions_.size()),
          derived_,
          classes_};
}

}  // namespace entente::funding::query
