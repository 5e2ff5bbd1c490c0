// SPDX-License-Identifier: Apache-2.0
//
// Comma-separated values (RFC 4180), with the place of every field.
//
//   CsvReader reader(text);
//   CsvRow row;
//   while (reader.Next(&row)) { row.fields[0].text; row.fields[0].line; }
#ifndef ENTENTE_SERVICES_ENTENTE_TEXT_CSV_H_
#define ENTENTE_SERVICES_ENTENTE_TEXT_CSV_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace entente {

struct CsvField {
  std::string text;  // Without quotes, and without spaces around it.
  int line = 0;      // Where it begins, both from 1; columns in bytes.
  int column = 0;
};

struct CsvRow {
  std::vector<CsvField> fields;
  // What is wrong with its form, at the last field; empty for nothing.
  std::string fault;
};

// Reads rows that end with LF, CRLF or the text. Empty lines, and a byte order mark at the
// beginning, are passed over.
class CsvReader {
 public:
  // `text` must outlive it.
  explicit CsvReader(absl::string_view text);

  // False after the last row.
  bool Next(CsvRow* row);

 private:
  bool AtEnd() const { return at_ == text_.size(); }
  char Peek() const { return text_[at_]; }
  void Advance();
  // Whether a line ended here, which is then passed over.
  bool TakeLineEnd();
  void ReadField(CsvRow* row);

  absl::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  int column_ = 1;
};

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_TEXT_CSV_H_
