// SPDX-License-Identifier: Apache-2.0
//
// A fact sheet as a text to be read. What it looks like is in templates/*.mustache, which are in
// the binary; this gives them their data. What the record says is escaped wherever it stands: for
// HTML so that it is text and nothing else, for Markdown so that no character of it means anything.
#ifndef ENTENTE_SERVICES_GATEWAY_FACTSHEET_RENDER_H_
#define ENTENTE_SERVICES_GATEWAY_FACTSHEET_RENDER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "entente/gateway/v1/fact_sheet.pb.h"

namespace entente::gateway::factsheet {

// GitHub Flavored Markdown with footnotes. Thread-safe.
std::string RenderMarkdown(const v1::FactSheet& sheet);

// A page of its own: HTML5 that is well-formed XML as well. Thread-safe.
std::string RenderHtml(const v1::FactSheet& sheet);

// The text with whatever means something to a Markdown parser escaped. For one line.
std::string EscapeMarkdown(absl::string_view text);

// The text with whatever means something in HTML or XML escaped, in content and in attributes in
// double quotes.
std::string EscapeHtml(absl::string_view text);

}  // namespace entente::gateway::factsheet

#endif  // ENTENTE_SERVICES_GATEWAY_FACTSHEET_RENDER_H_
