// The image of a process: build information, the pclntab's header, moduledata found by its shape.
// The input is which release's image it is, and what is changed in it (patches.h).
#include "binary/elf_writer_for_tests.h"
#include "fuzz/fuzz.h"
#include "fuzz/patches.h"
#include "goruntime/symbols/build_facts.h"
#include "goruntime/symbols/functions.h"
#include "goruntime/symbols/modules.h"
#include "goruntime/testing/synthetic_image.h"

namespace goshawk::fuzz {
namespace {

using namespace goruntime;

class FuzzedTarget : public ImageTarget {
 public:
  explicit FuzzedTarget(const target::Memory& memory) : fuzzed_(memory) {}
  const target::Memory& memory() const override { return fuzzed_; }

 private:
  const target::Memory& fuzzed_;
};

void use(const Modules& modules) {
  fuzz::use(modules.build.version.text + modules.build.main_path);
  for (const Moduledata& module : modules.all) {
    fuzz::use(module.name);
    fuzz::use(module.text_sections.size() + module.pclntab.function_count);
  }
}

}  // namespace

void run(ByteView bytes) {
  static const SyntheticImage images[] = {SyntheticImage(19), SyntheticImage(20),
                                          SyntheticImage(22), SyntheticImage(27)};
  constexpr Address kRodata = ImagePlaces::kRodata, kData = ImagePlaces::kData;
  constexpr AddressRange kPlaces[] = {{kRodata, kRodata + 0x100},
                                      {kData, kData + 0x100},
                                      {ImagePlaces::kModuledata, ImagePlaces::kModuledata + 0x300},
                                      {ImagePlaces::kPlugin, ImagePlaces::kPlugin + 0x300},
                                      {ImagePlaces::kGlobals, ImagePlaces::kGlobals + 0x200},
                                      {kRodata, kRodata + ImagePlaces::kBytes},
                                      {kData, kData + ImagePlaces::kBytes}};
  Input input(bytes);
  const SyntheticImage& sound = images[input.take() % std::size(images)];
  PatchedMemory memory(sound.target.memory_);
  patch(input, kPlaces, memory);
  FuzzedTarget target(memory);
  auto mappings = ImageTarget::mappings();
  auto modules = read_modules(target, mappings);
  if (!modules) return fuzz::use(describe(modules.error()));
  use(*modules);
  if (auto functions = Functions::read(target, mappings, *modules))
    for (std::uint64_t pc = 0x401000; pc < 0x402000; pc += 0x101) {
      FunctionId function = functions->find(Address(pc));
      fuzz::use(functions->source_frames(function, Address(pc)).size());
    }
}

std::vector<std::string> seeds() {
  using binary::Bytes;
  std::vector<std::string> all;
  for (unsigned release = 0; release < 4; ++release) {
    auto start = [&] { return Bytes().u8(release); };
    all.push_back(start().str());
    all.push_back(start().u8(5).u8(1).u16(0).u8(4).u32(0).str());  // no build information
    all.push_back(start().u8(5).u8(1).u16(32).u8(9).raw("\x08go1.45.1").str());  // a newer release
    all.push_back(start().u8(5).u8(1).u16(32).u8(8).raw("\x07unknown").str());  // an obfuscated one
    all.push_back(start().u8(5).u8(0).u16(0).u8(4).u32(0x12345678).str());      // its magic
  }
  return all;
}

}  // namespace goshawk::fuzz
