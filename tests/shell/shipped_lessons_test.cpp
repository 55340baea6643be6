// Lessons name views, and only the shell knows which there are.
#include <algorithm>
#include <filesystem>

#include "io/scenario_text.h"
#include "views/views.h"

namespace shell {

TEST(ShippedLessons, EachOpensAViewThatThereIs) {
    const std::vector<std::unique_ptr<View>> views = make_views();
    int lessons = 0;
    for (const auto& entry : std::filesystem::directory_iterator(MMSCOPE_SOURCE_DIR "/scenarios")) {
        if (entry.path().extension() != ".json") continue;
        const std::string open = mm::test::parsed(mm::test::read_file(entry.path())).view.open;
        EXPECT_TRUE(std::any_of(views.begin(), views.end(), [&](const auto& view) { return view->id() == open; }))
            << entry.path() << " opens \"" << open << "\"";
        ++lessons;
    }
    EXPECT_GE(lessons, 8);
}

} // namespace shell
