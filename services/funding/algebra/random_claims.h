// SPDX-License-Identifier: Apache-2.0
//
// For tests: random trees of claims, small whole figures under every qualifier.

#ifndef ENTENTE_SERVICES_FUNDING_ALGEBRA_RANDOM_CLAIMS_H_
#define ENTENTE_SERVICES_FUNDING_ALGEBRA_RANDOM_CLAIMS_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <vector>

#include "common/figure/decimal.h"
#include "common/figure/interval.h"
#include "services/funding/algebra/tree.h"

namespace entente::funding::algebra {

inline int Uniform(std::mt19937& rng, int from, int to) {
  return std::uniform_int_distribution<int>(from, to)(rng);
}

// A claim whose figure, if stated, is in units of 10^-scale.
struct Sketch {
  NodeId whole = kTop;
  bool has_figure = false;
  int64_t stated = 0;
  int64_t low = 0;
  bool low_open = false;
  std::optional<int64_t> high;
  bool high_open = false;
};

inline Claim Drawn(const Sketch& sketch, int scale) {
  const auto decimal = [&](int64_t units) {
    return figure::Decimal::FromUnits(units, scale).value();
  };
  Claim claim;
  claim.whole = sketch.whole;
  if (sketch.has_figure) {
    claim.figure = Figure{decimal(sketch.stated), {{decimal(sketch.low), sketch.low_open}, {}}};
    if (sketch.high.has_value()) {
      claim.figure->bounds.high = figure::Bound{decimal(*sketch.high), sketch.high_open};
    }
  }
  return claim;
}

inline std::vector<Claim> Drawn(const std::vector<Sketch>& sketches, int scale) {
  std::vector<Claim> claims;
  for (const Sketch& sketch : sketches) claims.push_back(Drawn(sketch, scale));
  return claims;
}

struct Shape {
  int claims = 1;
  int max_atom = 4;       // the greatest value of an atom
  bool bounded = false;   // only figures with closed and bounded intervals
  int wrong_percent = 0;  // of the figures are drawn without regard to the others
};

// Figures that hold for some random values of the atoms, but for those that are wrong.
inline std::vector<Sketch> RandomSketches(std::mt19937& rng, const Shape& shape) {
  std::vector<Sketch> sketches(shape.claims);
  std::vector<int64_t> truth(shape.claims);
  for (int i = 0; i < shape.claims; ++i) {
    if (i > 0) sketches[i].whole = Uniform(rng, 0, i - 1);
    truth[i] = Uniform(rng, 0, shape.max_atom);
  }
  for (int i = shape.claims - 1; i > 0; --i) truth[sketches[i].whole] += truth[i];
  for (int i = 0; i < shape.claims; ++i) {
    Sketch& s = sketches[i];
    int64_t value = truth[i];
    if (Uniform(rng, 1, 100) <= shape.wrong_percent) value = Uniform(rng, 0, 2 * shape.max_atom);
    const int64_t slack = Uniform(rng, 0, shape.max_atom);
    s.has_figure = true;
    switch (Uniform(rng, 0, shape.bounded ? 3 : 7)) {
      case 0:  // exact
        s.stated = s.low = value;
        s.high = value;
        break;
      case 1:  // up to
        s.stated = value + slack;
        s.high = s.stated;
        break;
      case 2:  // about
        s.low = std::max<int64_t>(0, value - slack);
        s.high = value + Uniform(rng, 0, shape.max_atom);
        s.stated = Uniform(rng, static_cast<int>(s.low), static_cast<int>(*s.high));
        break;
      case 3:
        s.has_figure = false;
        break;
      case 4:  // less than, nearly
        s.stated = value + 1 + slack;
        s.high = s.stated;
        s.high_open = true;
        break;
      case 5:  // at least
        s.stated = s.low = std::max<int64_t>(0, value - slack);
        break;
      case 6:  // more than
        s.stated = s.low = std::max<int64_t>(0, value - 1 - slack);
        s.low_open = s.low < value;
        break;
      case 7:  // whatever else an interval can be
        s.low = std::max<int64_t>(0, value - 1 - slack);
        s.low_open = s.low < value;
        s.high = value + 1;
        s.high_open = Uniform(rng, 0, 1) == 1;
        s.stated = Uniform(rng, static_cast<int>(s.low), static_cast<int>(*s.high));
        break;
    }
  }
  return sketches;
}

}  // namespace entente::funding::algebra

#endif  // ENTENTE_SERVICES_FUNDING_ALGEBRA_RANDOM_CLAIMS_H_
