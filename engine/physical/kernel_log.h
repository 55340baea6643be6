#pragma once
// What a machine's kernel has printed, as far as later lines depend on it, and the reports of the page allocator.
//
//   BUG: Bad page state in process mmscope  pfn:40900
//   page:fffffc0000024000 refcount:-1 mapcount:0 mapping:0000000000000000 index:0x0 pfn:0x40900
//   flags: 0x0(node=0|zone=0)
//   page dumped because: nonzero _refcount
//
// Simplified: mapping and index of struct page print as 0; flags without section, zone, node and lastcpupid bits of the
//   number, as slub_report.h has them.
// Not modelled: the raw words of struct page, page_owner, modules, dump_stack(), the limit of 60 reports a minute;
//   what a failed allocation prints (warn_alloc, show_mem; of vmalloc() the first line is in kernel/vmalloc_log.h).
// Mirrors: mm/page_alloc.c (bad_page, free_contig_range), mm/debug.c (__dump_page), kernel/panic.c (print_tainted) (Linux 5.10, 6.1, 6.12).
#include <string>

#include "base/event.h"
#include "physical/linear_map.h"

namespace mm {

// "Not tainted", or "Tainted: G    B   W           ": a letter or a blank for each flag that this kernel has.
[[nodiscard]] std::string print_tainted(const physical_memory& mem);

// "0x1000(reserved|node=0|zone=1)" with the names of the bits: what %pGp prints. 5.10 writes no node and no zone.
[[nodiscard]] std::string page_flags_text(const physical_memory& mem, pfn_t pfn, u32 bits, std::string_view names);

// What WARN() prints around its text; before 5.17 the number is a random one.
inline constexpr const char* CUT_HERE = "------------[ cut here ]------------";
inline constexpr const char* END_TRACE = "---[ end trace 0000000000000000 ]---";

// The text of the event contig_still_in_use. kernel: free_contig_range
[[nodiscard]] std::string contig_warning(const Event& event);

// The text of the event bad_page, lines that end with '\n'. `map`: where struct pages stand.
[[nodiscard]] std::string bad_page_report(const physical_memory& mem, const linear_map& map, const Event& event);

} // namespace mm
