#include "recording/gunzip.h"

#include <gtest/gtest.h>

namespace mm {
namespace {

std::string bytes(std::initializer_list<int> values) {
    std::string out;
    for (const int v : values) out.push_back(static_cast<char>(v));
    return out;
}

// `printf 'aaaaaaaaaabbbb' | gzip -n`: a block with the fixed code and two copies.
const std::string PACKED = bytes({0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x4b, 0x4c, 0x84,
                                  0x81, 0x24, 0x20, 0x00, 0x00, 0x94, 0xcb, 0xed, 0x3c, 0x0e, 0x00, 0x00, 0x00});

TEST(Gunzip, UnpacksAMember) {
    ASSERT_TRUE(is_gzip(PACKED));
    const auto text = gunzip(PACKED, 100);
    ASSERT_TRUE(text.ok()) << text.error().text();
    EXPECT_EQ(*text, "aaaaaaaaaabbbb");
}

TEST(Gunzip, UnpacksMembersOneAfterAnother) {
    const auto text = gunzip(PACKED + PACKED, 100);
    ASSERT_TRUE(text.ok()) << text.error().text();
    EXPECT_EQ(*text, "aaaaaaaaaabbbbaaaaaaaaaabbbb");
}

TEST(Gunzip, StopsAtTheLimit) {
    EXPECT_TRUE(gunzip(PACKED, 14).ok());
    EXPECT_FALSE(gunzip(PACKED, 13).ok());
    EXPECT_FALSE(gunzip(PACKED + PACKED, 20).ok());
}

TEST(Gunzip, EveryCutIsAnError) {
    for (std::size_t length = 0; length < PACKED.size(); ++length)
        EXPECT_FALSE(gunzip(PACKED.substr(0, length), 100).ok()) << length;
}

// Some damage means nothing: the bits that fill up the last byte, or a copy from farther back in a row of equal letters.
TEST(Gunzip, NoDamagedByteCrashesOrChangesTheText) {
    for (std::size_t i = 10; i < PACKED.size(); ++i) {
        for (int bit = 0; bit < 8; ++bit) {
            std::string damaged = PACKED;
            damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
            const auto text = gunzip(damaged, 1000);
            if (text.ok()) { EXPECT_EQ(*text, "aaaaaaaaaabbbb") << "byte " << i << " bit " << bit; }
        }
    }
}

TEST(Gunzip, PlainTextIsNotGzip) { EXPECT_FALSE(is_gzip("### script\n")); }

} // namespace
} // namespace mm
