// Runs all unit tests from the project's folder, so that MMSCOPE_SOURCE_DIR "/scenarios" names the same files whether
// the program was started natively or in node, and from wherever.
//
//   mmscope_tests [--shard=I/N] [--gtest_...]      the I-th of N parts of the tests, from 0 on
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unistd.h>

namespace {

// GoogleTest takes its part from the environment, and that of node does not reach a program in it.
void set_shard(std::string_view part) {
    const std::size_t slash = part.find('/');
    setenv("GTEST_SHARD_INDEX", std::string(part.substr(0, slash)).c_str(), 1);
    setenv("GTEST_TOTAL_SHARDS", std::string(part.substr(slash + 1)).c_str(), 1);
}

} // namespace

int main(int argc, char** argv) {
    constexpr std::string_view SHARD = "--shard=";
    for (int i = 1; i < argc; ++i)
        if (const std::string_view argument = argv[i]; argument.starts_with(SHARD))
            set_shard(argument.substr(SHARD.size()));
    testing::InitGoogleTest(&argc, argv);
    if (chdir(MMSCOPE_ABSOLUTE_SOURCE_DIR) != 0) {
        std::perror("mmscope_tests: cannot enter " MMSCOPE_ABSOLUTE_SOURCE_DIR);
        return 2;
    }
    return RUN_ALL_TESTS();
}
