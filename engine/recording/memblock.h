#pragma once
// The log of a boot with memblock=debug: what memblock was asked, call by call, and its lists as it printed them.
//
//   memblock_add: [0x0000000000001000-0x000000000009fbff] e820__memblock_setup+0x65/0x7d
//   memblock_alloc_try_nid: 4096 bytes align=0x40 nid=0 from=0x0 max_addr=0x0 sparse_index_alloc+0x40/0x65
//   memblock_reserve: [0x000000003ffd5000-0x000000003ffd5fff] memblock_alloc_range_nid+0xb0/0x13d
//   ACPI: SRAT: Node 0 PXM 0 [mem 0x00000000-0x0009ffff]          (or) Faking a node at [mem 0x0-0x3ffd5fff]
//   NODE_DATA(0) allocated [mem 0x3ea19000-0x3ea43fff]
//   MEMBLOCK configuration:
//    memory size = 0x000000003ff74c00 reserved size = 0x000000000381e000
//    memory.cnt  = 0x2
//    memory[0x0]	[0x0000000000001000-0x000000000009efff], 0x000000000009e000 bytes on node 0 flags: 0x0
//   Zone ranges, "Freeing unused kernel image (initmem) memory: 2824K", "RAMDISK: [mem 0x3fc44000-0x3ffcffff]"
//
// Printing begins with the command line, so what was reserved before stands in the first configuration only.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace mm {

struct RecordedMemblockRegion {
    u64 base = 0, end = 0;
    i64 node = -1; // -1: none
};

struct RecordedMemblockLists {
    u64 memory_size = 0, reserved_size = 0; // total_size
    u64 memory_cnt = 0, reserved_cnt = 0;
    std::vector<RecordedMemblockRegion> memory, reserved;
};

struct RecordedMemblockStep {
    enum class Kind : u8 { add, remove, reserve, free, alloc, node_data, nodes, lists };

    Kind kind = Kind::add;
    u32 line = 0;          // of the file, 1-based
    u64 base = 0, end = 0; // of a call; of what an allocation got, 0 where none was reserved
    // alloc and node_data
    std::string call; // memblock_alloc_try_nid, ...
    u64 size = 0, align = 0, from = 0, max_addr = 0;
    i64 node = -1;
    std::vector<RecordedMemblockRegion> nodes; // nodes: what belongs to which, ascending
    RecordedMemblockLists lists;
};

struct RecordedMemblock {
    std::vector<RecordedMemblockStep> steps;
    std::optional<u64> ramdisk; // where the initrd begins in the end
    u64 initrd_freed_kib = 0;   // "Freeing initrd memory"
    u64 image_freed_kib = 0;    // all other "Freeing ... memory": parts of the kernel's image
    u64 late_freed_pages = 0;   // memblock_free_late
    u64 lines_of_memblock = 0,
        unreadable = 0; // lines that begin "memblock_", and those of them that are not understood
};

[[nodiscard]] RecordedMemblock parse_memblock_log(std::string_view text);

} // namespace mm
