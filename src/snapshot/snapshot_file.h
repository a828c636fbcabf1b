// A picture in a file: saved in one place, analysed in another. What is loaded is the same picture
// to every analysis and report.
//
// It holds addresses, sizes, states, the names in the executable and what the network waits are
// for (addresses, paths of sockets and files), and none of the program's own bytes: the labels of
// goroutines, the only strings of the program's making, are left out unless asked for.
#pragma once

#include <cstdint>
#include <string>

#include "base/byte_view.h"
#include "base/result.h"
#include "snapshot/block_reader.h"
#include "snapshot/snapshot.h"

namespace goshawk::snapshot {

struct SaveOptions {
  bool labels = false;
  int compression = 1;  // zstd's level; 0: none
};

// Writes to a descriptor, a pipe too; `name` is for messages. Gives the size in bytes.
Result<std::uint64_t> save(const Snapshot& snapshot, int descriptor, const std::string& name,
                           const SaveOptions& options = {});

// Whether a file that begins so is a snapshot: 8 bytes are enough to tell.
bool is_snapshot_file(ByteView first_bytes);

// The file is hostile: whatever it holds, the picture that is given can be analysed safely.
Result<Snapshot> load(const std::string& path);
Result<Snapshot> load(int descriptor, const std::string& name, const LoadLimits& limits = {});

}  // namespace goshawk::snapshot
