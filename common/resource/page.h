// SPDX-License-Identifier: Apache-2.0
//
// The pages of a list (https://google.aip.dev/158): how long they are, and the tokens from one to
// the next. For any request with the fields `page_size` and `page_token`.
//
//   const size_t size = PageSize(request, &violations);
//   const PageTokens tokens(request);
//   const auto place = tokens.Open(request, 1, &violations);   // {"places/x"} or none
//   ...
//   response->set_next_page_token(tokens.Seal({last_name}));
#ifndef ENTENTE_COMMON_RESOURCE_PAGE_H_
#define ENTENTE_COMMON_RESOURCE_PAGE_H_

#include <google/protobuf/message.h>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/status/errors.h"

namespace entente::resource {

inline constexpr int kDefaultPageSize = 50;
inline constexpr int kMaxPageSize = 1000;
// A page ends with the resource that fills it to this, in bytes, since clients take messages of no
// more than 4 MiB unless they are told otherwise.
inline constexpr size_t kPageBytes = size_t{2} << 20;

// From 1 to kMaxPageSize, kDefaultPageSize where the request says nothing; negative is a violation.
size_t PageSize(const google::protobuf::Message& request, Violations* violations);

// The tokens of a list. A token is bound to the type of the request and to all of its fields but
// `page_size`, so that the list that it leads on in is the one that it was made in.
class PageTokens {
 public:
  // `order`: the canonical form of `order_by`, if the request has that: its spelling may differ.
  explicit PageTokens(const google::protobuf::Message& request, absl::string_view order = "");

  // What the request's token was made of, `count` fields; none on the first page, and with a
  // violation where it is not a token of this list.
  std::optional<std::vector<std::string>> Open(const google::protobuf::Message& request,
                                               size_t count, Violations* violations) const;

  // The token for the page that begins at `place`, whatever that is made of.
  std::string Seal(const std::vector<std::string>& place) const;

 private:
  std::string purpose_;
  std::string fingerprint_;
};

// Notes that a token leads nowhere in this list.
void AddForeignToken(Violations* violations);

}  // namespace entente::resource

#endif  // ENTENTE_COMMON_RESOURCE_PAGE_H_
