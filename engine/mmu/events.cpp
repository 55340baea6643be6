// Events of page tables: the words of their reasons and flags. Their rows are in event_rows.h.
#include "mmu/events.h"

#include "mmu/event_rows.h"
#include "mmu/page_table.h"
#include "mmu/pte_helpers.h"

namespace mm {

namespace {

using ev = mmu_event;

constexpr auto table = event_table(mmu_rows::rows, ev::pgd_allocated);

constexpr ev with_level[] = {ev::table_allocated,     ev::table_unlinked, ev::table_freed,
                             ev::table_no_memory,     ev::entries_set,    ev::entries_cleared,
                             ev::block_invalidated,   ev::block_split,    ev::contiguous_broken,
                             ev::contiguous_unfolded, ev::walk_step,      ev::entries_protected};
constexpr ev with_error[] = {ev::map_refused, ev::unmap_refused, ev::protect_refused, ev::walk_fault};

struct ErrorWords {
    map_error error;
    LateText en, zh;
};
constexpr ErrorWords errors[] = {
    {map_error::no_space, "there is no such address space", "没有这个地址空间"},
    {map_error::empty, "0 bytes", "0 字节"},
    {map_error::unaligned, "not a whole number of pages", "不是整数个页"},
    {map_error::not_canonical, "no table translates such addresses", "没有页表转换这样的地址"},
    {map_error::wrong_half, "the address belongs to the other half of the address space", "该地址属于地址空间的另一半"},
    {map_error::phys_too_high, "the physical address does not fit an entry", "物理地址放不进表项"},
    {map_error::mapped, "something is mapped there", "那里已有映射"},
    {map_error::no_memory, "no page for a table", "没有页可作页表"},
};

// Only a mapping names a physical address.
constexpr EventWords too_high_to_map =
    words_for(ev::map_refused, "reason", map_error::phys_too_high,
              "the physical address does not fit an entry, which has {bits} bits for it",
              "物理地址放不进表项，表项里只有 {bits} 位");

constexpr EventWords own_words[] = {
    words_for(ev::pgd_allocated, "kernel", 0, "of a process", "进程"),
    words_for(ev::pgd_allocated, "kernel", 1, "the kernel's", "内核"),
    words_for(ev::pgd_allocated, "shared", 0, " It fills the page.", "它正好占满一页。"),
    words_for(
        ev::pgd_allocated, "shared", 1,
        " It is only {size}: the kernel takes it from the slab cache pgd_cache, many to a page. Here it has a page "
        "of its own.",
        "它只有 {size}：内核从 slab 缓存 pgd_cache 中取得，一页放许多个。这里让它独占一页。"),
    words_for(ev::entries_set, "contiguous", 0, "", ""),
    words_for(ev::entries_set, "contiguous", 1, ", with the contiguous bit", "，带连续位"),
    words_for(ev::pte_asked, "answer", 0, "false", "假"),
    words_for(ev::pte_asked, "answer", 1, "true", "真"),
    words_for(ev::walk_step, "kind", descriptor_kind::none, "nothing", "空"),
    words_for(ev::walk_step, "kind", descriptor_kind::swap, "not present", "不在内存"),
    words_for(ev::walk_step, "kind", descriptor_kind::invalid, "not present", "不存在"),
    words_for(ev::walk_step, "kind", descriptor_kind::present_invalid, "PROT_NONE", "PROT_NONE"),
    words_for(ev::walk_step, "kind", descriptor_kind::table, "the next table", "下级表"),
    words_for(ev::walk_step, "kind", descriptor_kind::block, "a block", "块"),
    words_for(ev::walk_step, "kind", descriptor_kind::page, "a page", "页"),
    words_for(ev::walk_step, "kind", descriptor_kind::reserved, "of a type that this level has not", "本级没有的类型"),
    words_for(ev::boot_mapped, "what", boot_mapping::head, "the head of its image", "自己映像的头部"),
    words_for(ev::boot_mapped, "what", boot_mapping::text, "its text", "自己的代码段"),
    words_for(ev::boot_mapped, "what", boot_mapping::rodata, "its read-only data", "自己的只读数据"),
    words_for(ev::boot_mapped, "what", boot_mapping::init, "what it needs while it boots", "启动时所需的部分"),
    words_for(ev::boot_mapped, "what", boot_mapping::data, "its data", "自己的数据"),
    words_for(ev::boot_mapped, "what", boot_mapping::device_tree, "the device tree, in the fixmap",
              "设备树（在固定映射区）"),
    words_for(ev::boot_mapped, "what", boot_mapping::trampoline, "the trampoline of system calls, in the fixmap",
              "系统调用的跳板（在固定映射区）"),
    words_for(ev::boot_mapped, "what", boot_mapping::linear, "memory, in the linear map", "内存（在线性映射区）"),
    words_for(ev::boot_mapped, "what", boot_mapping::alias,
              "its text and read-only data once more in the linear map, where nothing may write them",
              "自己的代码段和只读数据，在线性映射区再映射一次，且不可写"),
    words_for(ev::boot_mapped, "what", boot_mapping::vmemmap, "the struct pages of a run of sections",
              "一段内存区段的 struct page"),
    words_for(ev::boot_mapped, "what", boot_mapping::pci_io, "the ports of PCI", "PCI 的 I/O 端口"),
    words_for(ev::walk_fault, "reason", map_error::none, "the last entry maps nothing", "最后一项没有映射"),
};

// The words of levels and errors, for each event that has one.
constexpr auto words = [] {
    std::array<EventWords, std::size(own_words) + std::size(with_level) * MAX_LEVELS +
                               std::size(with_error) * std::size(errors) + pte_change_names.size() +
                               pte_question_names.size()>
        all;
    std::size_t n = 0;
    for (const EventWords& row : own_words) all[n++] = row;
    for (const ev kind : with_level)
        for (u8 i = 0; i < MAX_LEVELS; ++i) all[n++] = name_for(kind, "level", i, level_names[i]);
    for (const ev kind : with_error)
        for (const ErrorWords& row : errors)
            all[n++] = kind == ev::map_refused && row.error == map_error::phys_too_high
                           ? too_high_to_map
                           : words_for(kind, "reason", row.error, row.en, row.zh);
    for (std::size_t i = 0; i < pte_change_names.size(); ++i)
        all[n++] = name_for(ev::pte_changed, "helper", i, pte_change_names[i]);
    for (std::size_t i = 0; i < pte_question_names.size(); ++i)
        all[n++] = name_for(ev::pte_asked, "helper", i, pte_question_names[i]);
    return all;
}();

} // namespace

EventPart mmu_events() { return table.with(words); }

} // namespace mm
