// SPDX-License-Identifier: Apache-2.0
//
// The files of templates/, which CMake puts into the binary, parsed.
#ifndef ENTENTE_SERVICES_GATEWAY_FACTSHEET_TEMPLATES_H_
#define ENTENTE_SERVICES_GATEWAY_FACTSHEET_TEMPLATES_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "kainjow/mustache.hpp"

namespace entente::gateway::factsheet {

// A file of templates/ by its name, for example "fact_sheet.html.mustache".
struct TemplateFile {
  absl::string_view name;
  absl::string_view text;
};

// All of them. Defined in a source that CMake makes of the files.
const std::vector<TemplateFile>& TemplateFiles();

using Data = kainjow::mustache::data;

// A parsed template. Rendering is thread-safe.
class Template {
 public:
  using Escape = std::function<std::string(const std::string&)>;

  // {{name}} is escaped; {{{name}}} is not, and is for what another template made. {{> file}}
  // stands for the text of a file, which is put in its place before parsing, on its line or alone
  // on one. Aborts if a file is not there or is no template: they are in the binary.
  Template(absl::string_view file, const Escape& escape);

  std::string Render(const Data& data) const;

 private:
  // Its render() changes it only for partials and lambdas, and there are none.
  mutable kainjow::mustache::mustache parsed_;
};

// A list of what is moved into it. Mustache's own lists copy all that is put into them.
Data ListOf(std::vector<Data> items);

// For a section that is left out where the text is empty.
Data TextOrNone(std::string text);

}  // namespace entente::gateway::factsheet

#endif  // ENTENTE_SERVICES_GATEWAY_FACTSHEET_TEMPLATES_H_
