// "What is this address?": every reading of a number, wrong input, and any 64 bits at all.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/rng.h"
#include "bridge/bridge.h"
#include "views/views.h"

namespace shell {
namespace {

using Json = nlohmann::ordered_json;

std::string scenario(const char* profile, const char* steps) {
    return R"({"format": "mmscope/1", "title": {"en": "a", "zh": "b"}, "machine": {"profile": )" +
           std::string(profile) + R"(}, "steps": [)" + steps + "]}";
}

class WhatIsTest : public testing::Test {
  protected:
    void load(const char* profile, const char* steps) {
        const std::string reply = bridge.load("test", scenario(profile, steps));
        ASSERT_FALSE(Json::parse(reply, nullptr, false).contains("error")) << reply;
        static_cast<void>(bridge.move(Motion::last));
    }
    Json what_is(std::string_view text, std::string_view level = "pte") {
        Json json = Json::parse(bridge.what_is(text, level), nullptr, false);
        EXPECT_TRUE(json.is_object());
        return json;
    }

    std::vector<std::unique_ptr<View>> all_views = make_views();
    Bridge bridge{all_views};
};

constexpr const char* ARM64 = R"({"memory": "256MiB", "kernel": "6.1", "arch": "arm64"})";

TEST_F(WhatIsTest, BeforeALoadThereIsNoMachineToAsk) { EXPECT_TRUE(what_is("0").contains("error")); }

TEST_F(WhatIsTest, AVirtualAddressHasARegionAWalkAPageAndAnOwner) {
    load(ARM64, R"({"op": "vmalloc", "size": 8192, "as": "a"})");
    const mm::u64 area = bridge.app.session->machine().results[0].value;
    const auto text = [](mm::u64 value) {
        char digits[32];
        std::snprintf(digits, sizeof digits, "%llx", static_cast<unsigned long long>(value));
        return std::string(digits);
    };
    const Json reply = what_is(text(area + 0x1234));
    EXPECT_EQ(reply["value"], "0x" + text(area + 0x1234));
    EXPECT_EQ(reply["guess"], "virtual");
    const Json& address = reply["virtual"];
    EXPECT_EQ(address["region"]["name"], "vmalloc");
    EXPECT_EQ(address["region"]["startFormula"], "VMALLOC_START = MODULES_END");
    EXPECT_EQ(address["half"], "kernel");
    ASSERT_EQ(address["walks"].size(), 1u);
    const Json& walk = address["walks"][0];
    ASSERT_EQ(walk["steps"].size(), 4u);
    EXPECT_EQ(walk["steps"][0]["index"], 256); // 0xffff8... is the first address of the pgd's upper half
    EXPECT_EQ(walk["found"]["owner"], "page of the vmalloc area at 0x" + text(area));
    EXPECT_EQ(walk["found"]["ownerPlace"], "address:" + text(area));
    EXPECT_EQ(walk["size"], 4096);
    EXPECT_EQ(what_is(std::string(walk["found"]["phys"]))["guess"], "physical");
    EXPECT_EQ(what_is(text(area + 0x2000))["virtual"]["walks"][0]["fault"], // the guard page
              "the entry of the pte table is 0: nothing is mapped. translation fault, level 3");
}

TEST_F(WhatIsTest, AnAddressOfAProcessIsInItsMapping) {
    load(ARM64, R"({"op": "execve", "as": "p"}, {"op": "open", "path": "/data/f", "size": "64KiB", "as": "f"},
        {"op": "mmap", "process": "p", "address": "0x1000000000", "size": "8KiB", "flags": "MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED"},
        {"op": "mmap", "process": "p", "address": "0x1000004000", "size": "4KiB", "flags": "MAP_SHARED|MAP_FIXED", "file": "f", "offset": "4KiB"})");
    const auto mapping = [&](std::string_view address) {
        return std::string(what_is(address)["virtual"]["walks"][0]["mapping"]);
    };
    EXPECT_EQ(mapping("1000001fff"), "process 300 (/bin/prog): 0x1000000000 to 0x1000002000, rw-p, anonymous memory");
    EXPECT_EQ(mapping("1000002000"), "process 300 (/bin/prog): no VMA, a hole of 0x1000002000 to 0x1000004000");
    EXPECT_EQ(mapping("1000004010"), "process 300 (/bin/prog): 0x1000004000 to 0x1000005000, rw-s, /data/f, byte 0x1010");
    EXPECT_NE(mapping("ffffffffffff").find("[stack]"), std::string::npos);
    EXPECT_NE(mapping("fffffff00000").find("the VMA above it may grow down"), std::string::npos);
    EXPECT_FALSE(what_is("ffff000000000000")["virtual"]["walks"][0].contains("mapping")) << "the kernel's";
}

TEST_F(WhatIsTest, AFrameTellsWhoseItIs) {
    load(ARM64,
         R"({"op": "kmalloc", "size": 100, "as": "o"}, {"op": "pgd_alloc", "as": "p"}, {"op": "alloc_page", "as": "u"},
                   {"op": "vm_insert_pages", "mm": "p", "address": "0x400000", "page": "u"})");
    const mm::Machine& machine = bridge.app.session->machine();
    char text[32];
    std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(machine.results[0].value + 5));
    EXPECT_NE(std::string(what_is(text)["physical"]["owner"]).find("of the slab cache kmalloc-128"), std::string::npos);
    // The same byte by the kernel's pointer.
    const std::string pointer = what_is(text)["physical"]["virtual"];
    EXPECT_EQ(what_is(pointer)["virtual"]["linear"]["phys"], "0x" + std::string(text));
    std::snprintf(text, sizeof text, "%llx",
                  static_cast<unsigned long long>(machine.mmu.tables[machine.mmu.spaces[1].pgd].pfn) << 12);
    EXPECT_EQ(what_is(text)["physical"]["owner"], "page table: pgd, mm 1");
    EXPECT_EQ(what_is("1000")["physical"]["owner"], "no memory there");
    // A user address is looked up in the tables of the process.
    EXPECT_EQ(what_is("400123")["virtual"]["walks"][0]["space"], "p");
    EXPECT_EQ(what_is("400123")["virtual"]["walks"][0]["found"]["phys"].get<std::string>().substr(7), "123");
}

// PAGE_KERNEL of 6.1 as the recorded machine has it in its vmalloc pages: 00e8000045340703.
TEST_F(WhatIsTest, AnEntryHasFieldsHelpersAndAnswers) {
    load(ARM64, R"({"op": "alloc_page", "as": "a"})");
    const Json reply = what_is("0x00e8000045340703");
    EXPECT_EQ(reply["guess"], "entry");
    const Json& entry = reply["entry"];
    EXPECT_EQ(entry["level"], "pte");
    EXPECT_EQ(entry["bits"], 64);
    EXPECT_EQ(entry["protection"], "PAGE_KERNEL");
    EXPECT_EQ(entry["target"]["phys"], "0x45340000");
    int next = 63;
    for (const Json& field : entry["fields"]) {
        EXPECT_EQ(field["high"], next);
        next = field["low"].get<int>() - 1;
    }
    EXPECT_EQ(next, -1);
    const auto helper = [&](std::string_view name) {
        for (const Json& one : entry["helpers"])
            if (one["name"] == name) return one["value"].get<std::string>();
        return std::string();
    };
    EXPECT_EQ(helper("pte_mkold"), "0xe8000045340303");      // without AF, bit 10
    EXPECT_EQ(helper("pte_mkspecial"), "0x1e8000045340703"); // with bit 56
    EXPECT_EQ(helper("pte_mkcont"), "0xf8000045340703");     // with bit 52
    const auto says = [&](std::string_view name) {
        for (const Json& one : entry["questions"])
            if (one["name"] == name) return one["answer"].get<bool>();
        return false;
    };
    EXPECT_TRUE(says("pte_young") && says("pte_write") && says("pte_dirty"));
    EXPECT_FALSE(says("pte_user") || says("pte_special"));
    // With bit 1 gone it is a type that the pte table has not; a level higher, a block.
    EXPECT_EQ(what_is("00e8000045340701")["entry"]["kind"], "not usable, not 0");
    EXPECT_EQ(what_is("00e8000045200701", "pmd")["entry"]["kind"], "block");
    EXPECT_EQ(what_is("00e8000045200701", "pmd")["entry"]["size"], 2 << 20);
    EXPECT_EQ(reply["levels"], Json({"pte", "pmd", "pud", "pgd"}));
}

TEST_F(WhatIsTest, WrongInputIsNamed) {
    load(ARM64, R"({"op": "alloc_page", "as": "a"})");
    EXPECT_EQ(what_is("")["wrong"], "empty");
    EXPECT_EQ(what_is(" 0x ")["wrong"], "empty");
    EXPECT_EQ(what_is("hello")["wrong"], "digit");
    EXPECT_EQ(what_is("-1")["wrong"], "digit");
    EXPECT_EQ(what_is("地址")["wrong"], "digit");
    EXPECT_EQ(what_is("11112222333344445")["wrong"], "wide");
    EXPECT_EQ(what_is(std::string(100000, '1'))["wrong"], "long");
    EXPECT_EQ(what_is("ffff'8000_0000 0000")["value"], "0xffff800000000000");
    load(R"({"memory": "64MiB", "kernel": "6.1", "arch": "i386"})", R"({"op": "alloc_page", "as": "a"})");
    EXPECT_EQ(what_is("100000000")["wrong"], "wide32");
    EXPECT_EQ(what_is("c0001000")["virtual"]["linear"]["phys"], "0x1000");
    EXPECT_EQ(what_is("c0001000")["virtual"]["half"], "one");
    EXPECT_EQ(what_is("c0001000")["virtual"]["walks"][0]["found"]["phys"], "0x1000");
    EXPECT_EQ(what_is("c0001000")["virtual"]["walks"][0]["size"], 4096);
    EXPECT_EQ(what_is("c0412345")["virtual"]["walks"][0]["found"]["phys"], "0x412345");
    EXPECT_EQ(what_is("c0412345")["virtual"]["walks"][0]["size"], 4 << 20);
}

TEST_F(WhatIsTest, AnyBitsGetAnAnswerOnAnyMachine) {
    mm::Rng random(7);
    for (const char* profile : {ARM64, R"({"memory": "256MiB", "kernel": "6.12", "arch": "arm64"})",
                                R"({"memory": "256MiB", "kernel": "5.10", "arch": "arm64", "page_size": 16384})",
                                R"({"memory": "512MiB", "kernel": "6.1", "arch": "arm64", "page_size": 65536})",
                                R"({"memory": "64MiB", "kernel": "6.1", "arch": "i386"})",
                                R"({"memory": "64MiB", "kernel": "6.1", "arch": "x86_64"})"}) {
        load(profile, R"({"op": "alloc_page", "as": "a"}, {"op": "pgd_alloc", "as": "p"})");
        for (int i = 0; i < 600; ++i) {
            const mm::u64 bits = random.next() >> (i % 5 == 0 ? 32 : i % 7 * 4);
            char text[32];
            std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(bits));
            static constexpr std::string_view LEVELS[] = {"pte", "pmd", "pud", "pgd", "nonsense"};
            const Json reply = what_is(text, LEVELS[i % 5]);
            EXPECT_TRUE(reply.contains("value") || reply["wrong"] == "wide32") << text << reply.dump();
        }
    }
}

TEST_F(WhatIsTest, ALogicalAddressGoesThroughItsSegmentFirst) {
    load(R"({"memory": "128MiB", "kernel": "6.1", "arch": "i386"})", R"({"op": "pgd_alloc", "as": "p"})");
    const Json flat = what_is("0x7b : 0x0804 8123");
    EXPECT_EQ(flat["value"], "0x8048123");
    EXPECT_EQ(flat["guess"], "virtual");
    EXPECT_GE(flat["logical"].size(), 4u);
    ASSERT_EQ(flat["virtual"]["walks"].size(), 1u) << "the process has the address, not the kernel";
    EXPECT_EQ(flat["virtual"]["walks"][0]["space"], "p");
    const Json refused = what_is("6b:0");
    EXPECT_FALSE(refused.contains("guess"));
    EXPECT_NE(refused["logical"].dump().find("#GP, a general protection fault, error code 0x68"), std::string::npos);
    EXPECT_EQ(what_is("7b:")["wrong"], "logical");
    EXPECT_EQ(what_is("12345:0")["wrong"], "logical");
    load(ARM64, R"({"op": "pgd_alloc", "as": "p"})");
    EXPECT_EQ(what_is("7b:0")["wrong"], "segments");
}

} // namespace
} // namespace shell
