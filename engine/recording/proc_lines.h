#pragma once
// The lines of user-proc.txt that other programs' recordings do not have: facts in one line, calls as the program's text has them.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "recording/c_call.h"
#include "recording/vma.h"

namespace mm {

class ProcLines {
  public:
    void begin_section(std::string_view title);
    // Sections of what is not modelled; empty: it is.
    [[nodiscard]] std::string_view not_modelled() const;
    // What values are read from: the first mapping of the file, mappings by title, the last access.
    void note(const RecordedVmaStep& step);

    // A call, or a fact, which may be more than one step. False: it is neither.
    [[nodiscard]] bool read(std::string_view line, std::vector<RecordedVmaStep>& steps);

  private:
    [[nodiscard]] bool read_call(std::string_view line, RecordedVmaStep& step) const;
    [[nodiscard]] bool read_list(std::string_view line, RecordedVmaStep& step) const;
    [[nodiscard]] bool read_values(std::string_view line, std::vector<RecordedVmaStep>& steps) const;
    [[nodiscard]] u64 mapping(std::string_view title) const;

    std::string section_;
    std::vector<CName> names_;
    std::map<std::string, u64, std::less<>> mappings_;
    u64 base_ = 0, last_mapping_ = 0, last_access_ = 0;
};

// "    40000000-40002000 rw-p 00000000 00:00 0  VmFlags: rd wr" without its blanks
[[nodiscard]] bool read_maps_part(std::string_view text, RecordedMapsLine& line);

// Why a line that is no step is not compared.
[[nodiscard]] std::string why_no_step(std::string_view line);

} // namespace mm
