// Several files of goroutine dumps, one after another: what grew.
#pragma once

#include <string>
#include <vector>

#include "analyses/profile/site_growth.h"
#include "findings/stack_series.h"
#include "inspection/dump_source.h"

namespace goshawk::inspection {

class DumpSeries {
 public:
  // The last dump of the file, which `doubts` of the result tell of where there are more processes
  // in it; nothing of the file is kept.
  void add(const DumpFile& file);
  // Of two or more.
  findings::StackSeries finish();

 private:
  struct Part {
    std::string name;
    std::uint64_t not_read = 0;
    dumps::Time in_log = {};
    dumps::Time of_file = {};  // when it was written last
  };
  static bool tell_times(const std::vector<Part>& parts, dumps::Time Part::* time,
                         std::vector<double>& seconds);

  std::vector<Part> parts_;
  std::vector<std::string> doubts_;
  analyses::profile::LifeSigns last_;
  bool one_process_ = true;
  std::vector<analyses::profile::StackGroups> groups_;
};

}  // namespace goshawk::inspection
