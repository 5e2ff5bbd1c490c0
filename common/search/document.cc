// SPDX-License-Identifier: Apache-2.0
#include "common/search/document.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace entente::search {
namespace {

absl::string_view AfterSlash(absl::string_view name) {
  const size_t slash = name.rfind('/');
  return slash == absl::string_view::npos ? name : name.substr(slash + 1);
}

}  // namespace

std::string LabelOfType(absl::string_view type) {
  std::string label;
  for (const char c : AfterSlash(type)) {
    if (absl::ascii_isupper(static_cast<unsigned char>(c)) && !label.empty()) label += '-';
    label += absl::ascii_tolower(static_cast<unsigned char>(c));
  }
  return label;
}

std::string LabelOfKind(absl::string_view kind) {
  constexpr absl::string_view kInfix = "_KIND_";
  const size_t infix = kind.find(kInfix);
  if (infix != absl::string_view::npos) kind.remove_prefix(infix + kInfix.size());
  std::string label = absl::AsciiStrToLower(kind);
  std::replace(label.begin(), label.end(), '_', '-');
  return label;
}

std::string LabelOfPartnership(absl::string_view partnership) {
  return std::string(AfterSlash(partnership));
}

}  // namespace entente::search
