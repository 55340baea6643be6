// The open view as an SVG file: frames that nobody sees, whose pen writes on a sheet, too.
#include <imgui.h>

#include <utility>

#include "bridge/bridge.h"
#include "bridge/canvas.h"
#include "bridge/replies.h"
#include "scenario/step_spans.h"
#include "views/parts/svg_sheet.h"

namespace shell {
namespace {

// Dear ImGui knows sizes one frame after it has drawn them, and a view scrolls to what the step touched with the next one.
constexpr int FRAMES_BEFORE = 3;
constexpr ImVec2 NOWHERE{-1e6f, -1e6f};

bool has_canvas() {
    const ImGuiIO& io = ImGui::GetIO();
    return (io.BackendFlags & ImGuiBackendFlags_RendererHasTextures) && io.DisplaySize.x >= 1 && io.DisplaySize.y >= 1;
}

// A frame at rest: no pointer is in it, and no key comes to it.
void draw_still(Bridge& bridge, SvgSheet& sheet) {
    ImGui::NewFrame();
    ImGuiIO& io = ImGui::GetIO();
    const ImVec2 pointer = std::exchange(io.MousePos, NOWHERE);
    static_cast<void>(draw_view(bridge, {.focused = false, .sheet = &sheet}));
    io.MousePos = pointer;
    ImGui::Render();
}

} // namespace

std::string Bridge::export_svg(std::string_view link) {
    if (!loaded()) return to_text(nothing_loaded());
    const View* open = open_view();
    if (!open || !ImGui::GetCurrentContext() || !has_canvas())
        return to_text(error_json(mm::told_error("", {"there is no picture to write", "没有可以写出的图"})));
    const bool moves = !std::exchange(app.reduced_motion, true);
    SvgSheet sheet;
    for (int i = 0; i < FRAMES_BEFORE; ++i) draw_still(*this, sheet);
    sheet = {};
    draw_still(*this, sheet);
    app.reduced_motion = !moves;

    std::vector<const void*> layers;
    for (const ImDrawList* list : ImGui::GetDrawData()->CmdLists) layers.push_back(list);
    const bool chinese = app.language == mm::Language::zh;
    const std::string at = mm::position_text(app.scenario.steps, moment().position);
    const std::string steps = std::to_string(app.scenario.steps.size());
    const mm::Told told = mm::told("Step {0} of {1}. View: {2}. {3}", "第 {0} 步，共 {1} 步。视图：{2}。{3}",
                                   {at, steps, {open->row().title.en, open->row().title.zh}, link});
    const std::optional<std::string> text = sheet.finished({ImGui::GetIO().DisplaySize, palette_of(app.theme).paper,
                                                            local_text(app.scenario.title, app.language),
                                                            chinese ? told.zh : told.en, chinese ? "zh" : "en"},
                                                           layers);
    if (text) return to_text({{"svg", *text}});
    return to_text(error_json(mm::told_error(
        "", mm::told("the picture would be larger than {0} MiB as SVG: zoom in, or make the window smaller",
                     "这幅图写成 SVG 会超过 {0} MiB：请放大，或缩小窗口", {SvgSheet::MOST_BYTES >> 20}))));
}

} // namespace shell
