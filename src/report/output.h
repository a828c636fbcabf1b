// Where a report is written to: reports stream into an Output, so that a million goroutines never
// stand in memory as text.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/whole_file.h"

namespace goshawk::report {

class Output {
 public:
  virtual ~Output() = default;
  // After the first failure writes do nothing; finish() reports it.
  virtual void write(std::string_view text) = 0;
  // False when nothing more can be written: a long report may stop early.
  virtual bool usable() const { return true; }
};

class StringOutput : public Output {
 public:
  void write(std::string_view text) override { text_ += text; }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// A file descriptor or a file, buffered.
class FileOutput : public Output {
 public:
  // To a descriptor that stays the caller's: standard output.
  static std::unique_ptr<FileOutput> to_descriptor(int descriptor, std::string name);
  // To a file that appears whole or not at all.
  static Result<std::unique_ptr<FileOutput>> to_file(const std::string& path);

  FileOutput(const FileOutput&) = delete;
  ~FileOutput() override = default;  // without finish(): the file does not appear

  void write(std::string_view text) override;
  bool usable() const override { return error_ == 0; }
  void flush();  // what is buffered: for somebody who reads along
  // Flushes, puts the file in its place. Must be called once, at the end.
  Result<void> finish();
  // The reader of a pipe has gone (EPIPE): not an error of ours, and nobody is there to be told.
  bool reader_has_gone() const;

 private:
  FileOutput() = default;
  void fail_with(int error);

  int descriptor_ = -1;
  std::optional<WholeFile> file_;  // nothing: the descriptor is the caller's
  std::string name_;               // for messages
  std::string buffer_;
  int error_ = 0;  // errno of the first failure
};

}  // namespace goshawk::report
