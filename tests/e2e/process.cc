// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

extern char** environ;

namespace entente::e2e {
namespace {

namespace fs = std::filesystem;

// How much of a process's output is shown if a test fails.
constexpr size_t kShownBytes = 4000;

[[noreturn]] void Die(const std::string& doing) {
  std::perror(doing.c_str());
  std::abort();
}

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) Die(absl::StrCat("run this test through ctest, which sets ", name));
  return value;
}

std::vector<std::string> EnvironmentWith(const std::vector<std::string>& more) {
  std::vector<std::string> all;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!absl::StartsWith(*variable, "ENTENTE_")) all.emplace_back(*variable);
  }
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

int OpenForOutput(const std::string& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) Die(path);
  return fd;
}

// Ports that the system gives to outgoing connections: a server must not be restarted on one, for
// somebody's connection may have it by then, even the one that tries to reach that server.
int LowestEphemeralPort() {
  std::ifstream range("/proc/sys/net/ipv4/ip_local_port_range");
  int low = 0;
  return range >> low && low > 12000 ? low : 32768;
}

}  // namespace

std::string Binary(const std::string& name) {
  return absl::StrCat(Variable("ENTENTE_BIN_DIR"), "/", name);
}

std::string Source(const std::string& path) {
  return absl::StrCat(Variable("ENTENTE_SOURCE_DIR"), "/", path);
}

std::string ReadFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::stringstream content;
  content << stream.rdbuf();
  return content.str();
}

void WriteFile(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary) << content;
}

TempDir::TempDir() : path_((fs::temp_directory_path() / "entente-e2e-XXXXXX").string()) {
  if (mkdtemp(path_.data()) == nullptr) Die(path_);
}

TempDir::~TempDir() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Port::Port() {
  constexpr int kLowest = 10'000;
  std::random_device random;
  std::uniform_int_distribution<int> any(kLowest, LowestEphemeralPort() - 1);
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    number_ = any(random);
    address.sin_port = htons(static_cast<uint16_t>(number_));
    // Bound without SO_REUSEADDR nobody else has it; with it set afterwards, and without listening,
    // a server that sets it too can have the port, and another test that looks for one cannot.
    const int yes = 1;
    if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0) {
      fd_ = fd;
      return;
    }
    close(fd);
  }
  Die("no free port");
}

Port::~Port() { close(fd_); }

std::string Port::address() const { return absl::StrCat("127.0.0.1:", number_); }

std::ostream& operator<<(std::ostream& stream, const Ending& ending) {
  if (ending.code.has_value()) return stream << "exit code " << *ending.code;
  return stream << "signal " << ending.signal.value_or(0);
}

Process::Process(const std::string& program, const std::vector<std::string>& arguments,
                 const TempDir& dir, const std::vector<std::string>& environment)
    : command_(
          absl::StrCat(fs::path(program).filename().string(), " ", absl::StrJoin(arguments, " "))) {
  static std::atomic<int> count{0};
  const std::string base =
      absl::StrCat(dir.path(), "/", fs::path(program).filename().string(), "-", ++count);
  out_path_ = base + ".out";
  err_path_ = base + ".err";
  // Everything that allocates is done before the fork: other threads may hold the heap's locks.
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = EnvironmentWith(environment);
  const std::vector<char*> argv = Pointers(words);
  const std::vector<char*> envp = Pointers(variables);
  const int out = OpenForOutput(out_path_);
  const int err = OpenForOutput(err_path_);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) Die("fork");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execve(argv[0], argv.data(), envp.data());
    constexpr char kMessage[] = "cannot be executed\n";
    (void)!write(STDERR_FILENO, kMessage, sizeof(kMessage) - 1);
    _exit(127);
  }
  close(out);
  close(err);
  pidfd_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (pidfd_ < 0) Die("pidfd_open");
}

Process::~Process() {
  if (!ending_.has_value()) {
    Signal(SIGKILL);
    Wait();
  }
  close(pidfd_);
  if (!testing::Test::HasFailure()) return;
  for (const std::string& path : {out_path_, err_path_}) {
    std::string text = ReadFile(path);
    if (text.empty()) continue;
    if (text.size() > kShownBytes) text = "..." + text.substr(text.size() - kShownBytes);
    std::cerr << "----- " << command_ << " (process " << pid_ << ", " << *ending_ << "):\n"
              << text << "-----\n";
  }
}

void Process::Signal(int signal) const {
  if (!ending_.has_value()) syscall(SYS_pidfd_send_signal, pidfd_, signal, nullptr, 0);
}

std::optional<Ending> Process::Wait(absl::Duration patience) {
  if (ending_.has_value()) return ending_;
  pollfd ready = {pidfd_, POLLIN, 0};
  if (poll(&ready, 1, static_cast<int>(absl::ToInt64Milliseconds(patience))) <= 0) {
    return std::nullopt;
  }
  int status = 0;
  if (waitpid(pid_, &status, 0) != pid_) Die("waitpid");
  ending_ = WIFEXITED(status) ? Exited(WEXITSTATUS(status)) : KilledBy(WTERMSIG(status));
  return ending_;
}

Finished RunToEnd(const std::string& program, const std::vector<std::string>& arguments,
                  const TempDir& dir, const std::vector<std::string>& environment) {
  Process process(program, arguments, dir, environment);
  Finished finished;
  finished.ending = process.Wait();
  finished.out = process.Output();
  finished.err = process.Errors();
  return finished;
}

}  // namespace entente::e2e
