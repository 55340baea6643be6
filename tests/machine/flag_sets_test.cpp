#include "machine/flag_sets.h"

#include <gtest/gtest.h>

#include "physical/kernel_version.h"

namespace mm {
namespace {

TEST(FlagSets, EachUnitThatIsWrittenByFlagsHasItsSetInEachKernel) {
    for (int i = 0; i < static_cast<int>(Unit::count); ++i) {
        const UnitRow& unit = unit_row(static_cast<Unit>(i));
        EXPECT_EQ(unit.form == Form::flags, unit.writing == Writing::flags) << unit.name;
        if (unit.form != Form::flags) continue;
        const FlagSetRow& row = flag_set_of(unit.unit);
        EXPECT_FALSE(row.name.empty() || row.unknown_en.empty() || row.unknown_zh.empty()) << unit.name;
        for (const kernel_row& kernel : debian_kernels)
            EXPECT_FALSE(accepted_names(row.set({kernel.version})).empty()) << unit.name << " of " << kernel.name;
    }
}

TEST(FlagSets, WhatIsWrittenOfAnAcceptedNameIsReadBackAsTheSameBits) {
    for (const Unit unit : {Unit::gfp, Unit::slab_flags})
        for (const kernel_row& kernel : debian_kernels) {
            const FlagSet set = flag_set_of(unit).set({kernel.version});
            for (const FlagName& name : set.names) {
                if (!name.accepted) continue;
                EXPECT_EQ(flags_from_text(set, name.name), name.bits) << name.name;
                EXPECT_EQ(flags_from_text(set, flags_text(set, name.bits)), name.bits) << name.name;
            }
        }
}

} // namespace
} // namespace mm
