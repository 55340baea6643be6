#pragma once
// Compares a text with a file below tests/golden. When they differ, the new text is written beside the other temporary
// files and both paths are printed: look at the difference, and copy the file when it is what you meant.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace mm::test {

inline std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

// The first line that differs, with its number.
inline std::string first_difference(const std::string& expected, const std::string& found) {
    std::istringstream a(expected), b(found);
    std::string line_a, line_b;
    for (int number = 1;; ++number) {
        const bool more_a = static_cast<bool>(std::getline(a, line_a));
        const bool more_b = static_cast<bool>(std::getline(b, line_b));
        if (!more_a && !more_b) return "they differ in the last newline only";
        if (more_a == more_b && line_a == line_b) continue;
        return "line " + std::to_string(number) + "\n  golden: " + (more_a ? line_a : "(ends)") +
               "\n  now:    " + (more_b ? line_b : "(ends)");
    }
}

// `name`: "narration/every_event.en.txt"
inline void expect_golden(const std::string& name, const std::string& text) {
    const std::string golden = MMSCOPE_SOURCE_DIR "/tests/golden/" + name;
    const std::string expected = read_file(golden);
    if (expected == text) return;
    std::string file = name;
    std::replace(file.begin(), file.end(), '/', '-');
    const std::string fresh = testing::TempDir() + file;
    std::ofstream(fresh, std::ios::binary) << text;
    ADD_FAILURE() << first_difference(expected, text) << "\n  diff " << golden << " " << fresh << "\n  cp " << fresh
                  << " " << golden;
}

} // namespace mm::test
