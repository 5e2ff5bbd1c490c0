// SPDX-License-Identifier: Apache-2.0
//
// `entente edition DIR --from OLD --to NEW`: the record of a document of which there is a new
// edition. What has become of every passage that it cites is found by common/passage/edition.h.
//
//   ASSIGN_OR_RETURN(const EditionReport report, CompareEditions({"data/x", "old", "new"}));
//   std::cout << EditionText(report);
//   if (write) RETURN_IF_ERROR(WriteEdition(report).status());
//
// Writing takes over what needs no judgement: the spans of passages that have moved, and the hash
// and the length of the text. Everything else in the files stays as it is, byte for byte. Citations
// of what has changed or gone stay as well: they do not hold in the new text, so that `entente
// check --source` reports them until a person has decided.
#ifndef ENTENTE_SERVICES_ENTENTE_RECORD_EDITION_H_
#define ENTENTE_SERVICES_ENTENTE_RECORD_EDITION_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/passage/edition.h"
#include "services/entente/record/record.h"
#include "services/entente/record/source_check.h"

namespace entente {

struct EditionRequest {
  std::string directory;
  // Files.
  std::string from;
  std::string to;
  // "documents/..."; may be empty where only one document has the old text.
  std::string document;
};

// A citation of the document, or a reason why something of it is not cited.
struct MappedCitation {
  RecordDirectory::Located resource;
  int index = -1;  // In its citations; -1 for a reason.
  passage::Span span;
  passage::Image image;
  // Where it stands, and "claims/x: citations[2]: amount.figure" with the fields that it supports.
  Fault place;
};

struct EditionReport {
  EditionRequest request;
  RecordDirectory record;
  RecordDirectory::Located document;
  passage::Edition edition;

  // All that have a span, in the order of the old text.
  std::vector<MappedCitation> citations;
  // How many citations are of the document as a whole.
  int whole = 0;
  // Citations of which the old text does not hold the words: faults of the record as it is.
  std::vector<Fault> faults;
  // What of the new text no citation covers and no reason excuses, if they stand where their
  // passages are now, changed ones too.
  std::vector<Unaccounted> uncited;

  int Count(passage::ImageKind kind) const;
  // Whether nothing is left to people but what is new.
  bool clean() const;
};

// NOT_FOUND: the directory, a file or the document given is not there. INVALID_ARGUMENT: a text is
// not UTF-8, or several documents have the old text and none is given. FAILED_PRECONDITION: the
// record cannot be read; no document, or not the one given, has the old text, with a word if it has
// the new one already.
absl::StatusOr<EditionReport> CompareEditions(const EditionRequest& request);

// What people read: the passages that changed or went, with their citations, then what is new and
// not cited, then how many there are of each.
std::string EditionText(const EditionReport& report);

struct WrittenFile {
  std::string path;
  int spans = 0;
  bool has_document = false;
};

// The files that were written, in the order of writing. Each is replaced as a whole or not at all,
// and none before all are ready; that of the document comes last, so that what was interrupted can
// be run again. FAILED_PRECONDITION if a file cannot be rewritten, ABORTED if it has changed since
// it was read, INTERNAL if the outcome would not be what is meant, UNAVAILABLE if the file system
// refuses; nothing is changed then, but for the last, which says if some files are written.
absl::StatusOr<std::vector<WrittenFile>> WriteEdition(const EditionReport& report);

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_RECORD_EDITION_H_
