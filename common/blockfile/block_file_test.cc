// SPDX-License-Identifier: Apache-2.0
#include "common/blockfile/block_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "common/log/sqlite_test_util.h"
#include "common/status/macros.h"

namespace entente::blockfile {
namespace {

using log::ReadFile;
using log::TempDirectory;
using log::WriteFile;

constexpr uint32_t kFormat = 7;

using Blocks = std::vector<std::pair<uint32_t, std::string>>;

const Blocks kBlocks = {{1, "the first"}, {9, ""}, {1, std::string(300, 'x') + '\0'}};

absl::Status Write(const std::string& path, const Blocks& blocks, uint32_t format = kFormat) {
  ASSIGN_OR_RETURN(auto writer, Writer::Begin(path, format));
  for (const auto& [kind, bytes] : blocks) RETURN_IF_ERROR(writer->Add(kind, bytes));
  RETURN_IF_ERROR(writer->Complete());
  return writer->Replace();
}

absl::StatusOr<Blocks> Read(const std::string& path, uint32_t format = kFormat) {
  ASSIGN_OR_RETURN(auto reader, Reader::Open(path, format));
  Blocks blocks;
  for (const Block& block : reader->blocks()) {
    std::string bytes = "what was there";
    RETURN_IF_ERROR(reader->Read(block, &bytes));
    blocks.emplace_back(block.kind, bytes);
  }
  return blocks;
}

class BlockFileTest : public testing::Test {
 protected:
  const TempDirectory dir_;
  const std::string path_ = dir_.File("blocks");
};

TEST_F(BlockFileTest, ReturnsWhatWasWritten) {
  ASSERT_TRUE(Write(path_, kBlocks).ok());
  EXPECT_EQ(Read(path_).value(), kBlocks);
  ASSERT_TRUE(Write(path_, {}).ok());
  EXPECT_EQ(Read(path_).value(), Blocks());
  EXPECT_FALSE(std::filesystem::exists(path_ + ".new"));
}

TEST_F(BlockFileTest, BlocksGreaterThanAnyBuffer) {
  const Blocks blocks = {{1, std::string(3'000'000, 'a')}, {2, std::string(5'000'001, 'b')}};
  ASSERT_TRUE(Write(path_, blocks).ok());
  EXPECT_EQ(Read(path_).value(), blocks);
}

TEST_F(BlockFileTest, WhatIsNotThereIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(Read(path_).status()));
  EXPECT_TRUE(absl::IsNotFound(Write(dir_.File("missing/blocks"), kBlocks)));
}

TEST_F(BlockFileTest, WhatIsNotFinishedLeavesTheOldOneAndNothingElse) {
  ASSERT_TRUE(Write(path_, kBlocks).ok());
  {
    auto writer = Writer::Begin(path_, kFormat);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Add(1, "another").ok());
    ASSERT_TRUE((*writer)->Complete().ok());
  }
  EXPECT_EQ(Read(path_).value(), kBlocks);
  EXPECT_FALSE(std::filesystem::exists(path_ + ".new"));
}

TEST_F(BlockFileTest, ANewOneReplacesWhatACrashLeft) {
  WriteFile(path_ + ".new", std::string(100'000, 'z'));
  ASSERT_TRUE(Write(path_, kBlocks).ok());
  EXPECT_EQ(Read(path_).value(), kBlocks);
}

TEST_F(BlockFileTest, AnotherFormatIsRefused) {
  ASSERT_TRUE(Write(path_, kBlocks).ok());
  EXPECT_TRUE(absl::IsDataLoss(Read(path_, kFormat + 1).status()));
}

TEST_F(BlockFileTest, AnyByteThatIsAnotherIsNoticed) {
  ASSERT_TRUE(Write(path_, kBlocks).ok());
  const std::string good = ReadFile(path_);
  for (size_t i = 0; i < good.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ flip);
      WriteFile(path_, bad);
      EXPECT_TRUE(absl::IsDataLoss(Read(path_).status())) << "byte " << i << " ^ " << flip;
    }
  }
}

TEST_F(BlockFileTest, AnyOtherLengthIsNoticed) {
  ASSERT_TRUE(Write(path_, kBlocks).ok());
  const std::string good = ReadFile(path_);
  for (size_t length = 0; length < good.size(); ++length) {
    WriteFile(path_, good.substr(0, length));
    EXPECT_TRUE(absl::IsDataLoss(Read(path_).status())) << length;
    WriteFile(path_, good.substr(good.size() - length));
    EXPECT_TRUE(absl::IsDataLoss(Read(path_).status())) << "the last " << length;
  }
  WriteFile(path_, good + '\0');
  EXPECT_TRUE(absl::IsDataLoss(Read(path_).status()));
  WriteFile(path_, good + good);
  EXPECT_TRUE(absl::IsDataLoss(Read(path_).status()));
}

TEST_F(BlockFileTest, ADirectoryIsNoFile) {
  EXPECT_TRUE(absl::IsDataLoss(Read(dir_.path()).status()));
}

TEST(HashTest, KnowsWhereBytesEnd) {
  EXPECT_EQ(Hash().Add("ab").Add("c").Get(), Hash().Add("ab").Add("c").Get());
  EXPECT_NE(Hash().Add("ab").Add("c").Get(), Hash().Add("a").Add("bc").Get());
  EXPECT_NE(Hash().Add(1).Get(), Hash().Add(2).Get());
  EXPECT_NE(Hash::Of("a"), Hash::Of("b"));
}

}  // namespace
}  // namespace entente::blockfile
