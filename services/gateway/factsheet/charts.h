// SPDX-License-Identifier: Apache-2.0
//
// The charts of a fact sheet as numbers: where what is drawn. Whole units of a drawing that is
// kWidth wide; how it looks is the templates' affair.
//
// Bounds are drawn as bounds. What a sum is at least is solid; from there to what it is at most is
// a range; where nothing bounds it the range runs to the edge of the drawing and is marked as open
// there. An event of a known day or days is solid; one of some day in a month is a range of that
// month. Nothing is drawn where no figure and no date is stated. Pure functions: thread-safe.
#ifndef ENTENTE_SERVICES_GATEWAY_FACTSHEET_CHARTS_H_
#define ENTENTE_SERVICES_GATEWAY_FACTSHEET_CHARTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "entente/gateway/v1/fact_sheet.pb.h"

namespace entente::gateway::factsheet {

inline constexpr int kWidth = 720;
// Where the scale begins and ends; what is unbounded runs on to the edges.
inline constexpr int kLeft = 20;
inline constexpr int kRight = 680;

struct Tick {
  int x = 0;
  std::string label;
};

struct Bar {
  std::string label;
  std::string words;
  int row = 0;  // from 0, from above
  // Solid from `begin` to `solid_end`, a range from there to `end`. Events that are ranges have
  // nothing solid.
  int begin = 0;
  int solid_end = 0;
  int end = 0;
  // The figure as written; none for events.
  std::optional<int> mark;
  bool open_begin = false;  // unbounded to the left
  bool open_end = false;    // unbounded to the right
};

struct Chart {
  std::string title;
  std::vector<Bar> bars;
  std::vector<Tick> ticks;
  std::optional<int> line;  // timelines: the day of the sheet
};

// One chart for each nature and currency with a figure to draw, a bar for each row of
// `money_by_pillar`. Scales are linear, from 0.
std::vector<Chart> MoneyCharts(const v1::FactSheet& sheet);

// A bar for each dated event: past, coming, undetermined. None without any.
std::optional<Chart> Timeline(const v1::FactSheet& sheet);

}  // namespace entente::gateway::factsheet

#endif  // ENTENTE_SERVICES_GATEWAY_FACTSHEET_CHARTS_H_
