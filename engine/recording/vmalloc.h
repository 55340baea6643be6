#pragma once
// What a recorded machine says of vmalloc: /proc/vmallocinfo, and the module's scripts that allocate and map.
//
//   0xffff80000a09d000-0xffff80000a09f000    8192 o_write+0x18b0/0x1e64 [oracle] pages=1 vmalloc N0=1
//   0xffff80000a033000-0xffff80000a038000   20480 unpurged vm_area
//
//   1 v slot=0 size=4096 -> ffff80000a033000 pfns 45340        vmalloc
//   20 vm slot=10 n=4 -> ffff80000a27f000 pfns 4384c ...       vmap of n pages
//   10 vf slot=1 ffff80000a035000                              vfree (vmf: vunmap)
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace mm {

struct VmallocLine {
    u32 line = 0; // of the file, 1-based
    u64 start = 0, end = 0;
    bool unpurged = false;
    std::string what; // all behind the size
};

// Lines that are none of /proc/vmallocinfo are left out.
[[nodiscard]] std::vector<VmallocLine> parse_vmallocinfo(std::string_view text);

struct VmallocEntry {
    enum class Kind : u8 { vmalloc, vmap, free };

    Kind kind = Kind::vmalloc;
    u32 line = 0;    // of the file, 1-based
    u32 command = 0; // number of the script command
    u32 slot = 0;
    u64 size = 0;  // vmalloc: bytes asked for
    u64 pages = 0; // vmap
    u64 address = 0;
};

// The entries of a script's log; none when the script is not about vmalloc.
[[nodiscard]] std::vector<VmallocEntry> parse_vmalloc_log(std::string_view text);

// "VMALLOC_START=ffff800008000000": an address that the module printed, anywhere in the text.
[[nodiscard]] std::optional<u64> printed_address(std::string_view text, std::string_view name);

} // namespace mm
