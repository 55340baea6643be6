#include "mmu/layout.h"

#include <algorithm>

#include "mmu/layout_macros.h"

namespace mm {

namespace {

using layouts::layout_rows;
using layouts::macro_row;
using layouts::region_row;

// Reads a formula from left to right, one function a level of precedence. The formulas are ours, but evaluate() is open to
// any text: depth is bounded.
class Formula {
  public:
    Formula(std::string_view text, const std::vector<layout_macro>& macros) : rest_(text), macros_(macros) {}

    Result<u64> value() {
        const u64 result = bits();
        if (wrong_.empty() && !rest_.empty()) wrong_ = rest_;
        if (!wrong_.empty()) return Error{"", "cannot read \"" + wrong_ + "\" in a formula"};
        return result;
    }

  private:
    static constexpr int MAX_DEPTH = 32;

    bool take(std::string_view sign) {
        while (rest_.starts_with(' ')) rest_.remove_prefix(1);
        if (!rest_.starts_with(sign)) return false;
        rest_.remove_prefix(sign.size());
        return true;
    }

    u64 bits() {
        u64 value = shifted();
        while (take("&")) value &= shifted();
        return value;
    }
    u64 shifted() {
        u64 value = sum();
        for (;;) {
            if (take("<<"))
                value = shift(value, sum(), true);
            else if (take(">>"))
                value = shift(value, sum(), false);
            else
                return value;
        }
    }
    static u64 shift(u64 value, u64 by, bool left) { return by > 63 ? 0 : left ? value << by : value >> by; }
    u64 sum() {
        u64 value = product();
        for (;;) {
            if (take("+"))
                value += product();
            else if (take("-"))
                value -= product();
            else
                return value;
        }
    }
    u64 product() {
        u64 value = unary();
        while (take("*")) value *= unary();
        return value;
    }
    u64 unary() {
        if (++depth_ > MAX_DEPTH) return fail("too deep");
        u64 value = 0;
        if (take("-"))
            value = 0 - unary();
        else if (take("~"))
            value = ~unary();
        else if (take("(")) {
            value = bits();
            if (!take(")")) fail("a missing )");
        } else
            value = word();
        --depth_;
        return value;
    }
    u64 word() {
        while (rest_.starts_with(' ')) rest_.remove_prefix(1);
        std::size_t length = 0;
        const auto part = [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        };
        while (length < rest_.size() && part(rest_[length])) ++length;
        const std::string_view word = rest_.substr(0, length);
        rest_.remove_prefix(length);
        if (word.empty()) return fail(rest_);
        if (word[0] >= '0' && word[0] <= '9') return number(word);
        if (word.starts_with("SZ_")) {
            const char unit = word.back();
            const u64 scale = unit == 'K' ? 10 : unit == 'M' ? 20 : unit == 'G' ? 30 : 64;
            return scale == 64 ? fail(word) : number(word.substr(3, word.size() - 4)) << scale;
        }
        for (const layout_macro& macro : macros_)
            if (macro.name == word) return macro.value;
        return fail(word);
    }
    u64 number(std::string_view digits) {
        const bool hex = digits.starts_with("0x");
        if (hex) digits.remove_prefix(2);
        u64 value = 0;
        for (char c : digits) {
            const int digit = c >= '0' && c <= '9' ? c - '0' : hex && c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
            if (digit < 0) return fail(digits);
            value = value * (hex ? 16 : 10) + static_cast<u64>(digit);
        }
        return value;
    }
    u64 fail(std::string_view what) {
        if (wrong_.empty()) wrong_ = what.empty() ? "its end" : what;
        rest_ = {};
        return 0;
    }

    std::string_view rest_;
    const std::vector<layout_macro>& macros_;
    std::string wrong_;
    int depth_ = 0;
};

layout_rows rows_of(const layout_config& config) {
    if (config.arch == architecture::i386) {
        if (!since(release_of(config.version), 4, 15)) return {layouts::i386_2_6, layouts::i386_2_6_regions};
        return {layouts::i386_4_15, layouts::i386_4_15_regions};
    }
    static const std::array<from_release<layout_rows>, 4> arm64 = {
        {{{4, 19}, {layouts::arm64_4_19, layouts::arm64_4_19_regions}},
         {{5, 10}, {layouts::arm64_5_10, layouts::arm64_5_10_regions}},
         {{6, 1}, {layouts::arm64_6_1, layouts::arm64_6_1_regions}},
         {{6, 12}, {layouts::arm64_6_12, layouts::arm64_6_12_regions}}}};
    return newest(arm64, release_of(config.version));
}

// VA_BITS_MIN: what a kernel of 52 bits falls back to.
u8 minimum_width(const layout_config& config) {
    return config.va_bits != 52 ? config.va_bits : config.page_size == 16384 ? 47 : 48;
}

// Widths that the version can be built with: 52 bits of kernel addresses came with 5.4 for 64 KiB pages and with 6.9 for the
// others.
std::optional<Error> check(const layout_config& config) {
    if (config.arch == architecture::x86_64) return Error{"arch", "x86_64 has no layout here yet"};
    if (config.arch == architecture::i386) {
        if (config.page_size != 4096) return Error{"page_size", "i386 has pages of 4096 bytes"};
        return std::nullopt;
    }
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

// What the configuration gives: numbers that formulas name.
std::vector<layout_macro> given_macros(const layout_config& config, const page_geometry& geometry) {
    const u64 page_size = config.page_size;
    if (config.arch == architecture::i386) {
        return {{"PAGE_SIZE", "", page_size},
                {"PMD_SIZE", "", 1ull << geometry.pmd_shift()},
                {"NR_CPUS", "", config.nr_cpus},
                {"LAST_PKMAP", "", config.pae ? 512u : 1024u},
                {"FIXADDR_PAGES", "", config.fixmap_pages},
                {"CPU_ENTRY_AREA_PAGES_EACH", "", config.cpu_entry_area_pages}};
    }
    const page_geometry built = *arm64_geometry(page_size, config.va_bits);
    // Since 5.2, with a stable backport, the last page below 4 GiB is not for a task: an address there would look like an
    // error. With 64 KiB pages the vectors page of 32-bit programs is there anyway.
    const u64 last = !since(release_of(config.version), 5, 2) || page_size == 65536 ? 0 : page_size;
    return {{"PAGE_SHIFT", "", geometry.page_shift},     {"PAGE_SIZE", "", page_size},
            {"PUD_SIZE", "", 1ull << built.pud_shift()}, {"VA_BITS", "", config.va_bits},
            {"VA_BITS_MIN", "", minimum_width(config)},  {"vabits_actual", "", geometry.va_bits},
            {"TASK_SIZE_32", "", 0x100000000ull - last}};
}

// What lies between two regions: nothing on purpose, or no addresses.
layout_region between(const address_layout& layout, const layout_region& below, u64 end, std::string_view end_formula) {
    layout_region gap;
    const bool hole = layout.geometry.is_arm64() && below.kind == region_kind::user;
    gap.name = hole ? "no addresses" : "guard";
    gap.name_zh = hole ? "没有地址" : "隔离区";
    gap.kind = hole ? region_kind::hole : region_kind::guard;
    gap.start = below.end;
    gap.end = end;
    gap.start_formula = below.end_formula;
    gap.end_formula = end_formula;
    return gap;
}

} // namespace

layout_config layout_config_of(const machine_profile& profile) {
    layout_config config;
    config.arch = profile.arch;
    config.page_size = profile.page_size;
    config.version = newest(layout_versions, release_of(profile.kernel)).version;
    if (profile.arch == architecture::arm64 && profile.page_size == 4096) {
        config.va_bits = debian_kernel(profile.kernel).arm64_va_bits;
        if (config.va_bits != 48) config.va_bits_actual = 48;
    }
    if (profile.arch == architecture::i386)
        for (const memory_region& region : profile.memory)
            config.memory_end = std::max<u64>(config.memory_end, region.start + region.size);
    return config;
}

u64 address_layout::operator[](std::string_view name) const {
    const layout_macro* macro = find(name);
    MM_ASSERT(macro != nullptr);
    return macro->value;
}

const layout_macro* address_layout::find(std::string_view name) const {
    const auto found =
        std::find_if(macros.begin(), macros.end(), [&](const layout_macro& macro) { return macro.name == name; });
    return found == macros.end() ? nullptr : &*found;
}

Result<u64> evaluate(std::string_view formula, const std::vector<layout_macro>& macros) {
    return Formula(formula, macros).value();
}

Result<address_layout> make_layout(const layout_config& config) {
    if (auto bad = check(config)) return *bad;
    address_layout layout;
    layout.config = config;
    const bool i386 = config.arch == architecture::i386;
    if (!layout.config.va_bits_actual) layout.config.va_bits_actual = config.va_bits;
    layout.geometry =
        i386 ? i386_geometry(config.pae) : *arm64_geometry(config.page_size, layout.config.va_bits_actual);
    layout.macros = given_macros(config, layout.geometry);
    const auto value_of = [&](std::string_view formula) { return evaluate(formula, layout.macros).value(); };
    const layout_rows rows = rows_of(config);
    for (const macro_row& row : rows.macros) {
        if (row.name == layouts::HIGH_MEMORY) {
            const bool all = config.memory_end != 0 && config.memory_end < layout["MAXMEM"];
            if (all) layout.macros.push_back({"memory_end", "", config.memory_end});
            const std::string_view formula = all ? "PAGE_OFFSET + memory_end" : "PAGE_OFFSET + MAXMEM";
            layout.macros.push_back({row.name, formula, value_of(formula)});
        } else {
            layout.macros.push_back({row.name, row.formula, value_of(row.formula)});
        }
    }
    for (const region_row& row : rows.regions) {
        layout_region region{row.name, row.name_zh, row.kind, value_of(row.start), 0, row.start, row.end};
        region.end = row.end.empty() ? 0 : value_of(row.end);
        if (region.end == region.start) continue;
        if (!layout.regions.empty() && layout.regions.back().end != region.start) {
            MM_ASSERT(layout.regions.back().end < region.start);
            layout.regions.push_back(between(layout, layout.regions.back(), region.start, row.start));
        }
        layout.regions.push_back(region);
    }
    const u64 top = i386 ? 1ull << 32 : 0;
    if (layout.regions.back().end != top)
        layout.regions.push_back(between(layout, layout.regions.back(), top, i386 ? "0x100000000" : ""));
    return layout;
}

const layout_region* region_of(const address_layout& layout, u64 address) {
    for (const layout_region& region : layout.regions)
        if (region.contains(address)) return &region;
    return nullptr;
}

linear_map linear_map_of(const address_layout& layout, u64 phys_offset) {
    linear_map map;
    const auto linear = std::find_if(layout.regions.begin(), layout.regions.end(),
                                     [](const layout_region& region) { return region.kind == region_kind::linear; });
    MM_ASSERT(linear != layout.regions.end());
    map.page_offset = linear->start;
    map.end = linear->end;
    map.phys_offset = phys_offset;
    if (layout.config.arch == architecture::i386) {
        map.phys_offset = 0;
        map.lowmem_end = linear->size();
        return map;
    }
    // A kernel of 52 bits on a CPU of 48 keeps PAGE_OFFSET: the frames in front of the map count, too.
    const u64 unused = (linear->start - layout["PAGE_OFFSET"]) >> layout.geometry.page_shift;
    map.vmemmap = layout["VMEMMAP_START"] + (unused - (phys_offset >> layout.geometry.page_shift)) * STRUCT_PAGE_BYTES;
    return map;
}

} // namespace mm
