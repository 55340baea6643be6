#include "views/views.h"

#include <imgui.h>

#include "bridge.h"
#include "fonts.h"
#include "views/address.h"
#include "views/cache.h"
#include "views/caches.h"
#include "views/colouring.h"
#include "views/compare.h"
#include "views/free_lists.h"
#include "views/layout.h"
#include "views/map.h"
#include "views/page_tables.h"
#include "views/palette.h"
#include "views/pcp_lists.h"
#include "views/pkmap.h"
#include "views/slab_bytes.h"
#include "views/tlb.h"
#include "views/vmalloc.h"
#include "views/zone_gauges.h"

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

std::vector<std::unique_ptr<View>> make_views() {
    std::vector<std::unique_ptr<View>> all;
    all.push_back(std::make_unique<MapView>());
    all.push_back(std::make_unique<FreeListsView>());
    all.push_back(std::make_unique<ZoneGaugesView>());
    all.push_back(std::make_unique<PcpListsView>());
    all.push_back(std::make_unique<CachesView>());
    all.push_back(std::make_unique<CacheView>());
    all.push_back(std::make_unique<SlabBytesView>());
    all.push_back(std::make_unique<ColouringView>());
    all.push_back(std::make_unique<CompareView>());
    all.push_back(std::make_unique<VmallocView>());
    all.push_back(std::make_unique<AddressView>());
    all.push_back(std::make_unique<PageTablesView>());
    all.push_back(std::make_unique<TlbView>());
    all.push_back(std::make_unique<LayoutView>());
    all.push_back(std::make_unique<PkmapView>());
    return all;
}

std::span<const std::unique_ptr<View>> views() {
    static const std::vector<std::unique_ptr<View>> all = make_views();
    return all;
}

AfterDraw draw_views(Bridge& bridge, const CanvasInput& canvas) {
    set_style(palette_of(bridge.app.theme));
    const ImGuiViewport& viewport = *ImGui::GetMainViewport();
    ImGui::SetNextWindowPos(viewport.WorkPos);
    ImGui::SetNextWindowSize(viewport.WorkSize);
    constexpr ImGuiWindowFlags flags = ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                                       ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoScrollWithMouse |
                                       ImGuiWindowFlags_NoBringToFrontOnFocus;
    AfterDraw after;
    ImGui::Begin("canvas", nullptr, flags);
    // A font learns the screen's density when it becomes the current one.
    for (ImFont* font : {font_mono(), font_words()}) {
        ImGui::PushFont(font, TEXT_NORMAL);
        ImGui::PopFont();
    }
    View* view = bridge.loaded() ? bridge.open_view() : nullptr;
    if (view) {
        ViewActions actions;
        ImGui::PushID(view);
        ViewInput input = bridge.view_input(ImGui::GetTime());
        input.canvas = canvas;
        view->draw(input, actions);
        ImGui::PopID();
        after.animate = actions.animate;
        after.tell_page = bridge.apply(actions);
    }
    ImGui::End();
    return after;
}

} // namespace shell
