// Contrasts of what the views draw, by WCAG's own formula: text 4.5:1, shapes 3:1.
#include <gtest/gtest.h>

#include <cmath>

#include "views/parts/palette.h"

namespace shell {
namespace {

double luminance(Rgba colour) {
    const auto linear = [](mm::u32 channel) {
        const double c = channel / 255.0;
        return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour & 0xff) + 0.7152 * linear(colour >> 8 & 0xff) + 0.0722 * linear(colour >> 16 & 0xff);
}

double ratio(Rgba a, Rgba b) {
    const double la = luminance(a) + 0.05, lb = luminance(b) + 0.05;
    return std::max(la, lb) / std::min(la, lb);
}

// Black on white is 21:1. #777777 on white is the well-known 4.48:1 that just fails.
TEST(Contrast, IsThatOfWcag) {
    EXPECT_NEAR(contrast(rgb(0x000000), rgb(0xffffff)), 21, 0.01);
    EXPECT_NEAR(contrast(rgb(0x777777), rgb(0xffffff)), 4.48, 0.01);
    EXPECT_NEAR(contrast(rgb(0xffffff), rgb(0x777777)), 4.48, 0.01);
    EXPECT_FLOAT_EQ(contrast(rgb(0x123456), rgb(0x123456)), 1);
}

TEST(Contrast, OfAllThatIsDrawnIsEnoughInBothThemes) {
    for (const Theme theme : {Theme::light, Theme::dark}) {
        const std::vector<DrawnPair> pairs = drawn_pairs(palette_of(theme));
        EXPECT_GT(pairs.size(), 150u);
        for (const DrawnPair& pair : pairs)
            EXPECT_GE(ratio(pair.front, pair.back), pair.least)
                << (theme == Theme::dark ? "dark: " : "light: ") << pair.what << ", " << std::hex << pair.front
                << " on " << pair.back;
    }
}

TEST(Contrast, ReadableTextIsReadableOnEveryColour) {
    for (mm::u32 red = 0; red < 256; red += 15)
        for (mm::u32 green = 0; green < 256; green += 15)
            for (mm::u32 blue = 0; blue < 256; blue += 15) {
                const Rgba back = rgb(red << 16 | green << 8 | blue);
                const Rgba text = readable_on(back);
                ASSERT_GE(ratio(text, back), 4.5) << std::hex << back;
                ASSERT_GE(ratio(quieter(text, back), back), 4.49) << std::hex << back;
            }
}

TEST(Contrast, QuieterTextIsNearerToItsBackground) {
    const Rgba paper = rgb(0xffffff), ink = rgb(0x000000);
    EXPECT_LT(ratio(quieter(ink, paper), paper), ratio(ink, paper));
}

// A scale tells small from large by lightness alone, too.
TEST(Palette, TheScaleOfOrdersGrowsInOneDirection) {
    for (const Theme theme : {Theme::light, Theme::dark}) {
        const Palette& p = palette_of(theme);
        for (std::size_t i = 1; i < p.scale.size(); ++i)
            EXPECT_GT(luminance(p.scale[i]), luminance(p.scale[i - 1])) << i;
    }
}

} // namespace
} // namespace shell
