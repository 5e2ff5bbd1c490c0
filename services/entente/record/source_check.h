// SPDX-License-Identifier: Apache-2.0
//
// `entente check DIR --source FILE`: a record side by side with the text of its document.
//
// What must hold, besides what the services demand (load.h):
//
// * FILE is the text of a document of the record: SHA-256 and length are the document's.
// * Every citation of that document has a span, and its words have the hash.
// * Every figure (of a claim or a quantity) is stated, with its value, qualifier and currency, by
//   one of the passages that are cited for it.
// * Every date has its year, month and day, as far as it writes them, in the passages that are
//   cited for it. If its basis is inferred or a convention, parts may come from elsewhere, but the
//   words must not name another month or day.
// * Every organisation, person and place is of use to something else of the record.
// * Nothing of the text is left uncited (common/passage/uncited.h). And since a citation of a whole
//   sentence is not yet a record of all that it says: every figure that says how much or how many
//   is carried by a claim or a quantity that cites it, and of every name all words stand in the
//   titles, other names and texts of one resource. Or an UncitedReason of the record says why not.
//   Such a reason must itself be of use.
//
// The passages cited for a field are those of the citations that name it in `fields`, a part of it,
// or what it is part of; where there are none, those of the citations of the resource as a whole.
//
// What is inferred or a convention cannot be checked by a program: it is listed for people.
#ifndef ENTENTE_SERVICES_ENTENTE_RECORD_SOURCE_CHECK_H_
#define ENTENTE_SERVICES_ENTENTE_RECORD_SOURCE_CHECK_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/passage/uncited.h"
#include "services/entente/record/record.h"

namespace entente {

// A passage of the source that the record should account for.
struct Unaccounted {
  passage::ItemKind kind;
  passage::Span span;
  // It is cited, but no claim or quantity carries the figure, or no resource has the name.
  bool cited = false;
  // It lies in a sentence or a clause that is listed itself.
  bool inner = false;
  int line = 0;  // In the source, from 1.
  int column = 0;
  std::string words;
};

// A line for each, as in the report of a check: "  FILE:3:1 [10, 42) sentence: its words".
std::string PassageLines(const std::vector<Unaccounted>& passages, const std::string& source);

struct SourceReport {
  // Of the record, those of ValidateRecord first.
  std::vector<Fault> faults;
  // In the order of the text. Its words are the source's: to be shown, not to be kept.
  std::vector<Unaccounted> unaccounted;
  // Figures and dates that the record infers or sets by convention, where they stand.
  std::vector<Fault> inferred;
  // How many citations of the document there are, and of other documents, which are not checked.
  int citations = 0;
  int other_citations = 0;
  // How many reasons excuse something.
  int reasons = 0;

  bool clean() const { return faults.empty() && unaccounted.empty(); }
};

// NOT_FOUND if the directory or the file cannot be read, INVALID_ARGUMENT if the file is not UTF-8.
absl::StatusOr<SourceReport> CheckSource(const std::string& directory, const std::string& source);

// What was found, for people; quotes the source. Faults are left out: they go to another stream.
std::string ReportText(const SourceReport& report, const std::string& source);

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_RECORD_SOURCE_CHECK_H_
