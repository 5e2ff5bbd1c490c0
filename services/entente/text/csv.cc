// SPDX-License-Identifier: Apache-2.0
#include "services/entente/text/csv.h"

#include "absl/strings/ascii.h"
#include "absl/strings/strip.h"

namespace entente {

CsvReader::CsvReader(absl::string_view text) : text_(absl::StripPrefix(text, "\xEF\xBB\xBF")) {}

void CsvReader::Advance() {
  if (text_[at_++] == '\n') {
    ++line_;
    column_ = 1;
  } else {
    ++column_;
  }
}

bool CsvReader::TakeLineEnd() {
  const absl::string_view rest = text_.substr(at_);
  const size_t length = rest.substr(0, 2) == "\r\n" ? 2 : (rest.substr(0, 1) == "\n" ? 1 : 0);
  for (size_t i = 0; i < length; ++i) Advance();
  return length > 0;
}

void CsvReader::ReadField(CsvRow* row) {
  while (!AtEnd() && Peek() == ' ') Advance();
  CsvField field{"", line_, column_};
  if (!AtEnd() && Peek() == '"') {
    Advance();
    bool closed = false;
    while (!AtEnd() && !closed) {
      const char c = Peek();
      Advance();
      if (c != '"') {
        field.text += c;
      } else if (!AtEnd() && Peek() == '"') {  // A quote in quotes is doubled.
        field.text += c;
        Advance();
      } else {
        closed = true;
      }
    }
    if (!closed) row->fault = "a quote is not closed";
    while (!AtEnd() && Peek() == ' ') Advance();
  }
  std::string rest;
  while (!AtEnd() && Peek() != ',' && Peek() != '\n' && text_.substr(at_, 2) != "\r\n") {
    rest += Peek();
    Advance();
  }
  absl::StripTrailingAsciiWhitespace(&rest);
  if (!field.text.empty() && !rest.empty()) row->fault = "text follows the closing quote";
  if (field.text.empty()) field.text = std::move(rest);
  row->fields.push_back(std::move(field));
}

bool CsvReader::Next(CsvRow* row) {
  while (TakeLineEnd()) {
  }
  *row = CsvRow();
  if (AtEnd()) return false;
  while (true) {
    ReadField(row);
    if (AtEnd() || TakeLineEnd()) return true;
    Advance();  // The comma.
  }
}

}  // namespace entente
