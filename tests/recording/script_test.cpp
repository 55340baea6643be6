#include "recording/script.h"

#include <gtest/gtest.h>

namespace mm {
namespace {

constexpr std::string_view SCRIPT = "### script\n"
                                    "irqoff\n"
                                    "# a comment is not counted\n"
                                    "L\n"
                                    "an 0 2 4 K 1\n"
                                    "irqon\n"
                                    "\n"
                                    "f 0\n"
                                    "k 1 100 K\n"
                                    "### log\n"
                                    "# a comment is not counted\n"
                                    "ZONE 0 DMA start_pfn=0 spanned=1 present=1 managed=1 free=0 cmafree=0 wm=0,0,0\n"
                                    "3 a slot=0 order=4 gfp=2800 -> pfn=46000 zone=0:DMA pbtype=0\n"
                                    "   0:DMA free=229118 nr=18,8 pcp=523/1219/63 l0:4534a(1)\n"
                                    "3 a slot=1 order=4 gfp=2800 -> NULL\n"
                                    "5 f slot=0 order=4 pfn=46000 pbtype=0\n"
                                    "5 f slot=9 empty\n"
                                    "6 kmalloc size=100 6 k slot=1 ffff0 cache=kmalloc-128\n"
                                    "CACHE kmalloc-128 size=128\n"
                                    "7 D drained\n";

TEST(RecordingScript, EntriesNameTheirCommand) {
    const auto script = parse_recorded_script(SCRIPT);
    ASSERT_TRUE(script.ok()) << script.error().text();
    ASSERT_EQ(script->commands.size(), 6u);
    EXPECT_EQ(script->commands[2].name, "an");
    EXPECT_EQ(script->commands[2].node(), 1);
    EXPECT_TRUE(script->commands[2].interrupts_off);
    EXPECT_FALSE(script->commands[4].interrupts_off);
    EXPECT_EQ(script->commands[4].node(), -1);
    ASSERT_EQ(script->log.size(), 5u);
    EXPECT_EQ(script->log[0].kind, LogEntry::Kind::dump);
    const LogEntry& alloc = script->log[1];
    EXPECT_EQ(alloc.kind, LogEntry::Kind::alloc);
    EXPECT_EQ(alloc.line, 13u);
    EXPECT_EQ(alloc.command, 3u);
    EXPECT_EQ(alloc.pfn, 0x46000u);
    EXPECT_EQ(alloc.gfp, 0x2800u);
    EXPECT_EQ(alloc.block_type, 0);
    ASSERT_EQ(alloc.counters, 0);
    EXPECT_EQ(script->counters[0].free, 229118);
    EXPECT_EQ(script->log[2].pfn, PFN_NONE);
    EXPECT_EQ(script->log[2].counters, -1);
    EXPECT_EQ(script->log[3].kind, LogEntry::Kind::free);
    EXPECT_EQ(script->log[4].kind, LogEntry::Kind::drain);
}

TEST(RecordingScript, LinesOfOtherRoomsAreCounted) {
    const auto script = parse_recorded_script(SCRIPT);
    ASSERT_TRUE(script.ok());
    EXPECT_EQ(script->other_lines.at("kmalloc"), 1u);
    EXPECT_EQ(script->other_lines.at("CACHE"), 1u);
    EXPECT_TRUE(script->unreadable.empty());
}

TEST(RecordingScript, DamagedOpLinesAreNamed) {
    const auto script = parse_recorded_script("### log\n"
                                              "1 a slot=0 order=4 gfp=2800 -> pfn=xyz zone=0:DMA\n"
                                              "1 a slot=0 order=99 gfp=2800 -> NULL\n"
                                              "1 a slot=-1 order=0 gfp=2800 -> NULL\n"
                                              "1 f slot=0 order=4 pfn=\n"
                                              "1 f slot=0 order=4 pfn=1 pbtype=9\n"
                                              "1 a slot=0 order=0 gfp=2800 -> pfn=1 zone=0:DMA pbtype=0 and more\n");
    ASSERT_TRUE(script.ok());
    EXPECT_TRUE(script->log.empty());
    EXPECT_EQ(script->unreadable, (std::vector<u32>{2, 3, 4, 5, 6, 7}));
}

TEST(RecordingScript, TextWithoutALogIsAnError) {
    EXPECT_FALSE(parse_recorded_script("").ok());
    EXPECT_FALSE(parse_recorded_script("### script\nL\n").ok());
}

} // namespace
} // namespace mm
