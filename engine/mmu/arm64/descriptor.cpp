#include "mmu/arm64/descriptor.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/assert.h"
#include "mmu/arm64/functions.h"
#include "mmu/field_list.h"

namespace mm {

namespace {

// The lowest address bit of an entry: what it maps is aligned to it. Tables are pages, or smaller ones at the top.
u8 address_shift(const pte_format& format, u8 level, descriptor_kind kind) {
    return kind == descriptor_kind::table ? format.geometry.page_shift : format.geometry.shift(level);
}

// May hardware find a block here? The kernel uses fewer (page_geometry::may_hold_block).
bool hardware_block(const page_geometry& geometry, u8 level) {
    if (geometry.may_hold_block(level)) return true;
    if (geometry.format == table_format::arm64_lpa2) return level == 2 || (level == 3 && geometry.page_shift == 12);
    return geometry.format == table_format::arm64_lva && level == 2;
}

// The memory types by their number in MAIR_EL1, from a release on. kernel: MT_* in asm/memory.h
using rows_t = std::array<memory_type, 8>;
struct mair_table {
    linux_release since;
    std::string_view span;
    rows_t types;
};
constexpr mair_table mair_tables[] = {
    {OLDEST_ENTRIES,
     "until 5.9",
     {memory_type::device_nGnRnE, memory_type::device_nGnRE, memory_type::device_GRE, memory_type::normal_nc,
      memory_type::normal, memory_type::normal_wt, memory_type::unused, memory_type::unused}},
    {{5, 10},
     "5.10 to 5.13",
     {memory_type::normal, memory_type::normal_tagged, memory_type::normal_nc, memory_type::normal_wt,
      memory_type::device_nGnRnE, memory_type::device_nGnRE, memory_type::device_GRE, memory_type::unused}},
    {{5, 14},
     "since 5.14",
     {memory_type::normal, memory_type::normal_tagged, memory_type::normal_nc, memory_type::device_nGnRnE,
      memory_type::device_nGnRE, memory_type::unused, memory_type::unused, memory_type::unused}},
};
const mair_table& mair_of(const pte_rules& rules) {
    const mair_table* found = mair_tables;
    for (const mair_table& table : mair_tables)
        if (rules.release >= table.since) found = &table;
    return *found;
}

} // namespace

descriptor_kind arm64_unusual_kind_of(const pte_format& format, pteval_t entry, u8 level) {
    using enum descriptor_kind;
    if (!(entry & PTE_VALID)) {
        const bool present = format.rules.present_invalid_is_ng()
                                 ? entry & PTE_NG
                                 : entry & PTE_PROT_NONE || (level > 0 && format.rules.has_pmd_present_invalid() &&
                                                             entry & PMD_PRESENT_INVALID);
        if (present) return present_invalid;
        // Swap entries keep both bits of the type 0.
        return entry & PTE_TABLE_BIT ? invalid : swap;
    }
    return level > 0 && hardware_block(format.geometry, level) ? block : reserved;
}

pteval_t arm64_address_bits(const pte_format& format, phys_addr_t phys) {
    switch (format.geometry.format) {
    case table_format::arm64_lva: return (phys & bits(47, 16)) | (phys & bits(51, 48)) >> 36;
    case table_format::arm64_lpa2: return (phys & bits(49, 12)) | (phys & bits(51, 50)) >> 42;
    default: return phys;
    }
}

phys_addr_t arm64_unusual_output_address(const pte_format& format, pteval_t entry, u8 level) {
    const u8 page_shift = format.geometry.page_shift;
    const descriptor_kind kind = kind_of(format, entry, level);
    phys_addr_t phys = 0;
    switch (format.geometry.format) {
    case table_format::arm64_lva: phys = (entry & bits(47, 16)) | (entry & bits(15, 12)) << 36; break;
    case table_format::arm64_lpa2: phys = (entry & bits(49, page_shift)) | (entry & bits(9, 8)) << 42; break;
    default: phys = entry & bits(47, page_shift); break;
    }
    return phys & ~((1ull << address_shift(format, level, kind)) - 1);
}

namespace {

void software_bits(FieldList& list, const pte_format& format, bool valid) {
    const pte_rules& rules = format.rules;
    if (rules.has_permission_overlay()) {
        list.take_ignored(63, 63);
        list.take("POIndex", 62, 60, "permission overlay, with FEAT_S1POE", "权限覆盖索引（FEAT_S1POE）");
        list.take_ignored(59, 59);
    } else if (!valid && rules.has_pmd_present_invalid()) {
        list.take_ignored(63, 60);
        list.take_flag("PMD_PRESENT_INVALID", 59, "a huge page being split or migrated: present for the kernel",
                       "正在拆分或迁移的大页：对内核而言存在", "no such huge page", "不是这样的大页");
    } else {
        list.take_ignored(63, 59);
    }
    if (rules.has_uffd_wp())
        list.take_flag("PTE_UFFD_WP", 58, "software: write-protected by userfaultfd", "软件位：被 userfaultfd 写保护",
                       "software: not tracked by userfaultfd", "软件位：userfaultfd 未跟踪");
    else if (!valid)
        list.take_flag("PTE_PROT_NONE", 58, "software: mapped with PROT_NONE, any access faults",
                       "软件位：以 PROT_NONE 映射，任何访问都出错", "software: not PROT_NONE",
                       "软件位：不是 PROT_NONE");
    else
        list.take_ignored(58, 58);
    if (rules.has_devmap())
        list.take_flag("PTE_DEVMAP", 57, "software: memory of a device", "软件位：设备内存",
                       "software: ordinary memory", "软件位：普通内存");
    else
        list.take_ignored(57, 57);
    list.take_flag("PTE_SPECIAL", 56, "software: no struct page to count (zero page, raw pfn)",
                   "软件位：没有要计数的 struct page（零页、裸 pfn）", "software: has a struct page",
                   "软件位：有 struct page");
    list.take_flag("PTE_DIRTY", 55, "software: was written", "软件位：写过", "software: not known to be written",
                   "软件位：没有写过的记录");
}

std::string_view ap_words(u64 ap, bool zh) {
    static constexpr std::string_view en[] = {"kernel reads and writes, user nothing", "kernel and user read and write",
                                              "kernel reads, user nothing", "kernel and user read"};
    static constexpr std::string_view cn[] = {"内核可读写，用户不可访问", "内核和用户都可读写",
                                              "内核只读，用户不可访问", "内核和用户都只读"};
    return zh ? cn[ap] : en[ap];
}

std::string_view sh_words(u64 sh, bool zh) {
    static constexpr std::string_view en[] = {"non-shareable", "reserved", "outer shareable", "inner shareable"};
    static constexpr std::string_view cn[] = {"不可共享", "保留", "外部可共享", "内部可共享"};
    return zh ? cn[sh] : en[sh];
}

// Bits 49 to 12 of a leaf or table.
void address_fields(FieldList& list, const pte_format& format, u8 shift, bool table) {
    const page_geometry& geometry = format.geometry;
    u8 top = 47;
    if (geometry.format == table_format::arm64_lpa2)
        top = 49;
    else
        list.take_zero(49, 48);
    list.take_address(table ? "table address" : "output address", top, shift);
    if (shift > 17) list.take_zero(static_cast<u8>(shift - 1), 17);
    if (!table && shift > 16) list.take("nT", 16, 16, "block translation entry (FEAT_BBM)", "块转换项（FEAT_BBM）");
    const u8 rest = std::min<u8>(static_cast<u8>(shift - 1), 15);
    if (geometry.format == table_format::arm64_lva)
        list.take("address[51:48]", 15, 12, "the upper bits of the address", "地址的高位");
    else if (rest >= 12)
        list.take_zero(rest, 12);
}

std::vector<descriptor_field> decode_arm64_table(const pte_format& format, pteval_t entry) {
    FieldList list(entry, 63);
    list.take_flag("NSTable", 63, "everything below is non-secure", "以下全部为非安全", "no limit on what is below",
                   "对下级不加限制");
    static constexpr std::string_view ap[] = {"no limit on what is below", "user may access nothing below",
                                              "nothing below may be written",
                                              "nothing below may be written, and user may access nothing"};
    static constexpr std::string_view ap_zh[] = {"对下级不加限制", "用户不可访问下级", "下级都不可写",
                                                 "下级都不可写，用户也不可访问"};
    list.take("APTable", 62, 61, ap[entry >> 61 & 3], ap_zh[entry >> 61 & 3]);
    list.take_flag("UXNTable", 60, "user mode may execute nothing below", "用户态不可执行下级",
                   "no limit on what is below", "对下级不加限制");
    list.take_flag("PXNTable", 59, "the kernel may execute nothing below", "内核态不可执行下级",
                   "no limit on what is below", "对下级不加限制");
    list.take_ignored(58, 51);
    list.take("RES0", 50, 50, "reserved, 0", "保留，为 0");
    address_fields(list, format, format.geometry.page_shift, true);
    if (format.geometry.format == table_format::arm64_lpa2) {
        list.take_ignored(11, 10);
        list.take("address[51:50]", 9, 8, "the upper bits of the address", "地址的高位");
        list.take_ignored(7, 2);
    } else {
        list.take_ignored(11, 2);
    }
    list.take("type", 1, 1, "a table", "下级页表");
    list.take("valid", 0, 0, "hardware uses the entry", "硬件使用该项");
    return list.finish();
}

std::vector<descriptor_field> decode_arm64_leaf(const pte_format& format, pteval_t entry, u8 level,
                                                descriptor_kind kind) {
    const bool valid = entry & PTE_VALID;
    const bool block = kind == descriptor_kind::block || !(entry & PTE_TABLE_BIT);
    FieldList list(entry, 63);
    software_bits(list, format, valid);
    list.take_flag("UXN", 54, "user mode may not execute", "用户态不可执行", "user mode may execute", "用户态可执行");
    list.take_flag("PXN", 53, "the kernel may not execute", "内核态不可执行", "the kernel may execute", "内核态可执行");
    list.take_flag("CONT", 52, "one of a row of entries that a TLB may hold as one", "一组连续项之一，TLB 可合为一项",
                   "stands alone", "单独一项");
    list.take_flag("DBM", 51, "writable (Linux: PTE_WRITE); with FEAT_HAFDBS hardware clears AP[2] on a write",
                   "可写（Linux：PTE_WRITE）；有 FEAT_HAFDBS 时硬件在写入时清除 AP[2]", "not writable", "不可写");
    list.take_flag("GP", 50, "guarded: branches land on BTI only", "受保护页：间接跳转只能落在 BTI 上", "not guarded",
                   "不受保护");
    address_fields(list, format, format.geometry.shift(level), false);
    list.take_flag("nG", 11,
                   !valid && format.rules.present_invalid_is_ng() ? "the entry is not valid: PTE_PRESENT_INVALID"
                                                                  : "of one address space: TLB entries carry its ASID",
                   !valid && format.rules.present_invalid_is_ng() ? "该项无效：PTE_PRESENT_INVALID"
                                                                  : "属于一个地址空间：TLB 项带 ASID",
                   "global: of every address space", "全局：属于所有地址空间");
    list.take_flag("AF", 10, "was accessed", "访问过", "not accessed yet: the next access faults or sets it",
                   "还没访问：下次访问时出错或由硬件置位");
    const u64 low = entry >> 8 & 3, ap = entry >> 6 & 3;
    if (format.geometry.format == table_format::arm64_lpa2)
        list.take("address[51:50]", 9, 8, "the upper bits of the address; TCR_EL1 says the shareability",
                  "地址的高位；可共享性由 TCR_EL1 给出");
    else
        list.take("SH", 9, 8, sh_words(low, false), sh_words(low, true));
    list.take("AP", 7, 6, ap_words(ap, false), ap_words(ap, true));
    list.take_flag("NS", 5, "non-secure, seen from the secure state", "从安全态看为非安全",
                   "only the secure state looks at it", "只有安全态才看它");
    const std::string_view type = memory_type_name(memory_type_of(format.rules, entry >> 2 & 7));
    list.take("AttrIndx", 4, 2, type, type);
    list.take("type", 1, 1, block ? "a block" : "a page", block ? "块" : "页");
    if (kind == descriptor_kind::invalid)
        list.take("valid", 0, 0, "hardware faults: the kernel took the bit away (debug_pagealloc, KFENCE)",
                  "硬件报错：内核去掉了这一位（debug_pagealloc、KFENCE）");
    else
        list.take_flag("valid", 0, "hardware uses the entry", "硬件使用该项", "hardware faults", "硬件报错");
    return list.finish();
}

// kernel: the comment on swap entries in asm/pgtable.h
std::vector<descriptor_field> decode_arm64_swap(const pte_format& format, pteval_t entry) {
    FieldList list(entry, 63);
    if (format.rules.present_invalid_is_ng()) {
        list.take("unused", 63, 62);
        list.take("swap offset", 61, 12, "page in the swap area", "交换区中的页");
        list.take("PTE_PRESENT_INVALID", 11, 11, "0: the page is not in memory", "0：页不在内存");
        list.take("swap type", 10, 6, "number of the swap area", "交换区编号");
        list.take("unused", 5, 4);
        list.take("PTE_SWP_UFFD_WP", 3, 3, "write-protected by userfaultfd", "被 userfaultfd 写保护");
        list.take("PTE_SWP_EXCLUSIVE", 2, 2, "the page belonged to this process alone", "该页原来只属于本进程");
    } else {
        list.take("unused", 63, 59);
        list.take("PTE_PROT_NONE", 58, 58, "0: the page is not in memory", "0：页不在内存");
        list.take("swap offset", 57, 8, "page in the swap area", "交换区中的页");
        if (format.rules.swap_keeps_exclusive()) {
            list.take("swap type", 7, 3, "number of the swap area", "交换区编号");
            list.take("PTE_SWP_EXCLUSIVE", 2, 2, "the page belonged to this process alone", "该页原来只属于本进程");
        } else {
            list.take("swap type", 7, 2, "number of the swap area", "交换区编号");
        }
    }
    list.take("type", 1, 1);
    list.take("valid", 0, 0, "hardware faults", "硬件报错");
    return list.finish();
}

} // namespace

std::vector<descriptor_field> arm64_decode(const pte_format& format, pteval_t entry, u8 level) {
    const descriptor_kind kind = kind_of(format, entry, level);
    switch (kind) {
    case descriptor_kind::none:
    case descriptor_kind::swap: return decode_arm64_swap(format, entry);
    case descriptor_kind::table: return decode_arm64_table(format, entry);
    default: return decode_arm64_leaf(format, entry, level, kind);
    }
}

std::string descriptor_line(const pte_format& format, pteval_t entry, u8 level) {
    MM_ASSERT(format.arch().arch == architecture::arm64);
    const descriptor_kind kind = kind_of(format, entry, level);
    if (!(entry & PTE_VALID)) return "invalid";
    const auto fields = decode_descriptor(format, entry, level);
    const auto value = [&](std::string_view name) {
        const descriptor_field* field = find_field(fields, name);
        return field ? static_cast<int>(field->value) : 0;
    };
    const auto phys = static_cast<unsigned long long>(output_address(format, entry, level));
    char text[256];
    if (kind == descriptor_kind::table) {
        std::snprintf(text, sizeof text, "VT PXNTable=%d UXNTable=%d APTable=%d NSTable=%d -> table phys=%llx",
                      value("PXNTable"), value("UXNTable"), value("APTable"), value("NSTable"), phys);
        return text;
    }
    const int ap = value("AP");
    std::snprintf(text, sizeof text,
                  "V%c AttrIdx=%d NS=%d AP=%d(%s,%s) SH=%d AF=%d nG=%d DBM=%d CONT=%d PXN=%d UXN=%d sw=%x -> phys=%llx "
                  "(leaf, size=%llx)",
                  value("type") ? 'T' : 'B', value("AttrIndx"), value("NS"), ap, ap & 2 ? "ro" : "rw",
                  ap & 1 ? "el0" : "el1", value("SH"), value("AF"), value("nG"), value("DBM"), value("CONT"),
                  value("PXN"), value("UXN"), static_cast<unsigned>(entry >> 55 & 15), phys,
                  static_cast<unsigned long long>(format.geometry.size(level)));
    return text;
}

std::string_view memory_type_name(memory_type type) {
    static constexpr std::string_view names[] = {"Normal",        "Normal-Tagged", "Normal-NC",  "Normal-WT",
                                                 "Device-nGnRnE", "Device-nGnRE",  "Device-GRE", "unused"};
    return names[static_cast<std::size_t>(type)];
}

memory_type memory_type_of(const pte_rules& rules, u32 attr_index) { return mair_of(rules).types[attr_index & 7]; }

std::string_view memory_types_span(const pte_rules& rules) { return mair_of(rules).span; }

u32 attr_index_of(const pte_rules& rules, memory_type type) {
    const rows_t& rows = mair_of(rules).types;
    const auto found = std::find(rows.begin(), rows.end(), type);
    MM_ASSERT(found != rows.end() && type != memory_type::unused);
    return static_cast<u32>(found - rows.begin());
}

u64 mair_el1(const pte_rules& rules) {
    static constexpr u8 encoding[] = {0xff, 0xff, 0x44, 0xbb, 0x00, 0x04, 0x0c, 0x00};
    u64 value = 0;
    for (u32 i = 0; i < 8; ++i) value |= u64{encoding[static_cast<u8>(memory_type_of(rules, i))]} << (8 * i);
    return value;
}

} // namespace mm
