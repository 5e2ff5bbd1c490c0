// SPDX-License-Identifier: Apache-2.0
//
// A resource as it goes over the wire: serialised when it is first asked for by itself and kept as
// long as the resource, so that who asks for it again gets bytes that are ready. Bytes only of what
// is asked for so: lists use what is there and keep nothing.
//
//   const WireForms forms(message);
//   const std::string& bytes = forms.Of(/*full=*/true);
#ifndef ENTENTE_COMMON_RESOURCE_WIRE_H_
#define ENTENTE_COMMON_RESOURCE_WIRE_H_

#include <google/protobuf/message.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace entente::resource {

// Thread-safe.
class WireForms {
 public:
  explicit WireForms(std::shared_ptr<const google::protobuf::Message> message)
      : message_(std::move(message)) {}
  WireForms(const WireForms&) = delete;
  WireForms& operator=(const WireForms&) = delete;
  ~WireForms();

  // All of it (`full`), or the BASIC view. Valid as long as this.
  const std::string& Of(bool full) const;

  // The same for those who ask for very many: nothing is kept that is not already, but made in
  // `scratch`, and valid as long as that stays as it is.
  absl::string_view Of(bool full, std::string* scratch) const;

 private:
  std::string Make(bool full) const;

  const std::shared_ptr<const google::protobuf::Message> message_;
  // Null until asked for.
  mutable std::atomic<const std::string*> full_{nullptr};
  mutable std::atomic<const std::string*> basic_{nullptr};
};

// Clears what the BASIC view leaves out of `resource`; nothing if `full`.
void ApplyView(google::protobuf::Message* resource, bool full);

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_WIRE_H_
