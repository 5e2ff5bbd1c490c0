// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/terminal.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"

namespace entente::e2e {
namespace {

// What is written to the terminal until all its writers have gone; false if they have not in time.
bool ReadAll(int terminal, absl::Time until, std::string* all) {
  while (absl::Now() < until) {
    pollfd ready = {terminal, POLLIN, 0};
    if (poll(&ready, 1, static_cast<int>(absl::ToInt64Milliseconds(until - absl::Now()))) <= 0) {
      break;
    }
    char buffer[4096];
    const ssize_t count = read(terminal, buffer, sizeof(buffer));
    if (count <= 0) return true;  // EIO: nobody has the other end open any more.
    all->append(buffer, static_cast<size_t>(count));
  }
  return false;
}

}  // namespace

Finished OnTerminal(const std::string& program, const std::vector<std::string>& arguments,
                    const TerminalOptions& options) {
  // Before the fork: nothing may be allocated after it.
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const char* path = std::getenv("PATH");
  std::vector<std::string> variables = {absl::StrCat("PATH=", path == nullptr ? "" : path),
                                        "TERM=xterm"};
  variables.insert(variables.end(), options.environment.begin(), options.environment.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<char*> envp;
  for (std::string& variable : variables) envp.push_back(variable.data());
  envp.push_back(nullptr);

  winsize size = {};
  size.ws_row = 24;
  size.ws_col = static_cast<unsigned short>(options.columns);  // NOLINT: its type.
  int terminal = -1;
  const pid_t child = forkpty(&terminal, nullptr, nullptr, &size);
  if (child == 0) {
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  Finished finished;
  if (child < 0) {
    ADD_FAILURE() << "no pseudo-terminal";
    return finished;
  }
  if (!ReadAll(terminal, absl::Now() + kPatience, &finished.out)) {
    ADD_FAILURE() << "the program still runs, and has written:\n" << finished.out;
    kill(child, SIGKILL);
  }
  absl::StrReplaceAll({{"\r\n", "\n"}}, &finished.out);
  int status = 0;
  waitpid(child, &status, 0);
  close(terminal);
  if (WIFEXITED(status)) finished.ending = Exited(WEXITSTATUS(status));
  if (WIFSIGNALED(status)) finished.ending = KilledBy(WTERMSIG(status));
  return finished;
}

}  // namespace entente::e2e
