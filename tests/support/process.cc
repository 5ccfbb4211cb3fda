#include "tests/support/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <simdjson.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "base/file.h"

namespace testing_support {
namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point deadline(double seconds) {
  return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

void pause_a_little() { std::this_thread::sleep_for(std::chrono::milliseconds(2)); }

std::string scratch_file(const char* kind) {
  static std::atomic<int> counter{0};
  return ::testing::TempDir() + "/slotmill_process_" + std::to_string(::getpid()) + "_" +
         std::to_string(counter++) + "." + kind;
}

std::string contents(const std::string& path) {
  const auto text = base::read_file(path);
  return text ? *text : std::string();
}

}  // namespace

Process::Process(const std::vector<std::string>& argv, const Environment& environment)
    : output_path_(scratch_file("out")), error_path_(scratch_file("err")) {
  std::vector<char*> arguments;
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ != 0) return;
  const int out = ::open(output_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int err = ::open(error_path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  const int in = ::open("/dev/null", O_RDONLY);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

Process::~Process() {
  if (running()) {
    signal(SIGKILL);
    wait();
  }
  ::unlink(output_path_.c_str());
  ::unlink(error_path_.c_str());
}

void Process::signal(int number) const {
  if (!ended_) ::kill(pid_, number);
}

bool Process::running() {
  if (!ended_ && ::waitpid(pid_, &status_, WNOHANG) == pid_) ended_ = true;
  return !ended_;
}

int Process::wait(double seconds) {
  for (const auto end = deadline(seconds); running(); pause_a_little())
    if (Clock::now() > end) return -1;
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
}

std::string Process::first_line(double seconds) {
  for (const auto end = deadline(seconds); Clock::now() < end; pause_a_little()) {
    const std::string text = output();
    if (const auto at = text.find('\n'); at != std::string::npos) return text.substr(0, at);
    if (!running()) break;
  }
  ADD_FAILURE() << "no line on stdout; stderr: " << errors();
  return {};
}

std::string Process::output() const { return contents(output_path_); }
std::string Process::errors() const { return contents(error_path_); }

Finished run_program(const std::vector<std::string>& argv, const Environment& environment) {
  Process process(argv, environment);
  const int code = process.wait();
  return {code, process.output(), process.errors()};
}

Provider::Provider(const std::vector<std::string>& options)
    : process_([&] {
        std::vector<std::string> argv{SLOTMILL_PROVIDER};
        argv.insert(argv.end(), options.begin(), options.end());
        return argv;
      }()) {
  const std::string line = process_.first_line();
  port_ = line.substr(line.rfind(' ') + 1);
}

int unused_port() {
  const base::Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) != 0) ADD_FAILURE() << "no free port";
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

std::string Provider::exchange(const std::string& request) const {
  const base::Descriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port()));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return {};
  if (::write(socket.get(), request.data(), request.size()) != static_cast<ssize_t>(request.size()))
    return {};
  std::string answer;
  char buffer[65536];
  for (ssize_t n = 0; (n = ::read(socket.get(), buffer, sizeof buffer)) > 0;)
    answer.append(buffer, static_cast<std::size_t>(n));
  return answer;
}

std::string Provider::get(const std::string& path) const {
  const std::string answer =
      exchange("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const auto body = answer.find("\r\n\r\n");
  return body == std::string::npos ? std::string() : answer.substr(body + 4);
}

std::string Provider::post(const std::string& path, const std::string& body,
                           const std::string& headers) const {
  return exchange("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers +
                  "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

std::int64_t Provider::statistic(const std::string& pointer) const {
  simdjson::dom::parser parser;
  std::int64_t value = 0;
  return parser.parse(get("/stats")).at_pointer(pointer).get(value) == simdjson::SUCCESS ? value : 0;
}

}  // namespace testing_support
