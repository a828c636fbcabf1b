// One description for each object that is held: an analysis asks for one path to it, the shortest,
// and asks for the same one of the same picture. And one for each lock in a global variable.
#include "snapshot/told_paths.h"

#include <algorithm>

namespace goshawk::snapshot {

std::string ToldPaths::describe(const HoldingPath& path) {
  if (path.objects.empty()) {
    auto told =
        std::ranges::lower_bound(picture_.told_locks, path.root.source, {}, &ToldLock::lock);
    bool found = told != picture_.told_locks.end() && told->lock == path.root.source;
    return found ? std::string(picture_.strings[told->text]) : std::string();
  }
  ObjectId object = path.objects.back();
  auto told = std::ranges::lower_bound(picture_.told_paths, object, {}, &ToldPath::object);
  bool found = told != picture_.told_paths.end() && told->object == object;
  return found ? std::string(picture_.strings[told->text]) : std::string();
}

std::string PathRecorder::describe(const HoldingPath& path) {
  std::string text = describer_->describe(path);
  if (text.empty()) return text;
  if (path.objects.empty())
    told_locks_.emplace(path.root.source, text);
  else
    told_.emplace_back(path.objects.back(), text);
  return text;
}

void PathRecorder::write_to(Snapshot& picture) && {
  std::ranges::sort(told_);
  for (const auto& [object, text] : told_)
    if (picture.told_paths.empty() || picture.told_paths.back().object != object)
      picture.told_paths.push_back({object, picture.strings.intern(text)});
  for (const auto& [lock, text] : told_locks_)
    picture.told_locks.push_back({lock, picture.strings.intern(text)});
}

}  // namespace goshawk::snapshot
