// SPDX-License-Identifier: Apache-2.0
#include "common/log/log_test_util.h"

#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace entente::log {

Change Put(std::string name, std::string body) {
  return {std::move(name), ChangeKind::kPut, std::move(body)};
}
Change Delete(std::string name) { return {std::move(name), ChangeKind::kDelete, ""}; }
Change Undelete(std::string name) { return {std::move(name), ChangeKind::kUndelete, ""}; }
Change Erase(std::string name) { return {std::move(name), ChangeKind::kErase, ""}; }

std::string FingerprintOf(const std::string& request_id) {
  // With a NUL and a byte that is not UTF-8: fingerprints are bytes.
  return request_id.empty() ? "" : request_id + std::string("\0\xff", 2);
}

Proposal Writes(std::string request_id, std::vector<Change> changes) {
  std::string fingerprint = FingerprintOf(request_id);
  return {std::move(request_id), std::move(fingerprint), std::move(changes)};
}

std::vector<Revision> ReadAll(Log& log, int64_t after) {
  std::vector<Revision> revisions;
  const absl::Status status = log.Read(after, kAllRevisions, [&](Revision revision) {
    revisions.push_back(std::move(revision));
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return revisions;
}

std::string Bytes(uint64_t seed, size_t size) {
  std::mt19937_64 random(seed);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

Proposal NumberedProposal(int64_t number) {
  std::mt19937_64 random(number);
  std::vector<Change> changes;
  for (uint64_t i = 0, count = 1 + random() % 4; i < count; ++i) {
    const std::string name = absl::StrCat("things/n", number, "-", i);
    if (random() % 8 == 0) {
      changes.push_back(Delete(name));
    } else {
      // Mostly small, and now and then spread over several pages of any store.
      changes.push_back(Put(name, Bytes(random(), random() % (random() % 8 == 0 ? 20000 : 300))));
    }
  }
  return Writes(number % 3 == 0 ? "" : absl::StrCat("request-", number), std::move(changes));
}

bool IsWholeNumbered(const Revision& revision) {
  const Proposal expected = NumberedProposal(revision.number);
  return revision.request_id == expected.request_id &&
         revision.request_fingerprint == expected.request_fingerprint &&
         revision.changes == expected.changes;
}

}  // namespace entente::log
