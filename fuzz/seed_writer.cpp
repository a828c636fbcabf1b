// Gives every fuzzer a second mode: `x_fuzz --write-seeds FOLDER` writes what its seeds() makes,
// one file each, and ends.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "fuzz/fuzz.h"

namespace goshawk::fuzz {
namespace {

void write_seeds(const std::filesystem::path& folder) {
  std::size_t number = 0;
  for (const std::string& seed : seeds()) {
    std::ofstream file(folder / ("seed-" + std::to_string(number++)), std::ios::binary);
    file << seed;
    if (!file.flush()) std::exit(1);
  }
}

}  // namespace
}  // namespace goshawk::fuzz

// libFuzzer's own name for what runs before anything else.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  if (*argc == 3 && std::string_view((*argv)[1]) == "--write-seeds") {
    goshawk::fuzz::write_seeds((*argv)[2]);
    std::exit(0);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size_bytes) {
  goshawk::fuzz::run({reinterpret_cast<const std::byte*>(data), size_bytes});
  return 0;
}
