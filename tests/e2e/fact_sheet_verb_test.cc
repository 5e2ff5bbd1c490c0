// SPDX-License-Identifier: Apache-2.0
//
// `entente factsheet` against running servers that have the record.
#include <gmock/gmock.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "entente/gateway/v1/fact_sheet.pb.h"
#include "tests/e2e/cluster.h"

namespace entente::e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

constexpr char kPartnership[] = "partnerships/us-asean-csp";
constexpr char kTitle[] = "U.S.-ASEAN Comprehensive Strategic Partnership";

class FactSheetVerbTest : public testing::Test {
 protected:
  void SetUp() override {
    cluster_.StartAll();
    ASSERT_EQ(cluster_.Command({"load", Source("data/us-asean-csp")}).ending, Exited(0));
  }

  std::string Out(std::vector<std::string> more) {
    more.insert(more.begin(), {"factsheet", kPartnership, "--as-of=2023-09-05"});
    const Finished finished = cluster_.Command(more);
    EXPECT_EQ(finished.ending, Exited(0)) << finished.err;
    EXPECT_EQ(finished.err, "");
    return finished.out;
  }

  Cluster cluster_;
};

TEST_F(FactSheetVerbTest, IsMarkdownOrHtmlOrTheMessage) {
  const std::string markdown = Out({});
  EXPECT_THAT(markdown, AllOf(StartsWith("# "), HasSubstr(kTitle)));
  EXPECT_EQ(Out({"--format=markdown"}), markdown);
  EXPECT_EQ(cluster_.Command({"factsheet", "us-asean-csp", "--as-of=2023-09-05"}).out, markdown);
  EXPECT_THAT(Out({"-o", "html"}), AllOf(StartsWith("<!DOCTYPE html>"), HasSubstr(kTitle)));
  gateway::v1::FactSheet sheet;
  const auto status = google::protobuf::util::JsonStringToMessage(Out({"-o", "json"}), &sheet);
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_EQ(sheet.name(), kPartnership);
  EXPECT_EQ(sheet.as_of(), "2023-09-05");
  EXPECT_THAT(sheet.footnotes(), Not(SizeIs(0)));
}

TEST_F(FactSheetVerbTest, GoesIntoAFileAsAWhole) {
  const std::string file = cluster_.dir().File("sheet.md");
  EXPECT_EQ(Out({"--output", file}), "");
  EXPECT_EQ(ReadFile(file), Out({}));
  EXPECT_FALSE(std::filesystem::exists(file + ".new"));
  const Finished nowhere = cluster_.Command(
      {"factsheet", kPartnership, "--output", cluster_.dir().File("none/sheet.md")});
  EXPECT_EQ(nowhere.ending, Exited(1));
  EXPECT_THAT(nowhere.err, HasSubstr("none/sheet.md.new: No such file or directory"));
}

TEST_F(FactSheetVerbTest, WhatIsWrongIsSaid) {
  const Finished none = cluster_.Command({"factsheet", "partnerships/none"});
  EXPECT_EQ(none.ending, Exited(1));
  EXPECT_THAT(none.err, AllOf(StartsWith("entente: there is no partnerships/none\n"),
                              HasSubstr("`entente list partnerships`")));
  EXPECT_EQ(cluster_.Command({"factsheet", kPartnership, "--as_of=2023"}).ending, Exited(2));
  EXPECT_EQ(cluster_.Command({"factsheet", kPartnership, "-o", "pdf"}).ending, Exited(2));
  EXPECT_EQ(cluster_.Command({"factsheet"}).ending, Exited(2));
  // What is away is missing, and the sheet itself says so.
  cluster_.server(Service::kFunding).Stop();
  EXPECT_THAT(Out({}), HasSubstr(FullName(Service::kFunding)));
}

}  // namespace
}  // namespace entente::e2e
