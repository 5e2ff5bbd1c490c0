// SPDX-License-Identifier: Apache-2.0
#include "benchmarks/point_reads/processes.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace entente::benchmarks {
namespace {

namespace fs = std::filesystem;

// The file that a program writes to; one after the other, where it is run again.
std::string OutputOf(const std::string& program, const Scratch& scratch) {
  return scratch.File(fs::path(program).filename().string() + ".out");
}

pid_t Start(const std::string& program, const std::vector<std::string>& arguments,
            const Scratch& scratch) {
  // Everything that allocates is done before the fork: other threads may hold the heap's locks.
  std::vector<std::string> words = {program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const std::string output = OutputOf(program, scratch);
  const int out = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (out < 0) Die(output);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) Die("fork");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(127);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    execv(argv[0], argv.data());
    _exit(127);
  }
  close(out);
  return pid;
}

absl::Duration CpuTimeOf(clockid_t clock) {
  timespec time = {};
  if (clock_gettime(clock, &time) != 0) Die("the processor time of a server; has it ended?");
  return absl::DurationFromTimespec(time);
}

}  // namespace

void Die(const std::string& what) {
  std::fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what.c_str(),
               std::strerror(errno));
  std::exit(1);
}

std::string OwnDirectory() { return fs::read_symlink("/proc/self/exe").parent_path().string(); }

Scratch::Scratch() : path_((fs::temp_directory_path() / "entente-bench-XXXXXX").string()) {
  if (mkdtemp(path_.data()) == nullptr) Die(path_);
}

Scratch::~Scratch() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string FreeAddress() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    Die("no free port");
  }
  close(fd);
  return absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
}

Server::Server(const std::string& program, const std::vector<std::string>& arguments,
               const Scratch& scratch)
    : pid_(Start(program, arguments, scratch)) {}

Server::~Server() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

absl::Duration Server::CpuTime() const {
  clockid_t clock = {};
  if (clock_getcpuclockid(pid_, &clock) != 0) Die("the clock of a server");
  return CpuTimeOf(clock);
}

absl::Duration OwnCpuTime() { return CpuTimeOf(CLOCK_PROCESS_CPUTIME_ID); }

void Run(const std::string& program, const std::vector<std::string>& arguments,
         const Scratch& scratch) {
  const pid_t pid = Start(program, arguments, scratch);
  int status = 0;
  if (waitpid(pid, &status, 0) != pid) Die("waitpid");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return;
  std::cerr << std::ifstream(OutputOf(program, scratch)).rdbuf();
  std::cerr << "point_reads: " << program << " " << arguments[0] << " failed\n";
  std::exit(1);
}

}  // namespace entente::benchmarks
