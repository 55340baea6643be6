#include "bridge/canvas.h"

#include <imgui.h>

#include "bridge/bridge.h"
#include "views/parts/fonts.h"
#include "views/parts/palette.h"
#include "views/parts/pen.h"

namespace shell {

namespace {

ImVec4 vec(Rgba colour) { return ImGui::ColorConvertU32ToFloat4(colour); }

void set_style(const Palette& p) {
    ImGuiStyle& style = ImGui::GetStyle();
    style.WindowPadding = {0, 0};
    style.WindowBorderSize = 0;
    style.PopupRounding = 4;
    style.ScrollbarSize = 10;
    style.HoverStationaryDelay = 0.05f;
    style.Colors[ImGuiCol_WindowBg] = vec(p.paper);
    style.Colors[ImGuiCol_PopupBg] = vec(p.panel);
    style.Colors[ImGuiCol_Border] = vec(p.faint);
    style.Colors[ImGuiCol_Text] = vec(p.ink);
    style.Colors[ImGuiCol_TextDisabled] = vec(p.muted);
    style.Colors[ImGuiCol_ScrollbarBg] = vec(p.paper);
    style.Colors[ImGuiCol_ScrollbarGrab] = vec(p.faint);
    style.Colors[ImGuiCol_ScrollbarGrabHovered] = vec(p.muted);
    style.Colors[ImGuiCol_ScrollbarGrabActive] = vec(p.muted);
}

} // namespace

ViewActions draw_view(Bridge& bridge, const CanvasInput& canvas) {
    set_style(palette_of(bridge.app.theme));
    const ImGuiViewport& viewport = *ImGui::GetMainViewport();
    ImGui::SetNextWindowPos(viewport.WorkPos);
    ImGui::SetNextWindowSize(viewport.WorkSize);
    constexpr ImGuiWindowFlags flags = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                       ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoScrollWithMouse |
                                       ImGuiWindowFlags_NoBringToFrontOnFocus;
    ViewActions actions;
    ImGui::Begin("canvas", nullptr, flags);
    // A font learns the screen's density when it becomes the current one.
    for (ImFont* font : {font_mono(), font_words()}) {
        ImGui::PushFont(font, TEXT_NORMAL);
        ImGui::PopFont();
    }
    if (View* view = bridge.loaded() ? bridge.open_view() : nullptr) {
        ImGui::PushID(view);
        ViewInput input = bridge.view_input(ImGui::GetTime());
        input.canvas = canvas;
        view->draw(input, actions);
        ImGui::PopID();
    }
    ImGui::End();
    return actions;
}

AfterDraw draw_views(Bridge& bridge, const CanvasInput& canvas) {
    const ViewActions actions = draw_view(bridge, canvas);
    return {actions.animate, bridge.loaded() && bridge.apply(actions)};
}

} // namespace shell
