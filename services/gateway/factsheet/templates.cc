// SPDX-License-Identifier: Apache-2.0
#include "services/gateway/factsheet/templates.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace entente::gateway::factsheet {
namespace {

// Files that contain each other end here.
constexpr int kMaxDepth = 8;

constexpr absl::string_view kPartial = "{{> ";
constexpr absl::string_view kEnd = "}}";

// The text of a file with those that it names in their places.
std::string Expanded(absl::string_view file, int depth) {
  const auto& files = TemplateFiles();
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const TemplateFile& f) { return f.name == file; });
  if (found == files.end() || depth > kMaxDepth) std::abort();
  absl::string_view text = found->text;
  std::string expanded;
  while (true) {
    const size_t at = text.find(kPartial);
    if (at == absl::string_view::npos) break;
    absl::StrAppend(&expanded, text.substr(0, at));
    text.remove_prefix(at + kPartial.size());
    const size_t end = text.find(kEnd);
    if (end == absl::string_view::npos) std::abort();
    // A file ends with a line break, which the place that names it has itself.
    absl::StrAppend(&expanded, absl::StripSuffix(Expanded(text.substr(0, end), depth + 1), "\n"));
    text.remove_prefix(end + kEnd.size());
  }
  return absl::StrCat(expanded, text);
}

}  // namespace

Template::Template(absl::string_view file, const Escape& escape) : parsed_(Expanded(file, 0)) {
  if (!parsed_.is_valid()) std::abort();
  parsed_.set_custom_escape(escape);
}

std::string Template::Render(const Data& data) const {
  std::string text;
  parsed_.render(data, [&text](const std::string& piece) { text.append(piece); });
  return text;
}

Data ListOf(std::vector<Data> items) {
  Data data(Data::type::list);
  // The list is the data's own and not const; only the access to it is.
  auto& list = const_cast<kainjow::mustache::list&>(data.list_value());  // NOLINT
  list = std::move(items);
  return data;
}

Data TextOrNone(std::string text) { return text.empty() ? Data(false) : Data(text); }

}  // namespace entente::gateway::factsheet
