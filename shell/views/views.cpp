#include "views/views.h"

#include <imgui.h>

#include "fonts.h"

namespace shell {

void draw_views() {
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    ImGui::SetNextWindowPos(viewport->WorkPos);
    ImGui::SetNextWindowSize(viewport->WorkSize);
    ImGui::Begin("canvas", nullptr, ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove);
    ImGui::TextUnformatted("mmscope");
    ImGui::PushFont(font_mono(), 0);
    ImGui::Text("%.0f × %.0f", static_cast<double>(viewport->WorkSize.x), static_cast<double>(viewport->WorkSize.y));
    ImGui::PopFont();
    ImGui::End();
}

}  // namespace shell
