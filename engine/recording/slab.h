#pragma once
// A recorded run of the module on a slab cache or on kmalloc (mod-4x-*.txt, mod-50-*.txt).
//
//   1 cc or256 -> ok
//   CACHE or256 size=256 ... random_seq=NULL       full state: sizes, CPUs, nodes, every slab with its freelist
//   4 ca slot=0 ffff... cache=or256 slabpfn=452f7 idx=0 ksize=256 | cpuslab=452f7 cpupartial_slabs=0 node_partial=0
//   6 cf slot=2 ffff... cache=or256 slabpfn=452f7 idx=2 | cpuslab=452df cpupartial_slabs=1 node_partial=0
//   49 kmalloc size=8193 49 k slot=48 ffff... (not slab: large, pfn=43164 order=2) ksize=16384
#include <map>
#include <string>
#include <vector>

#include "recording/script.h"

namespace mm {

struct RecordedSlab {
    pfn_t pfn = PFN_NONE;
    u32 inuse = 0, objects = 0, frozen = 0;
    std::vector<u32> freelist; // indices, head first
};

struct RecordedCacheCpu {
    u32 cpu = 0;
    u64 tid = 0;
    std::vector<u32> freelist; // of the CPU itself
    RecordedSlab slab;         // pfn PFN_NONE: none
    std::vector<RecordedSlab> partial;
};

struct RecordedCacheNode {
    u32 node = 0;
    u32 nr_partial = 0;
    std::vector<RecordedSlab> partial;
};

struct RecordedCache {
    std::string name;
    std::map<std::string, u64, std::less<>> numbers; // size, object_size, offset, ... by the kernel's names
    bool shuffled = false;                           // random_seq is set
    std::vector<RecordedCacheCpu> cpus;
    std::vector<RecordedCacheNode> nodes;
};

struct SlabEntry {
    enum class Kind : u8 { create, destroy, state, alloc, free, kmalloc, kfree };

    Kind kind = Kind::alloc;
    u32 line = 0;    // of the file, 1-based
    u32 command = 0; // number of the script command
    u32 slot = 0;
    u64 size = 0;    // kmalloc: what was asked for; 0: not said (the command says it)
    u64 address = 0; // 0: NULL
    std::string cache;
    pfn_t slab = PFN_NONE; // PFN_NONE: a large block
    u32 index = 0;
    u32 order = 0; // of a large block
    u64 ksize = 0;
    bool has_place = false; // the part behind '|' is there
    pfn_t cpu_slab = PFN_NONE;
    u32 cpu_partial = 0, node_partial = 0;
    u32 state = 0; // in RecordedSlabScript::states
};

struct RecordedSlabScript {
    std::vector<ScriptCommand> commands;
    std::vector<SlabEntry> log;
    std::vector<RecordedCache> states;
    std::vector<u32> unreadable; // line numbers, the first 100

    [[nodiscard]] const ScriptCommand* command(u32 number) const {
        return number >= 1 && number <= commands.size() ? &commands[number - 1] : nullptr;
    }
};

// The commands are those of the script as parse_recorded_script() reads them.
[[nodiscard]] RecordedSlabScript parse_recorded_slab_script(std::string_view text,
                                                            const std::vector<ScriptCommand>& commands);

// Attributes of caches (static-slab-attrs.txt: "cache/attribute:value"), by cache and attribute; numbers only.
[[nodiscard]] std::map<std::string, std::map<std::string, u64, std::less<>>, std::less<>>
parse_slab_attributes(std::string_view text);

// One line of /proc/slabinfo.
struct SlabinfoLine {
    u32 line = 0;
    std::string name;
    u64 active_objs = 0, num_objs = 0, objsize = 0, objperslab = 0, pagesperslab = 0;
};
[[nodiscard]] std::vector<SlabinfoLine> parse_slabinfo(std::string_view text);

} // namespace mm
