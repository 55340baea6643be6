// Runs all unit tests from the project's folder, so that MMSCOPE_SOURCE_DIR "/scenarios" names the same files whether
// the program was started natively or in node, and from wherever.

#include <gtest/gtest.h>

#include <cstdio>
#include <unistd.h>

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    if (chdir(MMSCOPE_ABSOLUTE_SOURCE_DIR) != 0) {
        std::perror("mmscope_tests: cannot enter " MMSCOPE_ABSOLUTE_SOURCE_DIR);
        return 2;
    }
    return RUN_ALL_TESTS();
}
