// SPDX-License-Identifier: Apache-2.0
//
// How far the data services are: what an answer that was composed may be given again by, as long
// as none of them has a newer revision.
#ifndef ENTENTE_SERVICES_GATEWAY_ANSWERS_FRONTIER_H_
#define ENTENTE_SERVICES_GATEWAY_ANSWERS_FRONTIER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace entente::gateway {

// The newest revision of each data service.
struct Frontier {
  int64_t catalogue = 0;
  int64_t funding = 0;
  int64_t events = 0;

  friend bool operator==(const Frontier&, const Frontier&) = default;
};

// What is known of the newest revision of one service. Thread-safe.
class Newest {
 public:
  virtual ~Newest() = default;

  // nullopt while it is not certain.
  virtual std::optional<int64_t> Get() const = 0;
};

// Of a service in this process: always certain.
class DirectNewest final : public Newest {
 public:
  explicit DirectNewest(std::function<int64_t()> revision) : revision_(std::move(revision)) {}

  std::optional<int64_t> Get() const override { return revision_(); }

 private:
  const std::function<int64_t()> revision_;
};

// Of all three. Thread-safe.
class Frontiers {
 public:
  Frontiers(std::unique_ptr<Newest> catalogue, std::unique_ptr<Newest> funding,
            std::unique_ptr<Newest> events)
      : catalogue_(std::move(catalogue)),
        funding_(std::move(funding)),
        events_(std::move(events)) {}

  // nullopt while it is not certain for one of them.
  std::optional<Frontier> Now() const;

 private:
  const std::unique_ptr<Newest> catalogue_;
  const std::unique_ptr<Newest> funding_;
  const std::unique_ptr<Newest> events_;
};

}  // namespace entente::gateway

#endif  // ENTENTE_SERVICES_GATEWAY_ANSWERS_FRONTIER_H_
