// SPDX-License-Identifier: Apache-2.0
#include "services/funding/query/code_parts.h"

#include "absl/container/flat_hash_map.h"
#include "entente/funding/v1/query.pb.h"

namespace entente::funding::query {
namespace {

bool IsPlainDate(const std::string& edtf) {
  if (edtf.size() != 4 && edtf.size() != 7 && edtf.size() != 10) return false;
  for (size_t i = 0; i < edtf.size(); ++i) {
    if (i == 4 || i == 7 ? edtf[i] != '-' : edtf[i] < '0' || edtf[i] > '9') return false;
  }
  return true;
}

// By the first `length` characters of dates.
CodeParts ByPrefix(const Values::View& values, size_t length) {
  CodeParts parts;
  absl::flat_hash_map<std::string, uint32_t> by_prefix;
  for (Code code = 0; code < values.size(); ++code) {
    const Value& value = values[code];
    auto part = static_cast<uint32_t>(parts.sample.size());
    if (value.kind == ValueKind::kStated && value.members.size() == 1 &&
        IsPlainDate(value.members[0]) && value.members[0].size() >= length) {
      part = by_prefix.try_emplace(value.members[0].substr(0, length), part).first->second;
    }
    if (part == parts.sample.size()) parts.sample.push_back(code);
    parts.of_code.push_back(part);
  }
  parts.count = parts.sample.size();
  return parts;
}

}  // namespace

std::shared_ptr<const CodeParts> PartsOf(const Column& column, Parted parted) {
  if (parted == Parted::kNot) {
    return std::make_shared<const CodeParts>(CodeParts{{}, {}, column.values.size()});
  }
  const bool by_year = parted == Parted::kByYear;
  return column.derived->Of<CodeParts>(by_year ? "parts by year" : "parts by month",
                                       column.values.size(),
                                       [&] { return ByPrefix(column.values, by_year ? 4 : 7); });
}

bool IsDate(const std::string& base) {
  const auto* field = v1::ClaimFacts::descriptor()->FindFieldByName(base);
  return field != nullptr && field->message_type() == type::v1::ImpreciseDate::descriptor();
}

}  // namespace entente::funding::query
