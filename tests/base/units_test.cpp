#include "base/units.h"

#include <gtest/gtest.h>

#include <set>
#include <type_traits>

#include "base/enum_table.h"

namespace mm {
namespace {

std::vector<Unit> all_units() {
    std::vector<Unit> units;
    for (int i = 0; i < static_cast<int>(Unit::count); ++i) units.push_back(static_cast<Unit>(i));
    return units;
}

TEST(Units, EachHasItsRowWithAllColumns) {
    std::set<std::string_view> names;
    for (const Unit unit : all_units()) {
        const UnitRow& row = unit_row(unit);
        EXPECT_EQ(row.unit, unit) << row.name;
        EXPECT_TRUE(names.insert(row.name).second) << row.name << " is the name of two units";
        EXPECT_FALSE(row.help.empty()) << row.name;
        EXPECT_LT(row.writing, Writing::count) << row.name;
        EXPECT_LT(row.form, Form::count) << row.name;
    }
}

TEST(Units, WhatTakesAResultIsWrittenAsOne) {
    std::set<ResultKind> taken;
    for (const Unit unit : all_units()) {
        const UnitRow& row = unit_row(unit);
        const bool is_result = row.form == Form::result || row.form == Form::row_of_results;
        EXPECT_EQ(is_result, row.takes != ResultKind::none) << row.name;
        EXPECT_EQ(is_result, row.writing == Writing::slot) << row.name;
        if (!is_result) continue;
        EXPECT_TRUE(taken.insert(row.takes).second) << row.name << ": two units take " << result_kind_text(row.takes);
        EXPECT_NE(row.help.find(result_kind_text(row.takes)), std::string_view::npos) << row.name;
        EXPECT_FALSE(row.example.empty()) << row.name;
    }
    EXPECT_EQ(taken.size(), 6u) << "pages, a cache, an object, an area, an address space and a file";
    EXPECT_FALSE(taken.contains(ResultKind::region)) << "a place is in one";
}

TEST(Units, AnAddressKeepsAll64BitsInReports) {
    for (const Unit unit : {Unit::virt_address, Unit::phys_address, Unit::address_term, Unit::pte}) {
        EXPECT_EQ(unit_row(unit).report, ReportForm::hex_text) << unit_row(unit).name;
        EXPECT_EQ(unit_row(unit).form, Form::address) << unit_row(unit).name;
        EXPECT_TRUE(unit_row(unit).in_hex) << unit_row(unit).name;
    }
}

// ---- tables by an enum

enum class Colour : u8 { red, green, count };

constexpr EnumRow<Colour, int> BOTH[] = {{Colour::green, 2}, {Colour::red, 1}};
constexpr EnumRow<Colour, int> ONE[] = {{Colour::green, 2}};
constexpr EnumRow<Colour, int> TWICE[] = {{Colour::green, 2}, {Colour::green, 1}};

template <const auto& ROWS>
concept IsATable = requires {
    typename std::integral_constant<int, table_by(ROWS)[Colour::red]>;
};

static_assert(IsATable<BOTH>);
static_assert(!IsATable<ONE>, "a value without a row does not compile");
static_assert(!IsATable<TWICE>, "nor one with two");

TEST(EnumTable, RowsStandInAnyOrder) {
    constexpr auto table = table_by(BOTH);
    EXPECT_EQ(table[Colour::red], 1);
    EXPECT_EQ(table[Colour::green], 2);
}

} // namespace
} // namespace mm
