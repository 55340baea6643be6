// Layouts of arm64: what they can be, and what their formulas begin with.
#include <array>

#include "base/assert.h"
#include "mmu/arm64/functions.h"
#include "mmu/arm64/layout_macros.h"

namespace mm {

namespace {

// VA_BITS_MIN: what a kernel of 52 bits falls back to.
u8 minimum_width(const layout_config& config) {
    return config.va_bits != 52 ? config.va_bits : config.page_size == 16384 ? 47 : 48;
}

} // namespace

void arm64_configure_layout(layout_config& config, const machine_profile& profile) {
    if (profile.page_size != 4096) return;
    config.va_bits = profile.va_bits != 0 ? profile.va_bits : debian_kernel(profile.kernel).arm64_va_bits;
    if (config.va_bits <= 48) return;
    config.va_bits_actual = 48;
}

// Widths that the version can be built with: 52 bits of kernel addresses came with 5.4 for 64 KiB pages and with 6.9 for the
// others.
std::optional<Error> arm64_check_layout(const layout_config& config) {
    if (!since(release_of(config.version), 3, 7)) return Error{"version", "2.6 did not run on arm64"};
    const u8 actual = config.va_bits_actual ? config.va_bits_actual : config.va_bits;
    if (!arm64_geometry(config.page_size, config.va_bits))
        return Error{"va_bits", std::to_string(config.va_bits) + " bits with pages of " +
                                    std::to_string(config.page_size) + " bytes do not exist on arm64"};
    if (const u8 least = minimum_width(config); actual != config.va_bits && actual != least) {
        const std::string built = std::to_string(config.va_bits);
        return Error{"va_bits_actual",
                     (least == config.va_bits ? "a kernel of " + built + " bits uses " + built + " on every CPU"
                                              : "a kernel of " + built + " bits runs on CPUs of " + built + " or " +
                                                    std::to_string(least)) +
                         ", found " + std::to_string(actual)};
    }
    const linux_release release = release_of(config.version);
    const bool wide = since(release, 6, 9) || (config.page_size == 65536 && since(release, 5, 4));
    if (config.va_bits == 52 && !wide) return Error{"va_bits", "52 bits need 6.9, or 5.4 with pages of 64 KiB"};
    return std::nullopt;
}

page_geometry arm64_layout_geometry(const layout_config& config) {
    return *arm64_geometry(config.page_size, config.va_bits_actual);
}

std::vector<layout_macro> arm64_given_macros(const layout_config& config, const page_geometry& geometry) {
    const u64 page_size = config.page_size;
    const page_geometry built = *arm64_geometry(page_size, config.va_bits);
    // Since 5.2, with a stable backport, the last page below 4 GiB is not for a task: an address there would look like an
    // error. With 64 KiB pages the vectors page of 32-bit programs is there anyway.
    const u64 last = !since(release_of(config.version), 5, 2) || page_size == 65536 ? 0 : page_size;
    return {{"PAGE_SHIFT", "", geometry.page_shift},     {"PAGE_SIZE", "", page_size},
            {"PUD_SIZE", "", 1ull << built.pud_shift()}, {"VA_BITS", "", config.va_bits},
            {"VA_BITS_MIN", "", minimum_width(config)},  {"vabits_actual", "", geometry.va_bits},
            {"TASK_SIZE_32", "", 0x100000000ull - last}};
}

layout_rows arm64_layout_rows(const layout_config& config) {
    static const std::array<from_release<layout_rows>, 4> rows = {
        {{{4, 19}, {layouts::arm64_4_19, layouts::arm64_4_19_regions}},
         {{5, 10}, {layouts::arm64_5_10, layouts::arm64_5_10_regions}},
         {{6, 1}, {layouts::arm64_6_1, layouts::arm64_6_1_regions}},
         {{6, 12}, {layouts::arm64_6_12, layouts::arm64_6_12_regions}}}};
    return newest(rows, release_of(config.version));
}

void arm64_place_linear_map(const address_layout& layout, u64 phys_offset, linear_map& map) {
    map.phys_offset = phys_offset;
    // A kernel of 52 bits on a CPU of 48 keeps PAGE_OFFSET: the frames in front of the map count, too.
    const u64 unused = (map.page_offset - layout["PAGE_OFFSET"]) >> layout.geometry.page_shift;
    map.vmemmap = layout["VMEMMAP_START"] + (unused - (phys_offset >> layout.geometry.page_shift)) * STRUCT_PAGE_BYTES;
}

} // namespace mm
