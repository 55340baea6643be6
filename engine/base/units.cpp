#include "base/units.h"

#include <array>

#include "base/assert.h"

namespace mm {

namespace {

constexpr std::string_view ADDRESS = "an address, hex text";

// clang-format off
constexpr UnitRow rows[] = {
    {.unit = Unit::none, .name = "none"},
    {.unit = Unit::number, .name = "number", .expected = true},
    {.unit = Unit::pages, .name = "pages", .help = "a number of pages", .expected = true},
    {.unit = Unit::order, .name = "order", .form = Form::order, .help = "an order", .expected = true},
    {.unit = Unit::pfn, .name = "pfn", .writing = Writing::frame, .form = Form::frame,
     .help = "a page frame number, hex text", .in_hex = true, .expected = true},
    {.unit = Unit::zone, .name = "zone", .writing = Writing::zone, .form = Form::zone, .help = "a zone, `0:Normal`"},
    {.unit = Unit::node, .name = "node", .help = "a node", .expected = true},
    {.unit = Unit::cpu, .name = "cpu", .help = "a CPU", .expected = true},
    {.unit = Unit::migratetype, .name = "migratetype", .writing = Writing::migratetype, .form = Form::migratetype,
     .help = "a migrate type by name"},
    {.unit = Unit::gfp, .name = "gfp", .writing = Writing::flags, .form = Form::flags, .help = "a gfp mask by names"},
    {.unit = Unit::pcp_list, .name = "pcp_list", .writing = Writing::pcp_list},
    {.unit = Unit::wmark, .name = "wmark", .writing = Writing::wmark, .form = Form::wmark,
     .help = "`min`, `low` or `high`"},
    {.unit = Unit::flag, .name = "flag", .form = Form::flag, .help = "true or false", .expected = true},
    {.unit = Unit::reason, .name = "reason", .expected = true},
    {.unit = Unit::kib, .name = "kib", .writing = Writing::kib, .help = "KiB", .expected = true},
    {.unit = Unit::result, .name = "result", .writing = Writing::slot, .form = Form::row_of_results,
     .help = "the name of a result that is pages", .example = "a", .takes = ResultKind::pages},
    {.unit = Unit::bytes, .name = "bytes", .writing = Writing::bytes, .form = Form::size, .help = "a size, `64KiB`",
     .example = "192", .expected = true},
    {.unit = Unit::zone_index, .name = "zone_index", .writing = Writing::zone_index},
    {.unit = Unit::cache_result, .name = "cache_result", .writing = Writing::slot, .form = Form::result,
     .help = "the name of a result that is a cache", .example = "c", .takes = ResultKind::cache},
    {.unit = Unit::object_result, .name = "object_result", .writing = Writing::slot, .form = Form::row_of_results,
     .help = "the name of a result that is an object", .example = "o", .takes = ResultKind::object},
    {.unit = Unit::area_result, .name = "area_result", .writing = Writing::slot, .form = Form::result,
     .help = "the name of a result that is an area", .example = "v", .takes = ResultKind::area},
    {.unit = Unit::space_result, .name = "space_result", .writing = Writing::slot, .form = Form::result,
     .help = "the name of a result that is an address space", .example = "m", .takes = ResultKind::space},
    {.unit = Unit::name, .name = "name", .writing = Writing::name, .form = Form::name, .help = "a name",
     .example = "my_cache", .report = ReportForm::words, .left_out = 0},
    {.unit = Unit::slab_flags, .name = "slab_flags", .writing = Writing::flags, .form = Form::flags,
     .help = "`SLAB_` flags by names"},
    {.unit = Unit::cache, .name = "cache", .writing = Writing::cache, .report = ReportForm::words},
    {.unit = Unit::slab, .name = "slab", .writing = Writing::frame, .in_hex = true, .expected = true},
    {.unit = Unit::object, .name = "object", .writing = Writing::object, .report = ReportForm::words, .in_hex = true,
     .expected = true},
    {.unit = Unit::object_index, .name = "object_index", .writing = Writing::object_index, .expected = true},
    {.unit = Unit::object_link, .name = "object_link", .writing = Writing::object_index, .expected = true},
    {.unit = Unit::hex, .name = "hex", .writing = Writing::hex, .form = Form::hex_number,
     .help = "a number, hex text", .in_hex = true, .expected = true},
    {.unit = Unit::virt_address, .name = "virt_address", .writing = Writing::hex, .form = Form::address, .help = ADDRESS,
     .example = "0xffff000005f10000", .report = ReportForm::hex_text, .in_hex = true, .expected = true,
     .left_out = 0},
    {.unit = Unit::phys_address, .name = "phys_address", .writing = Writing::hex, .form = Form::address, .help = ADDRESS,
     .example = "0xffff000005f10000", .report = ReportForm::hex_text, .in_hex = true, .expected = true,
     .left_out = 0},
    {.unit = Unit::address_term, .name = "address_term", .writing = Writing::hex, .form = Form::address, .help = ADDRESS,
     .report = ReportForm::hex_text, .in_hex = true, .expected = true, .left_out = 0},
    {.unit = Unit::pte, .name = "pte", .writing = Writing::hex, .form = Form::address,
     .help = "an entry of a page table, hex text", .report = ReportForm::hex_text, .in_hex = true, .expected = true,
     .left_out = 0},
    {.unit = Unit::place, .name = "place", .writing = Writing::hex, .form = Form::place,
     .help = "an address, hex text, or a place in a region, `a+0x1000`", .example = "r+0x1000",
     .report = ReportForm::hex_text, .in_hex = true, .left_out = 0},
    {.unit = Unit::path, .name = "path", .writing = Writing::name, .form = Form::path, .help = "a path",
     .example = "/tmp/f", .report = ReportForm::words, .left_out = 0},
    {.unit = Unit::file_result, .name = "file_result", .writing = Writing::slot, .form = Form::result,
     .help = "the name of a result that is a file", .example = "f", .takes = ResultKind::file},
    {.unit = Unit::map_prot, .name = "map_prot", .writing = Writing::flags, .form = Form::flags,
     .help = "`PROT_` flags by names"},
    {.unit = Unit::map_flags, .name = "map_flags", .writing = Writing::flags, .form = Form::flags,
     .help = "`MAP_` flags by names"},
    {.unit = Unit::mremap_flags, .name = "mremap_flags", .writing = Writing::flags, .form = Form::flags,
     .help = "`MREMAP_` flags by names"},
    {.unit = Unit::mlock_flags, .name = "mlock_flags", .writing = Writing::flags, .form = Form::flags,
     .help = "`MCL_` flags by names"},
    {.unit = Unit::msync_flags, .name = "msync_flags", .writing = Writing::flags, .form = Form::flags,
     .help = "`MS_` flags by names"},
    {.unit = Unit::vm_flags, .name = "vm_flags", .writing = Writing::flags, .form = Form::flags,
     .help = "`VM_` flags by names"},
};
// clang-format on

consteval bool in_order() {
    for (std::size_t i = 0; i < std::size(rows); ++i)
        if (static_cast<std::size_t>(rows[i].unit) != i || rows[i].name.empty() || rows[i].help.empty()) return false;
    return true;
}
static_assert(std::size(rows) == static_cast<std::size_t>(Unit::count), "a row for each unit");
static_assert(in_order(), "the rows stand in the order of the units, and each says its name and how it is written");

} // namespace

const UnitRow& unit_row(Unit unit) {
    MM_ASSERT(unit < Unit::count);
    return rows[static_cast<std::size_t>(unit)];
}

} // namespace mm
