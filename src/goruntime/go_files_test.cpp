#include "goruntime/go_files.h"

#include <elf.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <map>
#include <string>

#include "binary/elf_writer_for_tests.h"

namespace goshawk::goruntime {
namespace {

std::string file_with(const std::string& section) {
  binary::ElfWriter writer;
  writer.section(section, SHT_PROGBITS, "x");
  return writer.write();
}

// Its files by their path; counts how often one was opened.
class MappingTarget : public target::Target {
 public:
  std::map<std::string, std::string> files;
  mutable int opened = 0;

  Result<int> open_mapped_file(const target::Mapping& mapping) const override {
    auto found = files.find(mapping.path);
    if (found == files.end()) return fail(Missing{mapping.path, ""});
    ++opened;
    int fd = ::memfd_create("file", MFD_CLOEXEC);
    std::string_view bytes = found->second;
    EXPECT_EQ(::write(fd, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    return fd;
  }
  std::string kind() const override { return "process"; }
  binary::Machine machine() const override { return binary::Machine::kX86_64; }
  std::int64_t pid() const override { return 1; }
  std::string executable_path() const override { return ""; }
  Result<int> open_executable() const override { return fail(Missing{"executable", ""}); }
  const target::Memory& memory() const override { std::abort(); }
  Result<std::vector<target::Mapping>> read_mappings() const override {
    return fail(Missing{"mappings", ""});
  }
  Result<std::unique_ptr<target::Stop>> stop() override { return fail(Missing{"", ""}); }
  Result<std::int64_t> read_monotonic_ns() const override { return fail(Missing{"", ""}); }
};

target::Mapping mapping_of(const std::string& path, std::uint64_t inode, bool executable = true) {
  target::Mapping mapping;
  mapping.path = path;
  mapping.inode = inode;
  mapping.executable = executable;
  return mapping;
}

bool may_be_go(const std::string& file) {
  MappingTarget target;
  target.files["/file"] = file;
  return GoFiles().may_be_among(target, {mapping_of("/file", 1)});
}

TEST(GoFiles, AreToldByTheirSections) {
  EXPECT_TRUE(may_be_go(file_with(".gopclntab")));
  EXPECT_TRUE(may_be_go(file_with(".data.rel.ro.gopclntab")));
  EXPECT_TRUE(may_be_go(file_with(".go.buildinfo")));
  EXPECT_FALSE(may_be_go(file_with(".text")));
  EXPECT_FALSE(may_be_go("no ELF file"));
}

TEST(GoFiles, WhatTellsNothingMayBeGo) {
  binary::ElfWriter packed;
  EXPECT_TRUE(may_be_go(packed.write(false)));
  EXPECT_TRUE(GoFiles().may_be_among(MappingTarget(), {mapping_of("/gone", 1)}));
}

TEST(GoFiles, OnlyFilesWithCodeAreLookedInto) {
  MappingTarget target;
  target.files = {{"/font", file_with(".gopclntab")}, {"/lib", file_with(".text")}};
  GoFiles files;
  EXPECT_FALSE(files.may_be_among(
      target, {mapping_of("/font", 1, false), mapping_of("[vdso]", 0), mapping_of("/lib", 2)}));
  EXPECT_EQ(target.opened, 1);
}

TEST(GoFiles, EachIsLookedIntoOnce) {
  MappingTarget target;
  target.files = {{"/lib", file_with(".text")}, {"/go", file_with(".gopclntab")}};
  GoFiles files;
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(files.may_be_among(target, {mapping_of("/lib", 2), mapping_of("/lib", 2)}));
    EXPECT_TRUE(files.may_be_among(target, {mapping_of("/lib", 2), mapping_of("/go", 3)}));
  }
  EXPECT_EQ(target.opened, 2);
  target::Mapping elsewhere = mapping_of("/go", 2);  // the same number on another device
  elsewhere.device = 7;
  EXPECT_TRUE(files.may_be_among(target, {elsewhere}));
}

}  // namespace
}  // namespace goshawk::goruntime
