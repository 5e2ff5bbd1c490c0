// SPDX-License-Identifier: Apache-2.0
//
// A directory of a record for a test, removed with it.
#ifndef ENTENTE_SERVICES_ENTENTE_RECORD_RECORD_TEST_UTIL_H_
#define ENTENTE_SERVICES_ENTENTE_RECORD_RECORD_TEST_UTIL_H_

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "gtest/gtest.h"

namespace entente {

class RecordFiles {
 public:
  RecordFiles() {
    std::string pattern = testing::TempDir() + "/entente-record-XXXXXX";
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  RecordFiles(const RecordFiles&) = delete;
  RecordFiles& operator=(const RecordFiles&) = delete;
  ~RecordFiles() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }

  void Write(const std::string& file, const std::string& text) const {
    std::ofstream(path_ + "/" + file, std::ios::binary) << text;
  }
  std::string Read(const std::string& file) const {
    std::ifstream stream(path_ + "/" + file, std::ios::binary);
    EXPECT_TRUE(stream.good()) << file;
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
  }
  // Takes over every file of another directory.
  void CopyFrom(const std::string& directory) const { std::filesystem::copy(directory, path_); }
  // Replaces the first `from` in a file and returns the line, from 1, at which it stands.
  int Replace(const std::string& file, const std::string& from, const std::string& to) const {
    std::string text = Read(file);
    const size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    if (at == std::string::npos) return 0;
    text.replace(at, from.size(), to);
    Write(file, text);
    int line = 1;
    for (size_t i = 0; i < at; ++i) line += text[i] == '\n';
    return line;
  }

 private:
  std::string path_;
};

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_RECORD_RECORD_TEST_UTIL_H_
