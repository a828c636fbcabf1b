// A path is walked from its root. Of each object it is known what is in it (a Content) as far as
// the step before told: the type of the field that pointed to it, or else its own if it is known.
// In the object the word is looked up that points to the next one; where it lies in the type is the
// text, what it is the next Content.
//
// A map's entries lie behind its header: in buckets (runtime/map.go hmap, up to 1.23), or in
// groups, directly or behind a directory of tables (internal/runtime/maps Map, since 1.24). Which
// of the two a map has, its own storage type tells by its first field.
//
// Not told: which entry of a map or a slice it is, and anything that the program itself wrote.
#include "goruntime/path_describer.h"

#include <fmt/format.h>

#include <algorithm>

#include "goruntime/page_cache.h"
#include "goruntime/symbols/global_users.h"
#include "goruntime/types/place_in_type.h"
#include "goruntime/typing/global_variables.h"
#include "goruntime/typing/path_types.h"
#include "goruntime/typing/static_objects.h"

namespace goshawk::goruntime {

using snapshot::HoldingPath;
using snapshot::ObjectId;
using snapshot::RootKind;

namespace {

constexpr std::uint64_t kMostBytesOfAnObject = 4 << 20;
constexpr std::size_t kMostSteps = 64;
constexpr std::uint64_t kDirectoryLength = 24;  // in maps.Map: 0 says that dirPtr is a group

// What is in an object.
struct Content {
  enum class Shape : std::uint8_t {
    kUnknown,
    kValues,     // of `type`, one behind the other
    kMapHeader,  // of a map of `type`
    kMapInside,  // what leads from it to its storage
    kMapStorage,
    kChannel,    // of `type`
    kChannelOf,  // of elements of `type`
    kClosure,
  };
  Shape shape = Shape::kUnknown;
  Address type;
  int depth = 0;           // kMapInside: how many steps before the storage
  bool is_many = false;    // kValues: of a slice
  bool is_box = false;     // kValues: what an interface holds, not what it points to
  std::uint64_t into = 0;  // kValues: where in the object it begins, to which a pointer leads
};

// "struct { F uintptr; ... }" and the like say less than they take to read.
constexpr std::size_t kLongestName = 60;
bool is_readable(std::string_view type) {
  std::size_t fields = type.find("struct { ");
  return !type.empty() && type.size() <= kLongestName && fields == std::string_view::npos;
}

class Describer final : public snapshot::PathDescriber {
 public:
  Describer(const target::Target& target, const Program& program, const Heap& heap,
            const snapshot::Snapshot& picture, PathWords words)
      : memory_(target.memory()),
        program_(program),
        picture_(picture),
        with_types_(words == PathWords::kFieldsAndTypes),
        header_bytes_(heap.header_bytes_of_spans()),
        cache_(memory_),
        types_(cache_, program.modules),
        variables_(program, types_),
        users_(memory_, program.modules, program.functions) {}

  std::string describe(const HoldingPath& path) override {
    if (path.objects.empty() && path.root.kind == RootKind::kGlobal)
      return describe_lock(path.root.source);
    Content content;
    std::string text = describe_root(path, content);
    if (path.goid == 0 && path.root.kind == RootKind::kGlobal)
      begin_at(cache_.pointer(path.root.source).value(), path.objects.front(), content);
    std::size_t shown = path.objects.size();
    if (shown > kMostSteps + 1) shown = kMostSteps;  // one step is as short as its count
    std::span<const ObjectId> objects = std::span(path.objects).first(shown);
    std::size_t untold = 0;
    for (; objects.size() > 1; objects = objects.subspan(1)) {
      std::string step = describe_step(objects, content);
      if (step == kUntold) {
        ++untold;
        continue;
      }
      if (with_types_ && untold > 0 && names_itself(step))
        text += pass_over_to_named(untold) + step.substr(step.find('('));
      else
        text +=
            (step.starts_with(" ->") ? pass_over_before_named(untold) : pass_over(untold)) + step;
      untold = 0;
    }
    if (!objects.empty()) prefer_whole(objects, content);
    text += describe_end(objects, content, untold);
    if (shown < path.objects.size())
      text += fmt::format(" ... {} more steps", path.objects.size() - shown);
    return text;
  }

  std::string type_name(ObjectId object) override {
    Content content = content_of_object(std::span(&object, 1));
    std::string name = types_.name(content.type);
    if (!is_readable(name)) return "";
    if (content.shape == Content::Shape::kChannelOf) return "chan " + name;
    return content.is_many ? "[]" + name : name;
  }

 private:
  static constexpr std::string_view kUntold = " -> ...";

  // Steps of which nothing can be told.
  static std::string pass_over(std::size_t steps) {
    if (steps == 0) return "";
    return steps == 1   ? std::string(kUntold)
           : steps == 2 ? " -> (1 object) -> ..."
                        : fmt::format(" -> ({} objects) -> ...", steps - 1);
  }

  // What the last object is, to which the last of these steps led.
  std::string describe_end(std::span<const ObjectId> objects, const Content& content,
                           std::size_t untold) {
    if (!with_types_ || objects.empty()) return pass_over(untold);
    std::string type = name_of(content);
    if (!type.empty()) return untold == 0 ? type : pass_over_to_named(untold) + type.substr(1);
    type = content.shape == Content::Shape::kUnknown ? name_of(content_of_object(objects)) : "";
    if (type.empty()) return pass_over(untold);
    return pass_over_to_named(untold) + type.substr(1);
  }

  // Behind so many objects of which nothing is told.
  static std::string pass_over_to_named(std::size_t objects) {
    return objects == 0   ? " -> "
           : objects == 1 ? " -> (1 object) -> "
                          : fmt::format(" -> ({} objects) -> ", objects);
  }

  static bool names_itself(std::string_view step) {
    return step.starts_with(" (") || step.starts_with(" -> (");
  }

  // " (*main.server)"; "" where it says nothing to a reader.
  std::string name_of(const Content& content) {
    const std::string& type = types_.name(content.type);
    if (content.shape == Content::Shape::kClosure) return " (func)";
    if (content.shape == Content::Shape::kChannelOf)
      return is_readable(type) ? fmt::format(" (chan {})", type) : "";
    bool is_told = content.shape == Content::Shape::kValues ||
                   content.shape == Content::Shape::kMapHeader ||
                   content.shape == Content::Shape::kChannel;
    if (!is_told || !is_readable(type)) return "";
    bool is_value = content.shape == Content::Shape::kValues;
    std::string_view before = !is_value || content.is_box ? "" : content.is_many ? "[]" : "*";
    return fmt::format(" ({}{})", before, type);
  }

  // The last of these steps led to an object that is named.
  static std::string pass_over_before_named(std::size_t steps) {
    return steps < 2    ? ""
           : steps == 2 ? " -> (1 object)"
                        : fmt::format(" -> ({} objects)", steps - 1);
  }

  std::string describe_root(const HoldingPath& path, Content& content) {
    if (path.goid != 0) return fmt::format("the stack of goroutine {}", path.goid);
    switch (path.root.kind) {
      case RootKind::kGlobal:
        return describe_global(path.root.source, content);
      case RootKind::kThread:
        return "a thread";
      case RootKind::kTimer:
        return "a pending timer";
      case RootKind::kFinalizer:
        return "a finalizer";
      case RootKind::kCleanup:
        return "a cleanup";
      case RootKind::kPinned:
        return "a pinned object";
      case RootKind::kQueued:
        return "a finalizer that is due";
      case RootKind::kRuntime:
        return "the runtime";
    }
    return "";
  }

  // A lock in a global variable: the way to where it begins.
  std::string describe_lock(Address lock) {
    auto variable = variables_.find(lock);
    if (!variable) return describe_section(lock);
    auto part = variables_.find_part(*variable);
    std::string path = part ? find_lock(types_, part->type, part->offset) : "";
    bool is_there = part && (!path.empty() || part->offset == 0);
    if (is_there) path.insert(0, part->path);
    if (!is_there && variable->offset != 0)
      return fmt::format("{}+{:#x}", variable->name, variable->offset);
    return variable->name + path;
  }

  // Where no symbol tells: "a global variable in bss+0x7d0", of which module where there are
  // several.
  std::string describe_section(Address address) {
    for (const Moduledata& module : program_.modules.all)
      for (auto [range, name] : {std::pair(module.noptrdata, "noptrdata"),
                                 {module.data, "data"},
                                 {module.bss, "bss"},
                                 {module.noptrbss, "noptrbss"}})
        if (range.contains(address))
          return fmt::format("in a global variable ({}+{:#x}{})", name, address - range.start,
                             module.name.empty() ? "" : " of " + module.name);
    return "";
  }

  // A variable by the symbol table; its type by the debug information, if there is any. An
  // interface says itself what is in it.
  std::string describe_global(Address word, Content& content) {
    Address previous = cache_.pointer(word - 8);
    auto variable = variables_.find(word);
    if (!variable) {
      if (auto named = nameless().find_named(word)) {
        content = content_of(named->place, previous);
        return named->name;
      }
      content = behind_interface(previous, true);
      return describe_nameless(word);
    }
    PlaceInType place = variables_.find_place(*variable);
    content = content_of(place, previous);
    if (place.kind != TypeKind::kNone || variable->offset == 0)
      return variable->name + type_before(variables_, *variable, place.path) + place.path;
    content = behind_interface(previous, true);
    bool is_interface = variable->offset == 8 && variable->size_bytes == 16;
    if (is_interface && content.shape == Content::Shape::kUnknown)
      content = behind_interface(previous, false);
    if (is_interface && content.shape != Content::Shape::kUnknown) return variable->name;
    return fmt::format("{}+{:#x}", variable->name, variable->offset);
  }

  // By who uses it, which is all that a stripped program tells of a variable.
  std::string describe_nameless(Address word) {
    std::string users = users_.describe(word);
    return users.empty() ? fmt::format("a global at {:#x}", word.value())
                         : fmt::format("a global at {:#x} ({})", word.value(), users);
  }

  // Of a variable whose fields are named behind it.
  std::string type_before(GlobalVariables& variables, const GlobalVariables::Variable& variable,
                          std::string_view path) const {
    std::string type = with_types_ && path.starts_with(".") ? variables.type_name(variable) : "";
    return is_readable(type) ? fmt::format(" ({})", type) : "";
  }

  // As they are now, when somebody asks for the first time.
  StaticObjects& nameless() {
    if (!nameless_) {
      static_pointers_ = read_static_pointers(memory_, program_.modules);
      nameless_.emplace(static_pointers_, variables_, types_);
    }
    return *nameless_;
  }

  // What is known of a value is known of the object from where the pointer leads.
  void begin_at(std::uint64_t pointer, ObjectId object, Content& content) const {
    std::uint64_t start = picture_.objects.address(object).value() + header_bytes(object);
    if (content.shape == Content::Shape::kValues && pointer > start) content.into = pointer - start;
  }

  // Of an object to whose middle the step before led, its own type says more, if it is known.
  void prefer_whole(std::span<const ObjectId> objects, Content& content) {
    bool is_part = content.into > 0 && !content.is_many;
    if (is_part && content_of_object(objects).shape != Content::Shape::kUnknown) content = {};
  }

  // One step, from the first to the second. Of a holder of which the steps before say nothing its
  // own type is said, if it is known.
  std::string describe_step(std::span<const ObjectId> objects, Content& content) {
    prefer_whole(objects, content);
    if (content.shape != Content::Shape::kUnknown)
      return describe_known_step(objects[0], objects[1], content);
    content = content_of_object(objects);
    if (content.shape == Content::Shape::kUnknown)
      return describe_known_step(objects[0], objects[1], content);
    std::string type = with_types_ ? name_of(content) : " " + types_.name(content.type);
    std::string step = describe_known_step(objects[0], objects[1], content);
    if (step == kUntold || type.size() <= 1) return step;
    if (step.starts_with(" (")) type.clear();  // that says it
    return fmt::format(" ->{}{}", type, step);
  }

  // Which word of `holder` leads to `held`, and what that makes of `held`.
  std::string describe_known_step(ObjectId holder, ObjectId held, Content& content) {
    const snapshot::Objects& objects = picture_.objects;
    std::uint64_t header = header_bytes(holder);
    Address base = objects.address(holder) + header;
    std::uint64_t size = std::min(objects.size_bytes(holder) - header, kMostBytesOfAnObject);
    auto bytes = memory_.read_bytes(base, size);
    auto word = bytes ? find_word(*bytes, held) : std::nullopt;
    Content before = std::exchange(content, Content{});
    if (!word) return std::string(kUntold);  // it is no longer so, or lies far behind
    std::uint64_t previous =
        *word >= 8 ? load_unchecked<std::uint64_t>(bytes->data() + *word - 8) : 0;
    switch (before.shape) {
      case Content::Shape::kMapHeader:
        content = inside_of_map(before.type, *bytes);
        return "";
      case Content::Shape::kMapInside:
        content = before.depth > 1
                      ? Content{Content::Shape::kMapInside, before.type, before.depth - 1}
                      : Content{Content::Shape::kMapStorage, before.type};
        return "";
      case Content::Shape::kMapStorage: {
        std::string step = step_out_of_map(before.type, *word, previous, content);
        begin_at(load_unchecked<std::uint64_t>(bytes->data() + *word), held, content);
        return step;
      }
      case Content::Shape::kChannel:
        content = {Content::Shape::kValues, types_.element(before.type)};
        content.is_many = true;
        return "'s buffer";
      case Content::Shape::kClosure:
        return fmt::format(", captured by {}", function_at(bytes->data()));
      case Content::Shape::kValues: {
        std::string step = step_out_of_values(before, size, *word, previous, content);
        begin_at(load_unchecked<std::uint64_t>(bytes->data() + *word), held, content);
        return step;
      }
      case Content::Shape::kUnknown:
      case Content::Shape::kChannelOf:
        break;
    }
    return step_out_of_unknown(*bytes, *word, previous, content);
  }

  // Before the value: its type, in larger slots since 1.22 (mbitmap.go, "malloc header").
  std::uint64_t header_bytes(ObjectId object) const {
    const snapshot::Objects& objects = picture_.objects;
    auto span = static_cast<std::size_t>(&objects.span_of(object) - objects.spans().data());
    return span < header_bytes_.size() ? header_bytes_[span] : 0;
  }

  // Of the first of these: by the types of the picture's objects, if they were read; else by what
  // it leads to.
  Content content_of_object(std::span<const ObjectId> objects) {
    const snapshot::ObjectTypes& known = picture_.types;
    if (known.were_read() && !known.descriptors.empty()) {
      Address type = known.descriptors[known.of_objects[objects.front()]];
      if (type.is_null()) return {};
      return {types_.kind(type) == TypeKind::kMap ? Content::Shape::kMapHeader
                                                  : Content::Shape::kValues,
              type};
    }
    if (!path_types_)
      path_types_.emplace(
          memory_,
          PathFacts{.is_function_entry = [this](Address entry) { return is_entry(entry); },
                    .mappings = program_.mappings,
                    .element_type = program_.waits.hchan.elemtype},
          picture_, header_bytes_, types_);
    std::optional<View> found = path_types_->find(objects);
    return found ? content_of_view(*found) : Content{};
  }

  Content content_of_view(const View& found) {
    switch (found.shape) {
      case Shape::kValue:
      case Shape::kArray:
        return {.shape = Content::Shape::kValues,
                .type = found.type,
                .is_many = found.shape == Shape::kArray};
      case Shape::kMap:
        return {Content::Shape::kMapHeader, found.type};
      case Shape::kMapDirectory:
        return {Content::Shape::kMapInside, found.type, 2};
      case Shape::kMapTable:
        return {Content::Shape::kMapInside, found.type, 1};
      case Shape::kChannel:
        return {Content::Shape::kChannelOf, found.type};
      default:
        return {};
    }
  }

  std::optional<std::uint64_t> find_word(ByteView bytes, ObjectId held) const {
    Address base = picture_.objects.address(held);
    AddressRange range{base, base + picture_.objects.size_bytes(held)};
    for (std::uint64_t at = 0; at + 8 <= bytes.size(); at += 8)
      if (range.contains(Address(load_unchecked<std::uint64_t>(bytes.data() + at)))) return at;
    return std::nullopt;
  }

  std::string step_out_of_values(const Content& from, std::uint64_t object_bytes,
                                 std::uint64_t word, std::uint64_t previous, Content& content) {
    std::uint64_t size = types_.size_bytes(from.type);
    if (size == 0) return std::string(kUntold);
    bool is_outside = word < from.into || word >= from.into + size;
    if (from.into > 0 && !from.is_many && is_outside) return std::string(kUntold);
    PlaceInType place = find_place(types_, from.type, (word + size - from.into % size) % size);
    content = content_of(place, Address(previous));
    if (place.kind == TypeKind::kNone) return std::string(kUntold);
    // An allocation is rounded up to its size class: only a second value tells that it is many.
    bool is_array =
        from.is_many || (from.into == 0 && (word >= size || object_bytes >= 2 * size + 64));
    std::string step = is_array ? "[...]" : "";
    if (with_types_ && place.path.starts_with("."))
      step += is_array ? name_of({.shape = from.shape, .type = from.type, .is_box = true})
                       : name_of(from);
    return step + place.path;
  }

  std::string step_out_of_unknown(ByteView bytes, std::uint64_t word, std::uint64_t previous,
                                  Content& content) {
    std::string closure = function_at(bytes.data());
    if (word > 0 && !closure.empty()) return fmt::format(", captured by {}", closure);
    content = behind_interface(Address(previous), false);
    if (content.shape == Content::Shape::kUnknown)
      content = behind_interface(Address(previous), true);
    if (content.shape == Content::Shape::kUnknown || types_.name(content.type).empty() ||
        with_types_)  // the next step says it
      return std::string(kUntold);
    return fmt::format(" -> {}", types_.name(content.type));
  }

  // What a pointer-shaped place leads to; `previous` is the word before it.
  Content content_of(const PlaceInType& place, Address previous) {
    switch (place.kind) {
      case TypeKind::kPointer:
        return {Content::Shape::kValues, place.element};
      case TypeKind::kSlice:
        return {.shape = Content::Shape::kValues, .type = place.element, .is_many = true};
      case TypeKind::kMap:
        return {Content::Shape::kMapHeader, place.type};
      case TypeKind::kChan:
        return {Content::Shape::kChannel, place.type};
      case TypeKind::kFunc:
        return {Content::Shape::kClosure, {}};
      case TypeKind::kInterface:
        return place.offset == 8 ? behind_interface(previous, has_methods(place.type)) : Content{};
      default:
        return {};
    }
  }

  // abi.InterfaceType: PkgPath at 48, Methods{pointer, len, cap} at 56.
  bool has_methods(Address interface) {
    return cache_.value<std::uint64_t>(interface + 64).value_or(0) != 0;
  }

  Content behind_interface(Address first_word, bool is_itab) {
    Address type = is_itab ? types_.type_of_itab(first_word) : first_word;
    switch (types_.kind(type)) {
      case TypeKind::kNone:
        return {};
      case TypeKind::kPointer:
      case TypeKind::kMap:
      case TypeKind::kChan:
      case TypeKind::kFunc:
        return content_of({.path = "",
                           .type = type,
                           .kind = types_.kind(type),
                           .offset = 0,
                           .element = types_.element(type)},
                          {});
      default:
        return {.shape = Content::Shape::kValues, .type = type, .is_box = true};
    }
  }

  Content inside_of_map(Address map, ByteView header) {
    const StructType* storage = types_.find_struct(types_.map_storage(map));
    if (storage == nullptr || storage->members.empty()) return {};
    bool is_swiss = storage->members.front().name == "ctrl";
    std::uint64_t directory = is_swiss && fits(header, kDirectoryLength, 8)
                                  ? load_unchecked<std::uint64_t>(header.data() + kDirectoryLength)
                                  : 0;
    if (directory == 0) return {Content::Shape::kMapStorage, map};
    return {Content::Shape::kMapInside, map, 2};  // the directory, a table, its groups
  }

  // ".slots[...].elem.conn" and ".elems[...].conn" are "[...].conn" to whoever wrote the program.
  std::string step_out_of_map(Address map, std::uint64_t word, std::uint64_t previous,
                              Content& content) {
    Address storage = types_.map_storage(map);
    std::uint64_t size = types_.size_bytes(storage);
    if (size == 0) return std::string(kUntold);
    PlaceInType place = find_place(types_, storage, word % size);
    if (place.path == ".overflow") {
      content = {Content::Shape::kMapStorage, map};
      return "";
    }
    content = content_of(place, Address(previous));
    std::size_t entry = place.path.find("[...]");
    if (entry == std::string::npos) return "[...]";
    std::string inner = place.path.substr(entry + 5);
    bool is_value = inner.starts_with(".elem");
    for (std::string_view part : {".elem", ".key"})
      if (inner == part || inner.starts_with(std::string(part) + ".") ||
          inner.starts_with(std::string(part) + "["))
        inner.erase(0, part.size());
    std::string type;
    if (with_types_ && is_value && inner.starts_with("."))
      type =
          name_of({.shape = Content::Shape::kValues, .type = types_.element(map), .is_box = true});
    return "[...]" + type + inner;
  }

  bool is_entry(Address entry) const {
    FunctionId function = program_.functions.find(entry);
    return function != kNoFunction && program_.functions.entry(function) == entry;
  }

  // "" when the first word is no function's entry.
  std::string function_at(const std::byte* object) {
    Address entry(load_unchecked<std::uint64_t>(object));
    if (!is_entry(entry)) return "";
    return std::string(program_.functions.name(program_.functions.find(entry)));
  }

  const target::Memory& memory_;
  const Program& program_;
  const snapshot::Snapshot& picture_;
  bool with_types_;
  std::vector<std::uint8_t> header_bytes_;  // by span
  PageCache cache_;                         // of descriptors, which do not change
  TypeReader types_;
  GlobalVariables variables_;
  GlobalUsers users_;
  std::vector<StaticPointer> static_pointers_;
  std::optional<StaticObjects> nameless_;
  std::optional<PathTypes> path_types_;  // once something is asked that nothing else tells
};

}  // namespace

std::unique_ptr<snapshot::PathDescriber> make_path_describer(const target::Target& target,
                                                             const Program& program,
                                                             const Heap& heap,
                                                             const snapshot::Snapshot& picture,
                                                             PathWords words) {
  return std::make_unique<Describer>(target, program, heap, picture, words);
}

}  // namespace goshawk::goruntime
