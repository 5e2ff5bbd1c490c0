// SPDX-License-Identifier: Apache-2.0
#include "services/entente/text/nearest.h"

#include <algorithm>

namespace entente::text {

size_t EditDistance(absl::string_view a, absl::string_view b) {
  // Optimal string alignment: d[i][j] for the first i bytes of a and the first j of b.
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({replaced, d[i - 1][j] + 1, d[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

bool IsNear(absl::string_view a, absl::string_view b) {
  return 3 * EditDistance(a, b) <= std::max(a.size(), b.size());
}

std::string Nearest(absl::string_view word, const std::vector<std::string>& candidates) {
  std::string nearest;
  for (const std::string& candidate : candidates) {
    if (!IsNear(word, candidate)) continue;
    if (nearest.empty() || EditDistance(word, candidate) < EditDistance(word, nearest)) {
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace entente::text
