#pragma once
// Which node each page of a recorded program came from: user-numa.txt.
//
//   -- on cpu 2
//   set_mempolicy(mode=0, nodes=0, maxnode=0) = 0
//   fresh: mmap(40000000, 18000, prot=3, flags=32, fd=-1, off=0) = 40000000
//     nodes default: 111111-                                    a digit a page that was touched, in this order
//     numa_maps 40000000 default anon=6 dirty=6 active=0 N1=6 kernelpagesize_kB=4
//
// What a policy other than the local node decides is counted, not read.
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/types.h"

namespace mm {

struct RecordedNumaStep {
    enum class Kind : u8 { cpu, map, nodes, numa_maps };

    Kind kind = Kind::cpu;
    u32 line = 0;                      // of the file, 1-based
    u64 address = 0, bytes = 0;        // map, numa_maps
    u32 cpu = 0;                       // cpu
    std::string nodes;                 // "000-"
    std::map<std::string, u64> fields; // numa_maps: "anon", "dirty", "N0"
};

struct RecordedNuma {
    std::vector<RecordedNumaStep> steps;
    std::map<std::string, u64> other_lines; // by what they are about
};

[[nodiscard]] RecordedNuma parse_numa(std::string_view text);

} // namespace mm
