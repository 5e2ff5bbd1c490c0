// SPDX-License-Identifier: Apache-2.0
//
// Values of fields replaced in the text of a file in protobuf text format, and nothing else: every
// other byte, comments among them, stays as it is.
//
//   TextProtoEditor editor(text);
//   RETURN_IF_ERROR(editor.Replace(12, 5, "begin", "400"));   // "begin: 20" in line 12
//   text = editor.Result();
#ifndef ENTENTE_SERVICES_ENTENTE_RECORD_TEXT_PROTO_EDITOR_H_
#define ENTENTE_SERVICES_ENTENTE_RECORD_TEXT_PROTO_EDITOR_H_

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"

namespace entente {

// A place is that of the name of a field, its line and column from 1 as protobuf counts them: in
// bytes, with tabs up to the next multiple of eight.
class TextProtoEditor {
 public:
  explicit TextProtoEditor(std::string text);

  // Whether the name of a field `name` stands there.
  bool StandsAt(int line, int column, const std::string& name) const;

  // Gives the scalar field `name` that stands there another value, as it is to be written.
  // FAILED_PRECONDITION if no such field stands there; the text is then left alone.
  absl::Status Replace(int line, int column, const std::string& name, const std::string& value);

  // Writes "`field` " before the field `name` that stands there. FAILED_PRECONDITION as above.
  absl::Status InsertBefore(int line, int column, const std::string& name,
                            const std::string& field);

  // The text with all of that.
  std::string Result() const;

 private:
  struct Token {
    bool is_value;  // A number or a string.
    size_t begin;
    size_t end;
  };
  struct Edit {
    size_t end;
    std::string text;
  };

  // The number of the token; that of none if the name does not stand there.
  size_t Find(int line, int column, const std::string& name) const;
  std::string TextOf(const Token& token) const;

  const std::string text_;
  std::vector<Token> tokens_;
  std::map<std::pair<int, int>, size_t> by_place_;
  // By where they begin.
  std::map<size_t, Edit> edits_;
};

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_RECORD_TEXT_PROTO_EDITOR_H_
