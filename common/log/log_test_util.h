// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the log write proposals and read them back with.
//
//   log->Append(0, {Writes("request-1", {Put("a", "1"), Delete("b")})});
//   EXPECT_THAT(ReadAll(*log)[0].changes, ElementsAre(Put("a", "1"), Delete("b")));

#ifndef ENTENTE_COMMON_LOG_LOG_TEST_UTIL_H_
#define ENTENTE_COMMON_LOG_LOG_TEST_UTIL_H_

#include <cstdint>
#include <string>
#include <vector>

#include "common/log/log.h"

namespace entente::log {

Change Put(std::string name, std::string body);
Change Delete(std::string name);
Change Undelete(std::string name);
Change Erase(std::string name);

// A proposal with a request id (which may be empty); the fingerprint is made from the id.
Proposal Writes(std::string request_id, std::vector<Change> changes);
std::string FingerprintOf(const std::string& request_id);

// Every revision after `after`; fails the running test if it cannot be read.
std::vector<Revision> ReadAll(Log& log, int64_t after = 0);

// Bytes that look random and are the same for the same seed: zeros and all.
std::string Bytes(uint64_t seed, size_t size);

// The proposal that the heavy tests append as revision `number`: everything in it follows from the
// number, so that a reader can tell whether a revision is whole without having seen it written.
Proposal NumberedProposal(int64_t number);

// Whether `revision` is, in every byte, what NumberedProposal(its number) became.
bool IsWholeNumbered(const Revision& revision);

}  // namespace entente::log

#endif  // ENTENTE_COMMON_LOG_LOG_TEST_UTIL_H_
