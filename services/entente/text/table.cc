// SPDX-License-Identifier: Apache-2.0
#include "services/entente/text/table.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/entente/text/display_width.h"

namespace entente::text {
namespace {

constexpr int kGap = 2;
// A cell that is cut shorter than this says nothing any more.
constexpr int kLeastWidth = 8;

std::string Sgr(bool colour, absl::string_view code, absl::string_view text) {
  if (!colour || text.empty()) return std::string(text);
  return absl::StrCat("\x1B[", code, "m", text, "\x1B[0m");
}

std::string CsvCell(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  return absl::StrCat("\"", absl::StrReplaceAll(cell, {{"\"", "\"\""}}), "\"");
}

std::string CsvLine(const std::vector<std::string>& cells) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    absl::StrAppend(&line, i == 0 ? "" : ",", CsvCell(cells[i]));
  }
  return line + "\r\n";
}

}  // namespace

std::string Style::Strong(absl::string_view text) const { return Sgr(colour, "1", text); }
std::string Style::Faint(absl::string_view text) const { return Sgr(colour, "2", text); }
std::string Style::Highlight(absl::string_view text) const { return Sgr(colour, "1;33", text); }
std::string Style::Alarm(absl::string_view text) const { return Sgr(colour, "1;31", text); }

void Table::Add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cell = Printable(cell);
  rows_.push_back(std::move(cells));
}

std::vector<int> Table::Widths(const Style& style, int indent) const {
  std::vector<int> widths;
  for (const Column& column : columns_) widths.push_back(DisplayWidth(column.heading));
  for (const auto& row : rows_) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  if (!style.width.has_value()) return widths;
  const int gaps = kGap * (static_cast<int>(columns_.size()) - 1);
  int excess = std::accumulate(widths.begin(), widths.end(), indent + gaps) - *style.width;
  // The widest gives way first, down to the next widest.
  for (; excess > 0; --excess) {
    size_t widest = columns_.size();
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (!columns_[i].shrinks || widths[i] <= kLeastWidth) continue;
      if (widest == columns_.size() || widths[i] > widths[widest]) widest = i;
    }
    if (widest == columns_.size()) break;
    --widths[widest];
  }
  return widths;
}

Table Table::Shown() const {
  std::vector<size_t> kept;
  for (size_t i = 0; i < columns_.size(); ++i) {
    const bool any =
        std::any_of(rows_.begin(), rows_.end(), [i](const auto& row) { return !row[i].empty(); });
    if (any || !columns_[i].if_any) kept.push_back(i);
  }
  std::vector<Column> columns;
  for (const size_t i : kept) columns.push_back(columns_[i]);
  Table shown(std::move(columns));
  for (const auto& row : rows_) {
    std::vector<std::string> cells;
    for (const size_t i : kept) cells.push_back(row[i]);
    shown.rows_.push_back(std::move(cells));
  }
  return shown;
}

std::string Table::ToText(const Style& style, int indent) const {
  return Shown().Lines(style, indent);
}

std::string Table::Lines(const Style& style, int indent) const {
  const std::vector<int> widths = Widths(style, indent);
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text(static_cast<size_t>(indent), ' ');
    for (size_t i = 0; i < cells.size(); ++i) {
      absl::StrAppend(&text, Pad(Shorten(cells[i], widths[i]), widths[i], columns_[i].right),
                      i + 1 == cells.size() ? "" : std::string(kGap, ' '));
    }
    absl::StripTrailingAsciiWhitespace(&text);
    return text;
  };
  std::vector<std::string> headings;
  for (const Column& column : columns_) headings.push_back(column.heading);
  std::string text = style.Strong(line(headings)) + "\n";
  for (const auto& row : rows_) absl::StrAppend(&text, line(row), "\n");
  return text;
}

std::string Table::ToCsv() const {
  std::vector<std::string> headings;
  for (const Column& column : columns_) headings.push_back(absl::AsciiStrToLower(column.heading));
  std::string text = CsvLine(headings);
  for (const auto& row : rows_) text += CsvLine(row);
  return text;
}

}  // namespace entente::text
