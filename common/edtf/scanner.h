// SPDX-License-Identifier: Apache-2.0
//
// Internal to this directory: a place in an EDTF text, and errors that point at one.

#ifndef ENTENTE_COMMON_EDTF_SCANNER_H_
#define ENTENTE_COMMON_EDTF_SCANNER_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/edtf/day_set.h"
#include "common/edtf/edtf.h"

namespace entente::edtf {

class Scanner {
 public:
  // How to write EDTF at all: what to say where no better advice is known.
  static constexpr char kHow[] =
      "write a date such as 2023, 2023-08 or 2023-08-31, an interval such as 2023-08/2023-10, or a "
      "set such as [2021,2023]";

  // `text` must outlive the scanner.
  explicit Scanner(absl::string_view text) : text_(text) {}

  absl::string_view text() const { return text_; }
  size_t at() const { return at_; }
  bool AtEnd() const { return at_ == text_.size(); }

  // The next character; NUL at the end.
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  // The next `size` characters, or as many as there are.
  absl::string_view Ahead(size_t size) const { return text_.substr(at_, size); }
  absl::string_view Since(size_t start) const { return text_.substr(start, at_ - start); }

  // `size` characters are known to be there.
  void Skip(size_t size) { at_ += size; }
  void SkipSpaces();
  bool Take(absl::string_view token);

  // INVALID_ARGUMENT at the zero-based offset `at`.
  absl::Status Fail(size_t at, absl::string_view expected, absl::string_view mend) const;
  // Something stands where the expression should have ended.
  absl::Status Trailing() const;

 private:
  absl::string_view text_;
  size_t at_ = 0;
};

}  // namespace entente::edtf

#endif  // ENTENTE_COMMON_EDTF_SCANNER_H_
