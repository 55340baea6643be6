#pragma once
// The engine against recordings of real kernels: what the kernel did, fact by fact, is asked of the engine too.
//
//   static-zoneinfo, static-sysctl-vm   boots the machine from its memory regions: zones, watermarks, per-CPU sizes
//   wm-*.txt                            applies each recorded setting: watermarks, protection, per-CPU sizes
//   static-slab-attrs, static-slabinfo  sizes every cache from what it was created with
//   mod-4x-*.txt, mod-50-*.txt          one slab cache, object by object; which cache of kmalloc serves which size
//   mod-6x-*.txt, mod-vmallocinfo-after vmalloc and vmap, address by address, and what is listed after them
//   memblock-dmesg                      each call of memblock as an op: addresses, lists, pages that zones get from it
//   mod-00-state, static-meminfo        where the layout's macros put things
//   mod-01-pagetables                   the kernel's page table, which the engine boots, run by run; a process's attributes
//   mod-6x-*, user-fault                each level of the walks in them
//   mod-*.txt                           continues a recorded state, op by op: which page, which lists, which counters
//
// The recordings' formats are described in tests/oracle/README.md. Files of other kinds are
// listed, with the reason (oracle/kinds.h).
#include "oracle/report.h"
#include "recording/machine.h"
#include "recording/memblock.h"
#include "recording/script.h"
#include "recording/slab.h"
#include "recording/zoneinfo.h"
#include "physical/memory.h"

namespace mm {

[[nodiscard]] OracleReport compare_recordings(const std::vector<RecordingFolder>& folders,
                                              const std::vector<KnownDifference>& known);

// The stages of a recorded machine that its settings tell apart. Only their zones' numbers are used.
struct BootedMachine {
    physical_memory at_boot;   // when init_per_zone_wmark_min() ran: init memory and initrd still count as reserved
    physical_memory settled;   // both freed; watermarks as they were set before
    physical_memory in_module; // settled, then transparent huge pages switched off, as the module's scripts run
};

// Boots the machine. `zoneinfo` gives managed pages where the memory regions do not (it may be empty).
[[nodiscard]] Result<BootedMachine> boot_recorded_machine(const RecordedMachine& machine,
                                                          const std::vector<ZoneinfoZone>& zoneinfo);

struct OracleMachine {
    const RecordingFolder& folder;
    RecordedMachine machine;
    BootedMachine booted;
    // The managed pages are known, in the end and when the watermarks were set first; without that, only watermarks that
    // a written setting gives can be compared.
    bool boot_watermarks_known = false;
};

// The comparisons of each kind of file.
void compare_boot(const OracleMachine& machine, const std::vector<ZoneinfoZone>& zoneinfo, FactLog& log);
void compare_settings(const OracleMachine& machine, const std::vector<ZoneinfoRecord>& records, FactLog& log);
void compare_script(const OracleMachine& machine, const std::string& file, const RecordedScript& script, FactLog& log);

void compare_slab_script(const OracleMachine& machine, const RecordedSlabScript& script, FactLog& log);
void compare_slab_attributes(const OracleMachine& machine, std::string_view text, FactLog& log);
// `attributes`: static-slab-attrs.txt; `aliases`: ls -l of /sys/kernel/slab.
void compare_slab_aliases(const OracleMachine& machine, std::string_view attributes, std::string_view aliases,
                          FactLog& log);
void compare_slabinfo(const OracleMachine& machine, std::string_view text, FactLog& log);

void compare_vmalloc(const OracleMachine& machine, FactLog& log);

void compare_memblock(const OracleMachine& machine, const RecordedMemblock& recorded, FactLog& log);

// `state`: mod-00-state. `meminfo`: static-meminfo. Others by their name.
void compare_layout(const OracleMachine& machine, std::string_view state, FactLog& log);
void compare_vmalloc_total(const OracleMachine& machine, std::string_view meminfo, FactLog& log);
void compare_page_tables(const OracleMachine& machine, std::string_view text, FactLog& log);
void compare_walks(const OracleMachine& machine, std::string_view text, FactLog& log);

// Pieces that the comparisons share.
[[nodiscard]] const zone* find_zone(const physical_memory& mem, RecordedZoneRef ref);
[[nodiscard]] std::string zone_text(RecordedZoneRef ref); // "0:DMA"
void compare_protection(const physical_memory& mem, const zone& z, const std::string& place,
                        const std::vector<i64>& recorded, FactLog& log);
void compare_zonelists(const physical_memory& mem, const RecordedNodeSummary& node, FactLog& log);

} // namespace mm
