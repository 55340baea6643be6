#pragma once
// What tests of views share: a bridge with views of its own before a screen, a finger and keys.
#include <algorithm>
#include <gtest/gtest.h>

#include <imgui.h>

#include <nlohmann/json.hpp>

#include <initializer_list>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/bridge.h"
#include "screen.h"
#include "views/views.h"

namespace shell::test {

class ViewTest : public testing::Test {
  protected:
    using Json = nlohmann::json;

    static constexpr float WIDTH = 800, HEIGHT = 600;

    void load(std::string_view scenario) {
        const std::string reply = bridge.load("test", scenario);
        ASSERT_EQ(Json::parse(reply, nullptr, false).value("error", Json()).dump(), "null") << reply;
        end = bridge.app.session->steps();
    }
    // None of the wishes may be refused.
    void choose(const Json& wishes) {
        const Json reply = Json::parse(bridge.choose(wishes.dump()), nullptr, false);
        EXPECT_EQ(reply.value("refused", Json::array()).size(), 0u) << wishes;
    }
    void seek(mm::u32 step, mm::u32 event = 0) { static_cast<void>(bridge.seek(step, event)); }
    // What the view tells.
    Json describe() { return Json::parse(bridge.describe(), nullptr, false).value("view", Json::object()); }
    Json describe(const char* view) {
        choose({{"view", view}});
        return describe();
    }
    Json at(mm::u32 step, mm::u32 event = 0) {
        seek(step, event);
        return describe();
    }
    std::vector<mm::u32> all_steps() const {
        std::vector<mm::u32> steps(end + 1);
        std::iota(steps.begin(), steps.end(), 0u);
        return steps;
    }
    AfterDraw frame() { return screen.frame(bridge, WIDTH, HEIGHT); }
    // The open view at some events of these steps, with the pointer in it, light and English, then dark and Chinese; in
    // sizes from a point to a wall. At last it rests.
    void draw_everywhere(const std::vector<mm::u32>& steps, std::initializer_list<mm::u32> events) {
        const std::string view(bridge.open_view()->id());
        for (const char* theme : {"light", "dark"}) {
            choose({{"theme", theme}, {"language", theme == std::string("light") ? "en" : "zh"}});
            for (const mm::u32 step : steps) {
                for (const mm::u32 event : events) {
                    seek(step, event);
                    ImGui::GetIO().AddMousePosEvent(100, 250);
                    frame();
                    EXPECT_GT(ImGui::GetDrawData()->TotalVtxCount, 100) << view << " " << step;
                }
            }
            for (const auto& [width, height] :
                 {std::pair{366.0f, 300.0f}, {200.0f, 120.0f}, {130.0f, 60.0f}, {2400.0f, 1300.0f}, {1.0f, 1.0f}})
                screen.frame(bridge, width, height, 2);
        }
        EXPECT_TRUE(screen.settle(bridge, WIDTH, HEIGHT)) << view << " draws for ever";
        EXPECT_EQ(Screen::missing_characters(), "")
            << view << ": ./dev fonts adds what the files of chinese-from.txt say";
    }
    // Presses and releases at a point.
    AfterDraw press(float x, float y) {
        ImGuiIO& io = ImGui::GetIO();
        io.AddMousePosEvent(x, y);
        frame();
        io.AddMouseButtonEvent(0, true);
        frame();
        io.AddMouseButtonEvent(0, false);
        return frame();
    }
    void key(ImGuiKey code) {
        ImGuiIO& io = ImGui::GetIO();
        io.AddKeyEvent(code, true);
        frame();
        io.AddKeyEvent(code, false);
        frame();
    }
    // Presses from the top down at x until something of this kind is selected.
    bool press_until(float x, Selection::Kind kind) {
        for (float y = 10; y < HEIGHT - 10; y += 7) {
            press(x, y);
            if (bridge.app.selection.kind == kind) return true;
        }
        return false;
    }

    const View& view_of(std::string_view id) const {
        return **std::find_if(own.begin(), own.end(), [&](const auto& view) { return view->id() == id; });
    }

    // Views outlive a test's context of Dear ImGui, so each test has its own.
    Screen screen;
    std::vector<std::unique_ptr<View>> own = make_views();
    Bridge bridge{own};
    mm::u32 end = 0; // the scenario's last step
};

} // namespace shell::test
