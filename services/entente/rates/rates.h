// SPDX-License-Identifier: Apache-2.0
//
// `entente rates load`: exchange rates from their publishers' files (rate_files.h) into funding, a
// resource for each currency and, of daily rates, calendar year. Loading the same file twice
// changes nothing; a file with fewer or other days than a series has adds to it, so that the
// history can be loaded once and each day's file after it.
#ifndef ENTENTE_SERVICES_ENTENTE_RATES_RATES_H_
#define ENTENTE_SERVICES_ENTENTE_RATES_RATES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/client/peer.h"

namespace entente {

// Reads all files, and if none has a fault applies them, in change sets of at most
// resource::kMaxChanges changes and about 2 MiB. Writes what it does to standard output, and every
// fault with its file and line to standard error. `patience`: for each call.
// FAILED_PRECONDITION if a file has a fault; ABORTED if somebody else changed the same series
// meanwhile; otherwise the errors of the service. What was applied before an error stays, and
// loading again does the rest.
absl::Status LoadRates(const std::vector<std::string>& paths, client::Peer* funding,
                       absl::Duration patience);

}  // namespace entente

#endif  // ENTENTE_SERVICES_ENTENTE_RATES_RATES_H_
