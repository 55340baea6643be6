#pragma once
// The engine against recordings of real kernels: what the kernel did, fact by fact, is asked of the engine too.
//
// Which files are compared, and with what, is a row for each kind in oracle/kinds.cpp; the recordings' formats are described
// in tests/oracle/README.md.
#include "oracle/report.h"
#include "physical/memory.h"
#include "recording/machine.h"
#include "recording/memblock.h"
#include "recording/script.h"
#include "recording/slab.h"
#include "recording/tables.h"
#include "recording/vmalloc.h"
#include "recording/zoneinfo.h"

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

// The comparisons, each of what a reader of recording/ made of a file. oracle/kinds.cpp says of which.

// Boots the machine from its memory regions: zones, watermarks, per-CPU sizes.
void compare_boot(const OracleMachine& machine, const std::vector<ZoneinfoZone>& zoneinfo, FactLog& log);
// Applies each recorded setting: watermarks, protection, per-CPU sizes.
void compare_settings(const OracleMachine& machine, const std::vector<ZoneinfoRecord>& records, FactLog& log);
// Continues a recorded state, op by op: which page, which lists, which counters. `file` tells which scripts ran before.
void compare_script(const OracleMachine& machine, const std::string& file, const RecordedScript& script, FactLog& log);

// One slab cache, object by object; which cache of kmalloc serves which size.
void compare_slab_script(const OracleMachine& machine, const RecordedSlabScript& script, FactLog& log);
// Sizes every cache from what it was created with. `attributes`: the files of /sys/kernel/slab.
void compare_slab_attributes(const OracleMachine& machine, std::string_view attributes, FactLog& log);
void compare_slabinfo(const OracleMachine& machine, const std::vector<SlabinfoLine>& slabinfo, FactLog& log);
// Which caches share one. `aliases`: ls -l of /sys/kernel/slab.
void compare_slab_aliases(const OracleMachine& machine, std::string_view aliases, FactLog& log);

// vmalloc and vmap of all scripts, address by address, and what is listed after them.
void compare_vmalloc(const OracleMachine& machine, const std::vector<VmallocLine>& after, FactLog& log);

// Each call of memblock as an op: addresses, lists, pages that zones get from it.
void compare_memblock(const OracleMachine& machine, const RecordedMemblock& recorded, FactLog& log);

// Where the layout's macros put things. `state`: what the module printed first.
void compare_layout(const OracleMachine& machine, std::string_view state, FactLog& log);
void compare_vmalloc_total(const OracleMachine& machine, std::string_view meminfo, FactLog& log);
// The kernel's page table, which the engine boots, run by run; a process's attributes.
void compare_page_tables(const OracleMachine& machine, const std::vector<RecordedTable>& tables, FactLog& log);
// Each level of recorded walks.
void compare_walks(const OracleMachine& machine, const std::vector<RecordedWalk>& walks, FactLog& log);

// Pieces that the comparisons share.
[[nodiscard]] const zone* find_zone(const physical_memory& mem, RecordedZoneRef ref);
[[nodiscard]] std::string zone_text(RecordedZoneRef ref); // "0:DMA"
void compare_protection(const physical_memory& mem, const zone& z, const std::string& place,
                        const std::vector<i64>& recorded, FactLog& log);
void compare_zonelists(const physical_memory& mem, const RecordedNodeSummary& node, FactLog& log);

} // namespace mm
