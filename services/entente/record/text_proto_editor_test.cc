// SPDX-License-Identifier: Apache-2.0
#include "services/entente/record/text_proto_editor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace entente {
namespace {

using testing::HasSubstr;

TEST(TextProtoEditorTest, ReplacesAValueAndNothingElse) {
  TextProtoEditor editor("a: 1  # first\n\tb  :  'x'\t; c { d: 007, e: -5 }\n");
  EXPECT_TRUE(editor.Replace(1, 1, "a", "10").ok());
  EXPECT_TRUE(editor.Replace(2, 9, "b", "\"yy\"").ok()) << "a tab counts up to column 8";
  EXPECT_TRUE(editor.Replace(2, 31, "d", "8").ok());
  EXPECT_EQ(editor.Result(), "a: 10  # first\n\tb  :  \"yy\"\t; c { d: 8, e: -5 }\n");
}

TEST(TextProtoEditorTest, ReplacesAStringInPieces) {
  TextProtoEditor editor("s: 'a'  # one\n   \"b\"\n'c' t: 1");
  EXPECT_TRUE(editor.Replace(1, 1, "s", "'d'").ok());
  EXPECT_EQ(editor.Result(), "s: 'd' t: 1");
}

TEST(TextProtoEditorTest, CountsColumnsInBytes) {
  TextProtoEditor editor("s: 'é' /* no comment */ # : é\nt: 'é:{' b: 2");
  EXPECT_TRUE(editor.Replace(2, 11, "b", "3").ok());
  EXPECT_EQ(editor.Result(), "s: 'é' /* no comment */ # : é\nt: 'é:{' b: 3");
}

TEST(TextProtoEditorTest, InsertsAField) {
  TextProtoEditor editor("span { end: 5 }");
  EXPECT_FALSE(editor.StandsAt(1, 1, "begin"));
  EXPECT_TRUE(editor.StandsAt(1, 8, "end"));
  EXPECT_TRUE(editor.InsertBefore(1, 8, "end", "begin: 3").ok());
  EXPECT_EQ(editor.Result(), "span { begin: 3 end: 5 }");
}

TEST(TextProtoEditorTest, WhatDoesNotStandThereIsRefused) {
  const std::string text = "a { b: 1 } c: UP d: -1";
  TextProtoEditor editor(text);
  for (const auto& [column, name] :
       {std::pair(1, "a"), std::pair(1, "b"), std::pair(5, "c"), std::pair(6, "b"),
        std::pair(12, "c"), std::pair(18, "d"), std::pair(99, "b")}) {
    const absl::Status status = editor.Replace(1, column, name, "2");
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << name;
    EXPECT_THAT(std::string(status.message()), HasSubstr(name));
  }
  EXPECT_EQ(editor.InsertBefore(2, 1, "a", "x: 1").code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(editor.Result(), text);
}

}  // namespace
}  // namespace entente
