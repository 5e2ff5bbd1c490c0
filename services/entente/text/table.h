// SPDX-License-Identifier: Apache-2.0
//
// A table of texts: for a terminal in its width, for a file in full, or as comma-separated values.
//
//   Table table({{.heading = "NAME"}, {.heading = "TITLE", .shrinks = true}});
//   table.Add({"places/laos", "Lao People's Democratic Republic"});
//   table.ToText({.width = 30});
//   // NAME         TITLE
//   // places/laos  Lao People's Dem…
#ifndef ENTENTE_SERVICES_ENTENTE_TEXT_TABLE_H_
#define ENTENTE_SERVICES_ENTENTE_TEXT_TABLE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace entente::text {

// How to write for whoever reads.
struct Style {
  // Columns of the terminal; nothing is cut if unset.
  std::optional<int> width;
  // Whether to use colour and weight (ECMA-48, SGR).
  bool colour = false;

  std::string Strong(absl::string_view text) const;     // headings
  std::string Faint(absl::string_view text) const;      // what is beside the point
  std::string Highlight(absl::string_view text) const;  // what was found
  std::string Alarm(absl::string_view text) const;      // what is missing or wrong
};

struct Column {
  std::string heading;
  bool right = false;    // Figures stand to the right.
  bool shrinks = false;  // May be cut where a line is too long.
  bool if_any = false;   // Is left out of a text if all of its cells are empty.
};

// Not thread-safe.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // One cell for each column; they are made printable.
  void Add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }

  // The headings and every row, in lines that end in a line feed, each after `indent` spaces. No
  // line is longer than the width but where columns that do not shrink need more.
  std::string ToText(const Style& style, int indent = 0) const;

  // RFC 4180: the headings in lower case, and every row; lines end in CRLF.
  std::string ToCsv() const;

 private:
  // Without the columns that are left out.
  Table Shown() const;
  std::vector<int> Widths(const Style& style, int indent) const;
  std::string Lines(const Style& style, int indent) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace entente::text

#endif  // ENTENTE_SERVICES_ENTENTE_TEXT_TABLE_H_
