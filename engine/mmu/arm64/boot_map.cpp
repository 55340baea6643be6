#include "mmu/arm64/boot_map.h"

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "mmu/arm64/descriptor.h"
#include "mmu/arm64/functions.h"
#include "mmu/boot_frames.h"
#include "mmu/events.h"

namespace mm {

namespace {

using ev = mmu_event;
using scope = CallScope<EventSink>;

constexpr u64 SEGMENT_ALIGN = 64 << 10; // the parts of the image begin at whole 64 KiB
constexpr u64 BLOCK = 2 << 20;
constexpr u64 MAX_FDT_SIZE = 2 << 20;
constexpr u64 PCI_IO_WINDOW = 64 << 10;

u64 round_down(u64 value, u64 to) { return value / to * to; }
u64 round_up(u64 value, u64 to) { return (value + to - 1) / to * to; }

class BootMapper {
  public:
    BootMapper(mmu_context& cx, const boot_map_config& config, const address_layout& layout)
        : cx_(cx), config_(config), layout_(layout), rules_{cx.mmu.format.rules.machine_kernel()},
          linear_(linear_map_of(layout, memstart(config, layout))), shift_(cx.mmu.geometry().page_shift),
          frames_(config.reserved, shift_, cx.page.mem.base_pfn, cx.page.mem.end_pfn),
          inner_{cx.mmu, {cx.page.mem, quiet_, cx.page.cpu, cx.page.step}, &frames_} {}

    space_id run() {
        const kernel_image& image = config_.image;
        frames_.take_next_from(frame(image.pg_dir), 1);
        space_ = create_space(inner_, true);
        MM_ASSERT(space_ != SPACE_NONE);
        frames_.take_from_memory();
        map_image();
        map_fixmap();
        map_memory();
        map_sections();
        map_others();
        free_init();
        const mmu_memory& mmu = cx_.mmu;
        cx_.page.sink.emit(ev::boot_map_done, space_, mmu.tables[mmu.spaces[space_].pgd].pfn, frames_.taken(),
                           u64{frames_.taken()} << shift_);
        return space_;
    }

  private:
    struct Mapping {
        boot_mapping what;
        u64 virt;
        phys_addr_t phys;
        u64 size;
        protection prot;
        bool blocks = true, contiguous = false, no_exec = false;
    };

    // kernel: arm64_memblock_init
    static u64 memstart(const boot_map_config& config, const address_layout& layout) {
        machine_profile profile;
        profile.memory = {config.memory.front()};
        profile.page_size = layout.config.page_size;
        profile.kernel = kernel_of(layout.config.version);
        return memstart_address(profile);
    }
    [[nodiscard]] u64 page() const { return 1ull << shift_; }
    [[nodiscard]] pfn_t frame(u64 offset) const { return static_cast<pfn_t>((config_.image.phys + offset) >> shift_); }
    [[nodiscard]] u64 kimage(u64 offset) const { return layout_["KIMAGE_VADDR"] + offset; }
    // kernel: __fix_to_virt
    [[nodiscard]] u64 fixmap(u64 slot) const { return layout_["FIXADDR_TOP"] - (slot << shift_); }

    void map(const Mapping& m) { map_as(m, pgprot_of(cx_.mmu.format, m.prot)); }

    void map_as(const Mapping& m, pgprot_t prot) {
        if (m.size == 0) return;
        const u32 before = frames_.taken();
        map_request request{space_, m.virt, m.phys, m.size, prot};
        request.blocks = m.blocks;
        request.contiguous = m.contiguous;
        request.no_exec_tables = m.no_exec;
        static_cast<void>(map_range(inner_, request));
        cx_.page.sink.emit(ev::boot_mapped, m.what, m.virt, m.phys, m.size, prot, frames_.taken() - before,
                           frames_.last());
    }

    // kernel: map_kernel
    void map_image() {
        const kernel_image& image = config_.image;
        if (rules_.image_has_its_tables())
            frames_.take_next_from(frame(image.early_tables),
                                   static_cast<u32>((image.end - image.early_tables) >> shift_));
        const auto part = [&](boot_mapping what, u64 start, u64 end, protection prot, bool contiguous) {
            map({.what = what,
                 .virt = kimage(start),
                 .phys = image.phys + start,
                 .size = end - start,
                 .prot = prot,
                 .contiguous = contiguous});
        };
        // Rodata and init memory change later; contiguous entries could not.
        const bool init_contiguous = !rules_.image_has_its_tables();
        if (rules_.maps_head()) part(boot_mapping::head, 0, image.text, protection::PAGE_KERNEL_RO, false);
        part(boot_mapping::text, image.text, image.rodata, protection::PAGE_KERNEL_ROX, true);
        part(boot_mapping::rodata, image.rodata, image.init_text, protection::PAGE_KERNEL_RO, false);
        part(boot_mapping::init, image.init_text, image.init_data, protection::PAGE_KERNEL_ROX, init_contiguous);
        part(boot_mapping::init, image.init_data, image.data, protection::PAGE_KERNEL, init_contiguous);
        part(boot_mapping::data, image.data, image.end, protection::PAGE_KERNEL, true);
        frames_.take_from_memory();
    }

    // Tables down to the pte level, without limits on execution: the fixmap's entries are made before protections are known.
    // kernel: early_fixmap_init
    void make_fixmap_tables() {
        const mmu_memory& mmu = cx_.mmu;
        const u32 ptes = rules_.fixmap_pte_tables();
        const u64 span = mmu.geometry().size(1);
        const u64 top = round_up(layout_["FIXADDR_TOP"], span);
        const u64 lowest = round_down(fixmap(rules_.trampoline_text_slot()), span);
        frames_.take_next_from(frame(config_.image.fixmap_tables), ptes + 2);
        for (u32 i = 0; i < ptes; ++i) {
            const u64 address = ptes == 1 ? lowest : top - (ptes - i) * span;
            const u32 nr = mmu.nr_records;
            table_id table = table_alloc(inner_, space_, address, 0);
            for (; table != TABLE_NONE && table >= nr; table = mmu.tables[table].parent) {
                const page_table record = mmu.tables[table];
                const phys_addr_t phys = phys_addr_t{record.pfn} << shift_;
                set_entry(inner_, record.parent, record.index,
                          address_bits(mmu.format, phys) | PTE_VALID | PTE_TABLE_BIT);
            }
        }
        frames_.take_from_memory();
    }

    void map_fixmap() {
        make_fixmap_tables();
        if (!config_.device_tree) return;
        // kernel: FIX_FDT, fixmap_remap_fdt
        const bool pages = rules_.device_tree_in_pages();
        const u64 slot = pages ? 1 + (MAX_FDT_SIZE + page()) / page() : (MAX_FDT_SIZE + BLOCK) / page();
        const u64 unit = pages || page() != 4096 ? page() : BLOCK;
        const phys_addr_t start = round_down(config_.device_tree->start, unit);
        const phys_addr_t end = round_up(config_.device_tree->start + config_.device_tree->size, unit);
        map({.what = boot_mapping::device_tree,
             .virt = fixmap(slot),
             .phys = start,
             .size = end - start,
             .prot = protection::PAGE_KERNEL_RO});
    }

    // kernel: map_mem, mark_linear_text_alias_ro
    void map_memory() {
        const kernel_image& image = config_.image;
        const u64 alias_start = image.phys + (rules_.maps_head() ? 0 : image.text);
        const u64 alias_end = image.phys + image.init_text;
        const bool large = !config_.rodata_full;
        const auto part = [&](u64 start, u64 end) {
            if (end <= start) return;
            map({.what = boot_mapping::linear,
                 .virt = linear_.phys_to_virt(start),
                 .phys = start,
                 .size = end - start,
                 .prot = protection::PAGE_KERNEL_TAGGED,
                 .blocks = large,
                 .contiguous = large,
                 .no_exec = true});
        };
        for (const memory_region& region : config_.memory) {
            const u64 start = round_up(region.start, page());
            const u64 end = round_down(region.start + region.size, page());
            part(start, std::min(end, alias_start));
            part(std::max(start, alias_end), end);
        }
        map({.what = boot_mapping::alias,
             .virt = linear_.phys_to_virt(alias_start),
             .phys = alias_start,
             .size = alias_end - alias_start,
             .prot = protection::PAGE_KERNEL_RO});
    }

    // kernel: sparse_init, vmemmap_populate. Blocks with 4 KiB pages alone.
    void map_sections() {
        const u64 vmemmap = *linear_.vmemmap;
        const bool blocks = page() == 4096;
        for (const boot_map_config::section_run& run : config_.sections)
            map({.what = boot_mapping::vmemmap,
                 .virt = vmemmap + (run.start >> shift_) * STRUCT_PAGE_BYTES,
                 .phys = run.mem_map,
                 .size = (run.size >> shift_) * STRUCT_PAGE_BYTES,
                 .prot = blocks ? protection::PROT_SECT_NORMAL : protection::PAGE_KERNEL,
                 .blocks = blocks});
    }

    void map_others() {
        const pte_format& format = cx_.mmu.format;
        if (config_.pci_io) {
            // kernel: pci_remap_iospace, pgprot_device(PAGE_KERNEL)
            const u64 type = attr_index_of(format.rules, memory_type::device_nGnRE);
            const pgprot_t prot =
                (pgprot_of(format, protection::PAGE_KERNEL) & ~PTE_ATTRINDX_MASK) | type << PTE_ATTRINDX_SHIFT;
            map_as({.what = boot_mapping::pci_io,
                    .virt = layout_["PCI_IO_START"],
                    .phys = *config_.pci_io,
                    .size = PCI_IO_WINDOW,
                    .prot = protection::PAGE_KERNEL,
                    .blocks = false},
                   prot);
        }
        // kernel: map_entry_trampoline
        if (!rules_.always_maps_trampoline() || page() != 4096) return;
        const kernel_image& image = config_.image;
        map({.what = boot_mapping::trampoline,
             .virt = fixmap(rules_.trampoline_text_slot()),
             .phys = image.phys + image.trampoline_text,
             .size = TRAMPOLINE_TEXT_PAGES * page(),
             .prot = protection::PAGE_KERNEL_ROX});
        map({.what = boot_mapping::trampoline,
             .virt = fixmap(rules_.trampoline_data_slot()),
             .phys = image.phys + image.trampoline_data,
             .size = page(),
             .prot = protection::PAGE_KERNEL_RO});
    }

    // kernel: free_initmem
    void free_init() {
        const kernel_image& image = config_.image;
        const u64 size = image.data - image.init_text;
        if (size == 0) return;
        static_cast<void>(unmap_range(inner_, space_, kimage(image.init_text), size));
        cx_.page.sink.emit(ev::boot_init_unmapped, kimage(image.init_text), size);
    }

    mmu_context& cx_;
    const boot_map_config& config_;
    const address_layout& layout_;
    const boot_map_rules rules_;
    const linear_map linear_;
    const u8 shift_;
    boot_frames frames_;
    EventSink quiet_; // the steps of each mapping are told as one event
    mmu_context inner_;
    space_id space_ = SPACE_NONE;
};

// ---- what a machine tells

// Memory of one node whose struct pages lie in one piece: whole sections, each counted for the node that it begins in.
std::vector<boot_map_config::section_run> sections_of(const machine_profile& profile) {
    const u64 section = mem_map_size_of(profile).section_bytes;
    std::vector<boot_map_config::section_run> runs;
    u64 next = 0;
    for (const memory_region& region : profile.memory) {
        const u64 first = std::max(next, round_down(region.start, section));
        const u64 end = round_up(region.start + region.size, section);
        if (end <= first) continue;
        runs.push_back({first, end - first, 0});
        next = end;
    }
    return runs;
}

// The highest reserved block of the node that can hold so many struct pages, and ends like the kernel's aligned buffer.
// Else the node's highest block, as far down from its end as is needed.
std::optional<phys_addr_t> mem_map_of(const machine_profile& profile, u8 node, u64 bytes) {
    const memory_region* fallback = nullptr;
    const memory_region* found = nullptr;
    for (const memory_region& region : profile.reserved) {
        const bool inside = std::any_of(profile.memory.begin(), profile.memory.end(), [&](const memory_region& m) {
            return m.node == node && region.start >= m.start && region.start + region.size <= m.start + m.size;
        });
        if (!inside) continue;
        if (!fallback || region.start > fallback->start) fallback = &region;
        const bool fits = region.size >= bytes && (region.start + region.size) % BLOCK == 0;
        if (fits && (!found || region.start > found->start)) found = &region;
    }
    const memory_region* used = found ? found : fallback;
    if (!used) return std::nullopt;
    const u64 end = round_down(used->start + used->size, BLOCK);
    return end >= bytes ? std::optional<phys_addr_t>(end - bytes) : std::nullopt;
}

void place_sections(boot_map_config& config, const machine_profile& profile) {
    const auto node_of = [&](u64 start, u64 size) {
        for (const memory_region& m : profile.memory)
            if (m.start < start + size && m.start + m.size > start) return m.node;
        return u8{0};
    };
    const std::vector<boot_map_config::section_run> runs = sections_of(profile);
    const auto bytes_of = [&](const boot_map_config::section_run& run) {
        return run.size / profile.page_size * STRUCT_PAGE_BYTES;
    };
    for (u8 node = 0; node < profile.nodes; ++node) {
        u64 bytes = 0;
        for (const auto& run : runs)
            if (node_of(run.start, run.size) == node) bytes += bytes_of(run);
        std::optional<phys_addr_t> at = bytes ? mem_map_of(profile, node, bytes) : std::nullopt;
        if (!at) continue;
        for (const auto& run : runs) {
            if (node_of(run.start, run.size) != node) continue;
            config.sections.push_back({run.start, run.size, *at});
            *at += bytes_of(run);
        }
    }
}

// The image lies in the first reserved block. Of a machine that runs the block ends with rodata, and another begins with data.
kernel_image image_of(const machine_profile& profile) {
    const memory_region first =
        profile.reserved.empty() ? memory_region{profile.memory.front().start + BLOCK, 0, 0} : profile.reserved.front();
    const phys_addr_t phys = round_down(first.start, BLOCK);
    const kernel_image whole = debian_image(profile.kernel, phys);
    const bool running = std::any_of(profile.reserved.begin(), profile.reserved.end(),
                                     [&](const memory_region& region) { return region.start == phys + whole.data; });
    const u64 room = first.size ? first.start + first.size - phys : profile.memory.front().size / 4;
    // The last 64 KiB may have a part that is free again: the table that the image began with.
    if (running || room + SEGMENT_ALIGN > whole.end) return whole;
    return debian_image(profile.kernel, phys, room);
}

} // namespace

// Offsets as the recorded machines show them: the parts in /proc/vmallocinfo, the pgd in TTBR1_EL1, the others in walks. Where
// the fixmap's tables are in .bss shows for 6.12 alone.
kernel_image debian_image(kernel_version version, phys_addr_t phys, u64 bytes) {
    static constexpr std::array<from_release<kernel_image>, 3> images = {
        {{{5, 10},
          {0, 0x0, 0xb80000, 0x1280000, 0x1320000, 0x17d0000, 0x1ad0000, 0x1275000, 0, 0x1ac5000, 0xb75000, 0xb81000}},
         {{6, 1},
          {0, 0x10000, 0xd00000, 0x1660000, 0x1740000, 0x1cb0000, 0x2010000, 0x1658000, 0, 0x2008000, 0x1651000, 0x1654000}},
         {{6, 12},
          {0, 0x10000, 0xf50000, 0x1d00000, 0x1e00000, 0x2670000, 0x2b30000, 0x1cfe000, 0x2b18000, 0x2a2f000, 0, 0}}}};
    kernel_image image = newest(images, version);
    image.phys = phys;
    bytes = round_down(bytes, SEGMENT_ALIGN);
    if (image.end <= bytes) return image;
    // What stands at the end of a part keeps its distance from it.
    const u64 end = image.end;
    const u64 rodata_end = image.init_text;
    const auto scaled = [&](u64 offset) { return round_down(offset * bytes / end, SEGMENT_ALIGN); };
    kernel_image small = image;
    for (u64* part : {&small.rodata, &small.init_text, &small.init_data, &small.data, &small.end})
        *part = std::max(scaled(*part), image.text);
    const auto keep = [](u64 offset, u64 old_end, u64 new_end) {
        return old_end - offset <= new_end ? new_end - (old_end - offset) : 0;
    };
    small.pg_dir = keep(image.pg_dir, rodata_end, small.init_text);
    small.early_tables = image.early_tables ? keep(image.early_tables, end, small.end) : 0;
    small.fixmap_tables = keep(image.fixmap_tables, end, small.end);
    small.trampoline_text = small.text;
    small.trampoline_data = small.rodata;
    return small;
}

boot_map_config boot_map_config_of(const machine_profile& profile) {
    MM_ASSERT(profile.arch == architecture::arm64);
    boot_map_config config;
    config.layout = layout_config_of(profile);
    config.memory = profile.memory;
    config.reserved = profile.reserved;
    config.image = image_of(profile);
    for (const memory_region& region : profile.reserved) {
        const bool behind = region.start >= config.image.phys + config.image.end;
        if (behind && region.start % BLOCK == 0 && region.size <= MAX_FDT_SIZE && !config.device_tree)
            config.device_tree = region;
    }
    place_sections(config, profile);
    return config;
}

space_id boot_map(mmu_context& cx, const boot_map_config& config) {
    scope call(cx.page.sink, mmu_fn::paging_init);
    const auto layout = make_layout(config.layout);
    MM_ASSERT(layout.ok() && cx.mmu.up && cx.mmu.spaces.empty());
    MM_ASSERT(layout->geometry == cx.mmu.geometry());
    return BootMapper(cx, config, *layout).run();
}

std::vector<image_part> image_parts(const machine_profile& profile) {
    const boot_map_config config = boot_map_config_of(profile);
    const auto layout = make_layout(config.layout);
    MM_ASSERT(layout.ok());
    const kernel_image& image = config.image;
    // Where the image's head is mapped, the first area begins with it.
    const u64 start = boot_map_rules{profile.kernel}.maps_head() ? 0 : image.text;
    const u64 bounds[] = {start, image.rodata, image.init_text, image.init_data, image.data, image.end};
    std::vector<image_part> parts;
    for (std::size_t i = 0; i + 1 < std::size(bounds); ++i)
        if (bounds[i] < bounds[i + 1])
            parts.push_back({(*layout)["KIMAGE_VADDR"] + bounds[i], image.phys + bounds[i], bounds[i + 1] - bounds[i]});
    return parts;
}

page_geometry arm64_kernel_geometry(const machine_profile& profile) {
    const auto geometry = arm64_geometry(profile.page_size, profile.va_bits != 0 ? profile.va_bits : 48);
    MM_ASSERT(geometry.has_value());
    return *geometry;
}

void arm64_make_kernel_space(mmu_context& cx, const machine_profile& profile) {
    boot_map(cx, boot_map_config_of(profile));
}

} // namespace mm
