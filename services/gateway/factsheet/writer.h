// SPDX-License-Identifier: Apache-2.0
//
// Writes statements: gives each its number and, from the citations of the resources that it speaks
// of, its footnotes.
//
//   Writer writer(material, &sheet);
//   writer.Write({.kind = ..., .text = "Host: U.S. Department of Commerce.",
//                 .sources = {Of(event, {"parties[0]"})}}, entry->mutable_statements());
#ifndef ENTENTE_SERVICES_GATEWAY_FACTSHEET_WRITER_H_
#define ENTENTE_SERVICES_GATEWAY_FACTSHEET_WRITER_H_

#include <google/protobuf/repeated_ptr_field.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "entente/gateway/v1/fact_sheet.pb.h"
#include "services/gateway/factsheet/material.h"

namespace entente::gateway::factsheet {

using Citations = google::protobuf::RepeatedPtrField<type::v1::Citation>;
using Statements = google::protobuf::RepeatedPtrField<v1::FactSheetStatement>;

// Fields of a resource that a statement says. The citations live as long as the material.
struct Source {
  std::string resource;
  std::vector<std::string> fields;
  const Citations* citations;
};

template <typename Resource>
Source Of(const Resource& resource, std::vector<std::string> fields) {
  return {resource.name(), std::move(fields), &resource.citations()};
}

struct Draft {
  v1::FactSheetStatementKind kind;
  std::string text;
  std::vector<Source> sources;
  std::vector<std::string> names;  // resources whose titles stand in the text
};

// Whether a citation supports what some of these fields say: it names none, one of them, or one
// that contains or is in one of them.
bool Supports(const type::v1::Citation& citation, const std::vector<std::string>& fields);

// Not thread-safe.
class Writer {
 public:
  // Both must outlive it. Footnotes go to the sheet.
  Writer(const Material& material, v1::FactSheet* sheet);

  // Appends a statement, numbered after the one before. Nothing for a draft without text.
  void Write(Draft draft, Statements* statements);
  // The same, but in place.
  void Write(Draft draft, v1::FactSheetStatement* statement);

  // What a resource is called, in one line; its name if nothing answers to that.
  std::string Title(const std::string& name) const;

 private:
  // By what a citation cites and why, whatever fields it supports.
  struct SamePassage {
    size_t operator()(const type::v1::Citation* citation) const;
    bool operator()(const type::v1::Citation* a, const type::v1::Citation* b) const;
  };

  int FootnoteOf(const type::v1::Citation& citation, const std::string& resource);
  int AddFootnote(const type::v1::Citation& citation);

  v1::FactSheet* const sheet_;
  absl::flat_hash_map<std::string, std::string> titles_;
  // Title and address.
  absl::flat_hash_map<std::string, std::pair<std::string, std::string>> documents_;
  absl::flat_hash_map<const type::v1::Citation*, int, SamePassage, SamePassage> footnotes_;
  absl::flat_hash_map<const type::v1::Citation*, int> known_;  // the same, once met
  int statements_ = 0;
};

}  // namespace entente::gateway::factsheet

#endif  // ENTENTE_SERVICES_GATEWAY_FACTSHEET_WRITER_H_
