// The files of a process: its executable, those that it maps, those that it has open.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/open_file.h"
#include "target/process_directory.h"

namespace goshawk::target {

// What is opened is a readable descriptor that the caller closes. Denied where the system forbids
// it, with the remedy; Missing where the process is gone, or the file is not as the process has it.
Result<int> open_executable(const ProcessDirectory& directory);
Result<int> open_mapped_file(const ProcessDirectory& directory, const Mapping& mapping);
// By its path in the process' root.
Result<int> open_in_root(const ProcessDirectory& directory, const std::string& path);

// What each of the descriptors leads to now; of no kind where that is not to be had.
std::vector<OpenFile> read_open_files(const ProcessDirectory& directory,
                                      std::span<const std::uint32_t> descriptors);
// Adds their addresses to sockets, of those that the kernel lists.
void find_socket_addresses(const ProcessDirectory& directory, std::vector<OpenFile>& files);

}  // namespace goshawk::target
