// mmscope address: an address, an entry of a page table or a logical address of i386, taken apart.
#include <charconv>
#include <cstdio>

#include "base/hex.h"
#include "cli/commands.h"
#include "machine/logical_text.h"
#include "mmu/arm64/descriptor.h"
#include "mmu/layout.h"
#include "mmu/pte.h"

namespace cli {

namespace {

using mm::u32;
using mm::u64;
using mm::u8;

// What the numbers are read with: the kernel and the widths that it is built for and runs on.
struct Reading {
    mm::layout_config layout;
    mm::pte_format format;
    u64 phys_offset = 0x40000000; // PHYS_OFFSET of the linear map
};

std::string release_text(mm::linux_release release) {
    return std::to_string(release.version) + "." + std::to_string(release.patchlevel);
}

// "4.19"; nullopt: not written so, or neither entries nor layout are known.
std::optional<mm::linux_release> read_release(std::string_view text) {
    mm::linux_release release;
    const char* end = text.data() + text.size();
    const auto [dot, error] = std::from_chars(text.data(), end, release.version);
    if (error != std::errc{} || dot == end || *dot != '.') return std::nullopt;
    const auto [rest, second_error] = std::from_chars(dot + 1, end, release.patchlevel);
    if (second_error != std::errc{} || rest != end) return std::nullopt;
    // "6.012" is no release, and was hardly meant to be 6.12.
    if (release_text(release) != text) return std::nullopt;
    if (release < mm::OLDEST_ENTRIES || release > mm::NEWEST_ENTRIES) return std::nullopt;
    return release;
}

std::optional<u64> read_hex(std::string_view text) {
    if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
    u64 value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

constexpr unsigned MAX_PHYS_BITS = 52; // of any arm64 CPU: FEAT_LPA, FEAT_LPA2

// What PHYS_OFFSET is a multiple of. Before 4.6 it was where the kernel was loaded, and that is a multiple of 2 MiB.
u64 phys_offset_align(mm::linux_release release, u32 page_size) {
    if (!mm::since(release, 4, 6)) return u64{2} << 20;
    return mm::memstart_align(page_size, mm::since(release, 5, 12));
}

void take_phys_offset(Arguments& arguments, mm::linux_release release, Reading& reading) {
    const auto text = arguments.take_value("--phys-offset");
    if (!text) return;
    const auto value = read_hex(*text);
    if (!value) return arguments.fail("--phys-offset expects a number in hex, found \"" + *text + "\"");
    if (*value >> MAX_PHYS_BITS)
        return arguments.fail("--phys-offset is below " + mm::hex(u64{1} << MAX_PHYS_BITS) +
                              ", since physical addresses have " + std::to_string(MAX_PHYS_BITS) +
                              " bits at most, found " + mm::hex(*value));
    const u64 align = phys_offset_align(release, reading.layout.page_size);
    if (*value % align)
        return arguments.fail("--phys-offset is a multiple of " + mm::hex(align) + " in Linux " +
                              release_text(release) + " with these pages, found " + mm::hex(*value));
    reading.phys_offset = *value;
}

void take_bits(Arguments& arguments, mm::linux_release release, Reading& reading) {
    const auto va_bits = arguments.take_number("--va-bits");
    const auto cpu_bits = arguments.take_number("--cpu-bits");
    if (va_bits.value_or(0) > 64 || cpu_bits.value_or(0) > 64) arguments.fail("no address has more than 64 bits");
    // What is absent is 0 in a layout, so a 0 of the command line must not get there.
    if (va_bits == 0) arguments.fail("--va-bits is a number of bits, found 0");
    if (cpu_bits == 0) arguments.fail("--cpu-bits is a number of bits, found 0");
    const bool wide = mm::since(release, 6, 12) && reading.layout.page_size == 4096 && !va_bits;
    reading.layout.va_bits = static_cast<u8>(va_bits.value_or(wide ? 52 : 48));
    reading.layout.va_bits_actual = static_cast<u8>(cpu_bits.value_or(wide ? 48 : 0));
}

Reading take_reading(Arguments& arguments) {
    Reading reading;
    const std::string arch = arguments.take_value("--arch").value_or("arm64");
    if (arch != "arm64" && arch != "i386" && arch != "i386-pae")
        arguments.fail("--arch is arm64, i386 or i386-pae, found \"" + arch + "\"");
    const std::string kernel = arguments.take_value("--kernel").value_or("6.1");
    const std::optional<mm::linux_release> release = read_release(kernel);
    if (!release)
        arguments.fail("--kernel is a release from " + release_text(mm::OLDEST_ENTRIES) + " to " +
                       release_text(mm::NEWEST_ENTRIES) + ", found \"" + kernel + "\"");
    const std::uint64_t page_size = arguments.take_number("--page-size").value_or(4096);
    if (page_size != 4096 && page_size != 16384 && page_size != 65536)
        arguments.fail("--page-size is 4096, 16384 or 65536, found " + std::to_string(page_size));
    if (!arguments.error().empty()) return reading;
    reading.layout.page_size = static_cast<u32>(page_size);
    reading.layout.version = newest(mm::layout_versions, *release).version;
    reading.format.rules = mm::pte_rules(*release);
    if (arch == "arm64") {
        take_bits(arguments, *release, reading);
        take_phys_offset(arguments, *release, reading);
        return reading;
    }
    reading.layout.arch = mm::architecture::i386;
    reading.layout.pae = arch == "i386-pae";
    for (const char* option : {"--va-bits", "--cpu-bits", "--phys-offset"})
        if (arguments.take_value(option))
            arguments.fail(std::string(option) + " is of arm64; " + arch + " has one width");
    return reading;
}

// "  63:59  ignored                0  hardware ignores it"
std::string entry_text(const Reading& reading, u64 entry, u8 level) {
    const mm::pte_format& format = reading.format;
    const mm::descriptor_kind kind = mm::kind_of(format, entry, level);
    std::string text = mm::hex(entry) + " as an entry of a " + std::string(format.geometry.level_name(level)) +
                       " table: " + std::string(mm::descriptor_kind_name(kind));
    if (kind == mm::descriptor_kind::table) text += " at physical " + mm::hex(mm::output_address(format, entry, level));
    if (kind == mm::descriptor_kind::swap) text += " (the kernel's own tables have none: there it is not present)";
    const bool lost_valid = kind == mm::descriptor_kind::invalid; // what it mapped can still be read
    if (mm::is_leaf(kind) || kind == mm::descriptor_kind::present_invalid || lost_valid)
        text += ", physical " + mm::hex(mm::output_address(format, entry, level)) + ", " +
                std::to_string(format.geometry.size(level) >> 10) + " KiB";
    const mm::protection name = mm::nearest_protection(format, lost_valid ? entry | mm::PTE_VALID : entry, level);
    if (name != mm::protection::count) text += ", " + std::string(mm::protection_names[static_cast<std::size_t>(name)]);
    text += lost_valid ? " without its valid bit\n" : "\n";
    text += "  read as Linux " + release_text(format.rules.release) + " has it";
    if (format.arch().arch == mm::architecture::arm64)
        text += "; memory types numbered as " + std::string(mm::memory_types_span(format.rules));
    text += "\n";
    for (const mm::descriptor_field& field : mm::decode_descriptor(format, entry, level)) {
        const std::string bits = field.high == field.low ? std::to_string(field.high)
                                                         : std::to_string(field.high) + ":" + std::to_string(field.low);
        char row[160];
        std::snprintf(row, sizeof row, "  %5s  %-20s %14s  %s", bits.c_str(), std::string(field.name).c_str(),
                      mm::hex(field.value).c_str(), std::string(field.meaning).c_str());
        std::string line = row;
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

std::string address_text(const Reading& reading, const mm::address_layout& layout, u64 address) {
    const mm::page_geometry& geometry = layout.geometry;
    const mm::address_half half = mm::half_of(geometry, address);
    std::string text = mm::hex(address);
    if (half == mm::address_half::none)
        text +=
            ": no table translates it; bits 63:" + std::to_string(geometry.va_bits) + " are neither all 0 nor all 1\n";
    else if (geometry.arch().two_roots)
        text += half == mm::address_half::user ? ": translated by TTBR0\n" : ": translated by TTBR1\n";
    else
        text += ": translated by CR3\n";
    int high = geometry.va_bits - 1;
    for (int level = geometry.root(); level >= 0 && half != mm::address_half::none; --level) {
        const auto at = static_cast<u8>(level);
        char row[80];
        std::snprintf(row, sizeof row, "  %5s  %s index %u\n",
                      (std::to_string(high) + ":" + std::to_string(geometry.shift(at))).c_str(),
                      std::string(geometry.level_name(at)).c_str(), geometry.index(at, address));
        text += row;
        high = geometry.shift(at) - 1;
    }
    if (half != mm::address_half::none)
        text += "   " + std::to_string(high) + ":0  offset " + mm::hex(address & (geometry.page_size() - 1)) + "\n";
    const mm::linux_release release = reading.format.rules.release;
    if (const mm::linux_release known = newest(mm::layout_versions, release).of; known != release)
        text += "layout: that of Linux " + release_text(known) + ", the nearest to " + release_text(release) +
                " that is known\n";
    const mm::layout_region* region = mm::region_of(layout, address);
    if (!region) return text;
    const u64 last = region->end == 0 ? ~0ull : region->end - 1;
    text += "region: " + std::string(region->name) + ", " + mm::hex(region->start) + " to " + mm::hex(last) + "\n";
    text += "  from " + std::string(region->start_formula) + " up to " +
            (region->end_formula.empty() ? std::string("the end") : std::string(region->end_formula)) + "\n";
    if (region->kind == mm::region_kind::linear) {
        const mm::linear_map map = mm::linear_map_of(layout, reading.phys_offset);
        text += "  physical " + mm::hex(map.virt_to_phys(address)) + " = address - " + mm::hex(map.page_offset) +
                " + PHYS_OFFSET " + mm::hex(map.phys_offset) + "\n";
    }
    return text;
}

// "0x7b:0x8048000" on a machine with Linux's GDT. nullopt: it is not written so.
std::optional<mm::LogicalTold> logical_told(std::string_view text) {
    const auto written = mm::read_logical(text);
    if (!written) return std::nullopt;
    mm::machine_profile profile;
    profile.arch = mm::architecture::i386;
    mm::declare_memory(profile, u64{16} << 20);
    const mm::Result<mm::Machine> machine = mm::make_machine(std::move(profile));
    if (!machine) return std::nullopt;
    return mm::tell_logical(*machine, *written, mm::Language::en);
}

} // namespace

int address_command(Arguments& arguments, const Console& console) {
    Reading reading = take_reading(arguments);
    const auto level_name = arguments.take_value("--level");
    const std::vector<std::string> words = arguments.take_rest();
    if (arguments.error().empty() && words.size() != 1) arguments.fail("expected one number in hex");
    const bool i386 = reading.layout.arch == mm::architecture::i386;
    const auto logical = i386 && words.size() == 1 ? logical_told(words.front()) : std::nullopt;
    auto value = words.size() == 1 ? read_hex(words.front()) : std::nullopt;
    if (logical) {
        for (const std::string& sentence : logical->sentences) console.print(sentence + "\n");
        if (!logical->linear) return EXIT_OK;
        value = *logical->linear;
    }
    if (arguments.error().empty() && !value)
        arguments.fail(words.front() + (i386 ? " is neither a number in hex of at most 64 bits nor selector:offset"
                                             : " is not a number in hex of at most 64 bits"));
    if (arguments.error().empty() && i386 && !reading.layout.pae && *value > 0xffffffff)
        arguments.fail(
            words.front() +
            " has more than the 32 bits that addresses and entries of i386 have; entries of i386-pae have 64");
    if (!arguments.error().empty()) return EXIT_BAD_USAGE;
    const auto layout = mm::make_layout(reading.layout);
    if (!layout) {
        arguments.fail(layout.error().text());
        return EXIT_BAD_USAGE;
    }
    reading.format.geometry = layout->geometry;
    const mm::page_geometry& geometry = layout->geometry;
    u8 level = 0;
    if (level_name) {
        while (level < geometry.levels && geometry.level_name(level) != *level_name) ++level;
        if (level == geometry.levels) {
            arguments.fail("--level is the name of a table that this kernel has, pte to pgd");
            return EXIT_BAD_USAGE;
        }
    }
    // What no table translates is no address: it can only be an entry.
    if (level_name || mm::half_of(geometry, *value) == mm::address_half::none)
        console.print(entry_text(reading, *value, level));
    else
        console.print(address_text(reading, *layout, *value));
    return EXIT_OK;
}

} // namespace cli
