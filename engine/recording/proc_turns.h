#pragma once
// What user-proc's program does between two of its lines without printing it: other processes, pages that it fills, files that
// it opens and writes, mappings that it takes away.
#include <string>
#include <string_view>
#include <vector>

#include "recording/vma.h"

namespace mm {

class ProcTurns {
  public:
    // What comes before this line, in its order. All of it is silent.
    [[nodiscard]] std::vector<RecordedVmaStep> before(std::string_view line);
    // A list of maps that begins anew without a line between.
    [[nodiscard]] std::vector<RecordedVmaStep> between_lists();
    // What follows a mapping.
    [[nodiscard]] std::vector<RecordedVmaStep> behind(const RecordedVmaStep& mapping);

  private:
    void begin_section(std::string_view title, std::vector<RecordedVmaStep>& steps);
    void general(std::string_view line, std::vector<RecordedVmaStep>& steps);

    std::string section_;
    std::vector<u32> seen_;           // by row: lines that began alike
    u32 children_ = 0;                // that run, each the child of the one before
    u64 base_ = 0;                    // where the program works: its first mapping
    u64 unmap_ = 0, unmap_bytes_ = 0; // goes before the next mapping
};

} // namespace mm
