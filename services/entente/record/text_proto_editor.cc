// SPDX-License-Identifier: Apache-2.0
#include "services/entente/record/text_proto_editor.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <utility>

#include "absl/strings/str_cat.h"

namespace entente {
namespace {

using google::protobuf::io::Tokenizer;

// What is no text format was refused when the record was read.
class Unheard final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int /*line*/, int /*column*/, const std::string& /*message*/) override {}
};

// Counts columns as the tokenizer does.
constexpr int kTabWidth = 8;

}  // namespace

TextProtoEditor::TextProtoEditor(std::string text) : text_(std::move(text)) {
  google::protobuf::io::ArrayInputStream stream(text_.data(), static_cast<int>(text_.size()));
  Unheard unheard;
  Tokenizer tokenizer(&stream, &unheard);
  tokenizer.set_comment_style(Tokenizer::SH_COMMENT_STYLE);
  tokenizer.set_allow_f_after_float(true);
  tokenizer.set_require_space_after_number(false);
  tokenizer.set_allow_multiline_strings(true);
  size_t at = 0;
  int line = 0;
  int column = 0;
  while (tokenizer.Next()) {
    const Tokenizer::Token& token = tokenizer.current();
    while (at < text_.size() && (line < token.line || column < token.column)) {
      if (text_[at] == '\n') {
        ++line;
        column = 0;
      } else {
        column += text_[at] == '\t' ? kTabWidth - column % kTabWidth : 1;
      }
      ++at;
    }
    by_place_[{token.line + 1, token.column + 1}] = tokens_.size();
    const bool is_value =
        token.type == Tokenizer::TYPE_INTEGER || token.type == Tokenizer::TYPE_STRING;
    tokens_.push_back({is_value, at, at + token.text.size()});
  }
}

std::string TextProtoEditor::TextOf(const Token& token) const {
  return text_.substr(token.begin, token.end - token.begin);
}

size_t TextProtoEditor::Find(int line, int column, const std::string& name) const {
  const auto found = by_place_.find({line, column});
  if (found == by_place_.end() || TextOf(tokens_[found->second]) != name) return tokens_.size();
  return found->second;
}

bool TextProtoEditor::StandsAt(int line, int column, const std::string& name) const {
  return Find(line, column, name) < tokens_.size();
}

absl::Status TextProtoEditor::Replace(int line, int column, const std::string& name,
                                      const std::string& value) {
  const size_t colon = Find(line, column, name) + 1;
  size_t end = colon + 1;
  while (end < tokens_.size() && tokens_[end].is_value) ++end;  // A string may be in pieces.
  if (colon >= tokens_.size() || TextOf(tokens_[colon]) != ":" || end == colon + 1) {
    return absl::FailedPreconditionError(
        absl::StrCat(line, ":", column, ": no \"", name, ": ...\" stands here"));
  }
  edits_[tokens_[colon + 1].begin] = {tokens_[end - 1].end, value};
  return absl::OkStatus();
}

absl::Status TextProtoEditor::InsertBefore(int line, int column, const std::string& name,
                                           const std::string& field) {
  const size_t found = Find(line, column, name);
  if (found == tokens_.size()) {
    return absl::FailedPreconditionError(
        absl::StrCat(line, ":", column, ": no \"", name, "\" stands here"));
  }
  edits_[tokens_[found].begin] = {tokens_[found].begin, absl::StrCat(field, " ")};
  return absl::OkStatus();
}

std::string TextProtoEditor::Result() const {
  std::string result;
  size_t at = 0;
  for (const auto& [begin, edit] : edits_) {
    result.append(text_, at, begin - at);
    result.append(edit.text);
    at = edit.end;
  }
  result.append(text_, at, std::string::npos);
  return result;
}

}  // namespace entente
