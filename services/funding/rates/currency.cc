// SPDX-License-Identifier: Apache-2.0
#include "services/funding/rates/currency.h"

#include <algorithm>

#include "absl/strings/ascii.h"

namespace entente::funding::rates {
namespace {

// All others have 2.
constexpr int kUsualDigits = 2;

struct Codes {
  std::optional<int> digits;
  absl::string_view codes;  // Each followed by a space.
};

constexpr Codes kUnusual[] = {
    {0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF "},
    {3, "BHD IQD JOD KWD LYD OMR TND "},
    {4, "CLF UYW "},
    {std::nullopt, "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX "},
};

}  // namespace

bool IsCurrencyCode(absl::string_view code) {
  return code.size() == 3 && std::all_of(code.begin(), code.end(), absl::ascii_isupper);
}

std::optional<int> MinorUnitDigits(absl::string_view code) {
  if (!IsCurrencyCode(code)) return std::nullopt;
  for (const Codes& unusual : kUnusual) {
    if (unusual.codes.find(code) != absl::string_view::npos) return unusual.digits;
  }
  return kUsualDigits;
}

}  // namespace entente::funding::rates
