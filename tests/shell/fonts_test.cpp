// Every character that the canvas writes is in its fonts.
#include <gtest/gtest.h>
#include <imgui.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <list>
#include <set>
#include <string>
#include <vector>

#include "golden_file.h"
#include "screen.h"

namespace shell {
namespace {

namespace fs = std::filesystem;

const fs::path SOURCES = MMSCOPE_SOURCE_DIR;

bool is_chinese(ImWchar c) { return c >= 0x2e80; }

// What stands between quotation marks and is not ASCII.
std::set<ImWchar> letters_of(const fs::path& file) {
    std::set<ImWchar> letters;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        line.resize(std::min(line.size(), line.find("// ")));
        bool inside = false;
        for (std::size_t i = 0; i < line.size(); ++i) {
            const auto byte = static_cast<unsigned char>(line[i]);
            if (byte == '"') inside = !inside;
            if (!inside || byte < 0xc0) continue;
            const int more = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
            unsigned int code = byte & (0x3fu >> more);
            for (int k = 1; k <= more; ++k)
                code = code << 6 | (static_cast<unsigned char>(line.at(i + static_cast<std::size_t>(k))) & 0x3fu);
            letters.insert(static_cast<ImWchar>(code));
        }
    }
    return letters;
}

std::vector<fs::path> files_in(const fs::path& folder, const std::string& suffix) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(SOURCES / folder))
        if (entry.path().filename().string().ends_with(suffix)) files.push_back(entry.path());
    return files;
}

class Fonts : public testing::Test {
  protected:
    ImFont* font(const char* name) {
        const std::string& bytes =
            files_.emplace_back(mm::test::read_file((SOURCES / "shell/fonts" / name).string()));
        ImFontConfig config;
        config.FontDataOwnedByAtlas = false;
        return ImGui::GetIO().Fonts->AddFontFromMemoryTTF(const_cast<char*>(bytes.data()), static_cast<int>(bytes.size()),
                                                          14.0f, &config);
    }
    std::list<std::string> files_; // longer than the atlas
    test::Screen screen;
};

TEST_F(Fonts, HaveTheChineseOfTheCanvas) {
    ImFont* chinese = font("chinese.ttf");
    std::ifstream list(SOURCES / "shell/fonts/chinese-from.txt");
    std::size_t found = 0;
    for (std::string folder, suffix; list >> folder >> suffix;) {
        const std::vector<fs::path> files = files_in(folder, suffix);
        EXPECT_FALSE(files.empty()) << folder << " " << suffix;
        for (const fs::path& file : files) {
            for (const ImWchar letter : letters_of(file)) {
                if (!is_chinese(letter)) continue;
                ++found;
                EXPECT_TRUE(chinese->IsGlyphInFont(letter))
                    << file << " U+" << std::hex << letter << ": ./dev fonts adds it";
            }
        }
    }
    EXPECT_GT(found, 1000u);
}

TEST_F(Fonts, HaveTheOtherSignsOfTheCanvas) {
    ImFont* words = font("words.otf");
    ImFont* mono = font("mono.ttf");
    for (const char* suffix : {".h", ".cpp"}) {
        for (const fs::path& file : files_in("shell/views", suffix)) {
            for (const ImWchar letter : letters_of(file)) {
                if (is_chinese(letter)) continue;
                EXPECT_TRUE(words->IsGlyphInFont(letter) || mono->IsGlyphInFont(letter))
                    << file << " U+" << std::hex << letter;
            }
        }
    }
}

} // namespace
} // namespace shell
