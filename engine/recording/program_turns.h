#pragma once
// What user-fault's program does between two of its lines without printing it: which process goes on, and pages that it fills.
//
// A scene is the section, or the title of the mapping that began last. Only the scenes of that program have turns.
#include <string>
#include <string_view>
#include <vector>

#include "recording/vma.h"

namespace mm {

class ProgramTurns {
  public:
    void begin_scene(std::string_view scene);
    // What comes before this line.
    [[nodiscard]] std::vector<RecordedVmaStep::Kind> before(std::string_view line);

  private:
    std::string scene_;
    std::vector<u32> seen_; // by row: lines that began alike
};

} // namespace mm
