#include "mmu/layout.h"

#include <algorithm>

#include "base/assert.h"
#include "mmu/arch_functions.h"

namespace mm {

namespace {

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

// What lies between two regions: nothing on purpose, or no addresses.
layout_region between(const address_layout& layout, const layout_region& below, u64 end, std::string_view end_formula) {
    layout_region gap;
    const bool hole = layout.geometry.arch().two_halves && below.kind == region_kind::user;
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
    if (const arch_rules* arch = arch_rules_of(profile.arch)) arch->functions->configure_layout(config, profile);
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
    const arch_rules* arch = arch_rules_of(config.arch);
    if (!arch) return Error{"arch", std::string(architecture_name(config.arch)) + " has no layout here yet"};
    if (auto bad = arch->functions->check_layout(config)) return *bad;
    address_layout layout;
    layout.config = config;
    if (!layout.config.va_bits_actual) layout.config.va_bits_actual = config.va_bits;
    layout.geometry = arch->functions->layout_geometry(layout.config);
    layout.macros = arch->functions->given_macros(config, layout.geometry);
    const auto value_of = [&](std::string_view formula) { return evaluate(formula, layout.macros).value(); };
    const layout_rows rows = arch->functions->rows_of(config);
    for (const layout_macro_row& row : rows.macros) {
        if (row.name == HIGH_MEMORY) {
            const bool all = config.memory_end != 0 && config.memory_end < layout["MAXMEM"];
            if (all) layout.macros.push_back({"memory_end", "", config.memory_end});
            const std::string_view formula = all ? "PAGE_OFFSET + memory_end" : "PAGE_OFFSET + MAXMEM";
            layout.macros.push_back({row.name, formula, value_of(formula)});
        } else {
            layout.macros.push_back({row.name, row.formula, value_of(row.formula)});
        }
    }
    for (const layout_region_row& row : rows.regions) {
        layout_region region{row.name, row.name_zh, row.kind, value_of(row.start), 0, row.start, row.end};
        region.end = row.end.empty() ? 0 : value_of(row.end);
        if (region.end == region.start) continue;
        if (!layout.regions.empty() && layout.regions.back().end != region.start) {
            MM_ASSERT(layout.regions.back().end < region.start);
            layout.regions.push_back(between(layout, layout.regions.back(), region.start, row.start));
        }
        layout.regions.push_back(region);
    }
    // Without halves, addresses end with va_bits.
    const u64 top = arch->two_halves ? 0 : 1ull << layout.geometry.va_bits;
    if (layout.regions.back().end != top)
        layout.regions.push_back(between(layout, layout.regions.back(), top, top ? "0x100000000" : ""));
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
    layout.geometry.arch().functions->place_linear_map(layout, phys_offset, map);
    return map;
}

} // namespace mm
