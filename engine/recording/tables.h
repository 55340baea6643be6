#pragma once
// What a recorded arm64 machine says of page tables.
//
//   WALK ffff000001dc0000 root=41858000 levels=4 va_bits=48
//     L0(pgd) table=ffff000001858000 idx=0 raw=180000007fff8003 VT PXNTable=1 UXNTable=1 ... -> table phys=7fff8000
//     L3(pte) table=ffff00003fff2000 idx=448 raw=00e8000041dc0707 VT AttrIdx=1 NS=0 ... -> phys=41dc0000 (leaf, size=1000)
//
//   PT kernel root=41858000 levels=4 (runs of equal attributes and contiguous phys)
//   ffff000000400000-ffff000001800000     20480K L2 phys=40400000 VB AttrIdx=0 NS=0 ... sw=1
//   tables at L3: 526
//
//   VMA 400000-5b3000 flags=75 pgoff=0 prot=20000000000fc3 ...          of the process whose table follows
//
// Levels are hardware's: 3 is the pte table's.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace mm {

struct RecordedStep {
    u32 line = 0; // of the file, 1-based
    int level = 0;
    u64 table = 0; // where the linear map has it
    u64 index = 0;
    u64 raw = 0;
    std::string words; // all behind the raw entry
};

struct RecordedWalk {
    u32 line = 0;
    u64 address = 0;
    u64 root = 0; // physical
    u32 levels = 0, va_bits = 0;
    std::vector<RecordedStep> steps;
};

[[nodiscard]] std::vector<RecordedWalk> parse_walks(std::string_view text);

struct RecordedRun {
    u32 line = 0;
    u64 start = 0, end = 0; // end 0: the end of all addresses
    int level = 0;
    u64 phys = 0;
    std::string words; // "VT AttrIdx=1 NS=0 ... sw=1"
};

struct RecordedVma {
    u32 line = 0;
    u64 start = 0, end = 0, flags = 0, prot = 0;
};

struct RecordedTable {
    bool user = false;
    u64 root = 0;
    u32 levels = 0;
    std::vector<RecordedRun> runs;
    struct Count {
        u32 line = 0;
        int level = 0;
        u64 tables = 0;
    };
    std::vector<Count> counts;
    std::vector<RecordedVma> vmas; // printed before the table
};

[[nodiscard]] std::vector<RecordedTable> parse_tables(std::string_view text);

} // namespace mm
