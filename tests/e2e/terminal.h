// SPDX-License-Identifier: Apache-2.0
//
// A program on a terminal: a pseudo-terminal whose other end is the test.
//
//   OnTerminal(Binary("entente"), {"list", "places"}, {.columns = 60}).out   // lines of at most 60
#ifndef ENTENTE_TESTS_E2E_TERMINAL_H_
#define ENTENTE_TESTS_E2E_TERMINAL_H_

#include <string>
#include <vector>

#include "tests/e2e/process.h"

namespace entente::e2e {

struct TerminalOptions {
  int columns = 80;
  // "NAME=VALUE", beside PATH and "TERM=xterm": all of the environment.
  std::vector<std::string> environment;
};

// Runs the program to its end. `out` is all that it wrote to the terminal, standard error too, with
// plain line feeds.
Finished OnTerminal(const std::string& program, const std::vector<std::string>& arguments,
                    const TerminalOptions& options);

}  // namespace entente::e2e

#endif  // ENTENTE_TESTS_E2E_TERMINAL_H_
