// Entries of x86, bit by bit.
#include "mmu/field_list.h"
#include "mmu/x86/functions.h"

namespace mm {

descriptor_kind x86_unusual_kind_of(const pte_format& format, pteval_t entry, u8 level) {
    using enum descriptor_kind;
    if (!(entry & X86_PRESENT)) return entry & X86_PROTNONE ? present_invalid : swap;
    if (level == 0) return page;
    return entry & X86_PSE && format.geometry.may_hold_block(level) ? block : table;
}

pteval_t x86_address_bits(const pte_format&, phys_addr_t phys) { return phys; }

phys_addr_t x86_unusual_output_address(const pte_format& format, pteval_t entry, u8 level) {
    const descriptor_kind kind = kind_of(format, entry, level);
    if (!has_nx(format)) {
        if (kind == descriptor_kind::block) return (entry & bits(31, 22)) | (entry & bits(20, 13)) << 19;
        return entry & bits(31, 12);
    }
    // Against L1TF the frame number of a PROT_NONE entry is stored inverted. kernel: protnone_mask
    const phys_addr_t phys = (kind == descriptor_kind::present_invalid ? ~entry : entry) & bits(51, 12);
    return kind == descriptor_kind::table ? phys : phys & ~(format.geometry.size(level) - 1);
}

namespace {

// P and the flags above it that all x86 entries but PAE's top ones share.
void x86_low_flags(FieldList& list) {
    list.take_flag("A", 5, "was accessed", "访问过", "not accessed yet", "还没访问");
    list.take_flag("PCD", 4, "not cached", "不缓存", "cached", "缓存");
    list.take_flag("PWT", 3, "write-through", "直写", "write-back", "回写");
    list.take_flag("U/S", 2, "user mode may access", "用户态可访问", "kernel alone", "只有内核可访问");
    list.take_flag("R/W", 1, "may be written", "可写", "read-only", "只读");
    list.take_flag("P", 0, "present", "存在", "hardware faults", "硬件报错");
}

void x86_not_present(FieldList& list, bool pae) {
    if (pae) {
        list.take("swap entry", 63, 1);
    } else {
        list.take("swap offset", 31, 9, "page in the swap area", "交换区中的页");
        list.take("_PAGE_PROTNONE", 8, 8, "0: the page is not in memory", "0：页不在内存");
        list.take("unused", 7, 6);
        list.take("swap type", 5, 1, "number of the swap area", "交换区编号");
    }
    list.take("P", 0, 0, "hardware faults", "硬件报错");
}

// PAE's page directory pointers have no rights.
void x86_pae_top(FieldList& list) {
    list.take("reserved", 63, 52, "0", "0");
    list.take_address("table address", 51, 12);
    list.take_ignored(11, 9);
    list.take("reserved", 8, 5, "0", "0");
    list.take_flag("PCD", 4, "not cached", "不缓存", "cached", "缓存");
    list.take_flag("PWT", 3, "write-through", "直写", "write-back", "回写");
    list.take("reserved", 2, 1, "0", "0");
    list.take("P", 0, 0, "present", "存在");
}

// From the top down to bit 12.
void x86_address(FieldList& list, bool pae, descriptor_kind kind, u8 shift) {
    if (pae) {
        list.take_flag("NX", 63, "may not be executed", "不可执行", "may be executed", "可执行");
        list.take("reserved", 62, 52, "0", "0");
    }
    if (kind != descriptor_kind::block) {
        list.take_address(kind == descriptor_kind::table ? "table address" : "output address", pae ? 51 : 31, 12);
        return;
    }
    list.take_address("output address", pae ? 51 : 31, shift);
    if (pae) {
        list.take("reserved", 20, 13, "0", "0");
    } else {
        list.take("reserved", 21, 21, "0", "0");
        list.take("address[39:32]", 20, 13, "the upper bits of the address (PSE-36)", "地址的高位（PSE-36）");
    }
    list.take("PAT", 12, 12, "chooses a memory type, with PCD and PWT", "与 PCD、PWT 一起选择内存类型");
}

// Bits 11 to 6 of a page or a block.
void x86_leaf_flags(FieldList& list, descriptor_kind kind) {
    list.take("software", 11, 10);
    list.take_flag("_PAGE_SPECIAL", 9, "software: no struct page to count", "软件位：没有要计数的 struct page",
                   "software: has a struct page", "软件位：有 struct page");
    if (kind == descriptor_kind::present_invalid)
        list.take("_PAGE_PROTNONE", 8, 8, "software: mapped with PROT_NONE, any access faults",
                  "软件位：以 PROT_NONE 映射，任何访问都出错");
    else
        list.take_flag("G", 8, "global: stays in the TLB when CR3 changes", "全局：CR3 改变时留在 TLB",
                       "goes from the TLB when CR3 changes", "CR3 改变时离开 TLB");
    if (kind == descriptor_kind::block)
        list.take("PS", 7, 7, "1: a block", "1：块");
    else
        list.take("PAT", 7, 7, "chooses a memory type, with PCD and PWT", "与 PCD、PWT 一起选择内存类型");
    list.take_flag("D", 6, "was written", "写过", "not written yet", "还没写过");
}

} // namespace

std::vector<descriptor_field> x86_decode(const pte_format& format, pteval_t entry, u8 level) {
    const descriptor_kind kind = kind_of(format, entry, level);
    const bool pae = has_nx(format);
    FieldList list(entry, pae ? 63 : 31);
    if (kind == descriptor_kind::swap || kind == descriptor_kind::none) {
        x86_not_present(list, pae);
        return list.finish();
    }
    if (pae && level == format.geometry.root()) {
        x86_pae_top(list);
        return list.finish();
    }
    x86_address(list, pae, kind, format.geometry.shift(level));
    if (kind == descriptor_kind::table) {
        list.take_ignored(11, 8);
        list.take("PS", 7, 7, "0: a table", "0：下级页表");
        list.take_ignored(6, 6);
    } else {
        x86_leaf_flags(list, kind);
    }
    x86_low_flags(list);
    return list.finish();
}

} // namespace mm
