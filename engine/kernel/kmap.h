#pragma once
// kmap: addresses for pages of high memory, which the linear map of a 32-bit kernel does not reach.
//
//   PKMAP    one table of LAST_PKMAP entries, for the whole kernel; last_pkmap_nr goes round it
//            [2][3][1][0][2]...     0 unused   1 unmapped, but a TLB may know it   2 mapped once   3 twice ...
//                       ▲ last_pkmap_nr          └ until it comes round to 0: then all of them are flushed at once
//   fixmap   KM_MAX_IDX entries for each CPU, used as a stack: kmap_atomic() and kmap_local_page()
//            FIX_KMAP_BEGIN + KM_MAX_IDX × cpu + depth, addresses going down
//
// A page of low memory is never mapped: kmap() returns its address in the linear map, and nothing is to be undone.
//
// Invariants (verify_kmap): pkmap_count == 0 ⇔ its entry is empty; a page has at most one entry of the PKMAP; a CPU's entries
//   below its depth are set, the others empty.
//
// Models: the search from last_pkmap_nr on, the flush when it comes round, sleeping when every entry is in use, counts, the
//   BUGs of kunmap(); the stacks of 5.10 (kmap_atomic alone, no limit but the next CPU's entries) and since 5.11
//   (kmap_ctrl, whose limit is KM_MAX_IDX - 1 deep), the warning about another order.
// Simplified: an op runs to its end, so who would sleep gets NULL and asks again after the kunmap() that wakes it. One task a
//   CPU: its entries are not taken away when it is preempted. page_address() looks through the entries, not through a hash of
//   128 lists: the answer is the same. A BUG() ends the op and leaves the tables as they were. 5.10 without DEBUG_HIGHMEM does
//   not notice a kunmap_atomic() too many; here it is a BUG as in later kernels. The flush of kunmap_local() is of all CPUs. FIX_KMAP_BEGIN is that of Debian's i386 kernels
//   without CONFIG_PROVIDE_OHCI1394_DMA_INIT.
// Not modelled: DEBUG_KMAP_LOCAL, kmap_to_page, colours of the PKMAP (MIPS, Xtensa), arm's kmap_high_get.
// Mirrors: mm/highmem.c (kmap_high, map_new_virtual, flush_all_zero_pkmaps, __kmap_local_pfn_prot, kunmap_local_indexed),
//   arch/x86/mm/highmem_32.c (5.10), arch/x86/include/asm/fixmap.h (Linux 5.10, 6.1, 6.12).
#include <optional>
#include <string>

#include "base/hash.h"
#include "kernel/kernel_memory.h"
#include "physical/linear_map.h"

namespace mm {

// The tables are there: start_page_tables() made them. kernel: permanent_kmaps_init
void kmap_init(kernel_memory& kernel, const machine_profile& profile);

[[nodiscard]] bool is_highmem(const kernel_memory& kernel, pfn_t pfn);

// The address of an entry of the PKMAP, and of a fixmap entry by its number behind FIX_KMAP_BEGIN.
[[nodiscard]] u64 pkmap_address(const kernel_memory& kernel, u32 slot);
[[nodiscard]] u64 fixmap_address(const kernel_memory& kernel, u32 slot);
// Where an address is a page of the PKMAP, or of these fixmap entries: its entry.
[[nodiscard]] std::optional<u32> pkmap_slot(const kernel_memory& kernel, u64 address);
[[nodiscard]] std::optional<u32> fixmap_slot(const kernel_memory& kernel, u64 address);
// The page that a fixmap entry maps; PFN_NONE: none.
[[nodiscard]] frame_t fixmap_frame(const kernel_memory& kernel, const mmu_memory& mmu, u32 slot);

// What page_address() knows of a frame: its place in the linear map, or in the PKMAP; 0: none.
[[nodiscard]] u64 address_of_frame(const kernel_memory& kernel, pfn_t pfn);

// How the physical room asks for it.
class kmap_addresses final : public highmem_addresses {
  public:
    explicit kmap_addresses(const kernel_memory& kernel) : kernel_(kernel) {}
    [[nodiscard]] u64 page_address(pfn_t pfn) const override { return address_of_frame(kernel_, pfn); }

  private:
    const kernel_memory& kernel_;
};

// ---- the PKMAP

// 0: the caller would sleep, or there is no page for the table.
u64 kmap(kernel_context& cx, pfn_t pfn);
// False: nothing was unmapped.
bool kunmap(kernel_context& cx, pfn_t pfn);
// Takes away what nobody uses any more. kernel: kmap_flush_unused
void kmap_flush_unused(kernel_context& cx);

// What stops the kernel: the numbers of `reason` in the event kmap_bug.
enum class kmap_bug : u8 {
    no_page,    // kmap(NULL)
    not_mapped, // kunmap(): BUG_ON(!vaddr)
    unmapped,   // kunmap(): the count fell to 0
    too_deep,   // BUG_ON(idx >= KM_MAX_IDX)
    occupied,   // BUG_ON(!pte_none())
    too_many,   // BUG_ON(idx < 0)
    no_slot,    // there are no entries for this CPU
};

// ---- the fixmap's entries

enum class kmap_kind : u8 { atomic, local };

// 0: BUG().
u64 kmap_local(kernel_context& cx, pfn_t pfn, kmap_kind kind);
// False: nothing was unmapped.
bool kunmap_local(kernel_context& cx, u64 address);

[[nodiscard]] std::optional<std::string> verify_kmap(const kernel_memory& kernel, const mmu_memory& mmu);
void hash_kmap(const kernel_memory& kernel, Hasher& hasher);

} // namespace mm
