// Sentences in two languages, with their values.
#include "base/told.h"

#include <gtest/gtest.h>

namespace mm {

TEST(Told, ValuesStandWhereEachLanguageWantsThem) {
    const Told text = told("{0} is made by {1}", "{1} 产生 {0}", {"a", 7});
    EXPECT_EQ(text.en, "a is made by 7");
    EXPECT_EQ(text.zh, "7 产生 a");
}

TEST(Told, AValueMayBeToldItself) {
    const Told text = told("found {0}", "这里是{0}", {Told("a list", "列表")});
    EXPECT_EQ(text.en, "found a list");
    EXPECT_EQ(text.zh, "这里是列表");
}

TEST(Told, WhatAValueHoldsIsNotFilledIn) {
    const Told text = told("{0}, {1}", "{0}，{1}", {"{1}", "{"});
    EXPECT_EQ(text.en, "{1}, {");
    EXPECT_EQ(text.zh, "{1}，{");
}

TEST(Told, AnErrorHasItsPlaceInBothLanguages) {
    const Error error = told_error("steps[3]", {"is empty", "是空的"}, 12, 9);
    EXPECT_EQ(place_and_message(error).en, error.text());
    EXPECT_EQ(place_and_message(error).zh, "第 12 行第 9 列：steps[3]：是空的");
    EXPECT_EQ(place_and_message(told_error("", {"is empty", "是空的"})).zh, "是空的");
}

} // namespace mm
