#pragma once
// Dear ImGui with a renderer that takes everything and shows nothing.
#include <imgui.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>

#include "bridge/canvas.h"

namespace shell::test {

class Screen {
  public:
    Screen() {
        ImGui::CreateContext();
        ImGuiIO& io = ImGui::GetIO();
        io.IniFilename = nullptr;
        io.BackendFlags |= ImGuiBackendFlags_RendererHasTextures | ImGuiBackendFlags_RendererHasVtxOffset;
        for (auto& [font, completes_the_last] : fonts_) {
            ImFontConfig config;
            config.FontDataOwnedByAtlas = false;
            config.MergeMode = completes_the_last;
            io.Fonts->AddFontFromMemoryTTF(font.data(), static_cast<int>(font.size()), 14, &config);
        }
    }
    ~Screen() {
        for (ImTextureData* texture : ImGui::GetIO().Fonts->TexList) destroy(*texture);
        ImGui::DestroyContext();
    }
    Screen(const Screen&) = delete;
    Screen& operator=(const Screen&) = delete;

    // What `draw` draws, in a window that fills the screen.
    void frame(float width, float height, const std::function<void()>& draw) {
        begin(width, height, 1);
        ImGui::SetNextWindowPos({0, 0});
        ImGui::SetNextWindowSize({width, height});
        ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {0, 0});
        ImGui::Begin("test", nullptr, ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove);
        draw();
        ImGui::End();
        ImGui::PopStyleVar();
        end();
    }

    AfterDraw frame(Bridge& bridge, float width, float height, float density = 1) {
        begin(width, height, density);
        const AfterDraw after = draw_views(bridge);
        end();
        return after;
    }

    // Until nothing moves. False when that never comes.
    bool settle(Bridge& bridge, float width, float height, float density = 1) {
        for (int i = 0; i < 100; ++i)
            if (!frame(bridge, width, height, density).animate && i > 3) return true;
        return false;
    }

    // All textures are gone, as with a lost WebGL context.
    static void lose_textures() {
        for (ImTextureData* texture : ImGui::GetPlatformIO().Textures) destroy(*texture);
    }

    // Every command of the last frame draws with a texture that there is.
    [[nodiscard]] static bool every_texture_is_there() {
        for (const ImDrawList* list : ImGui::GetDrawData()->CmdLists)
            for (const ImDrawCmd& command : list->CmdBuffer)
                if (!command.UserCallback && command.GetTexID() == ImTextureID_Invalid) return false;
        return true;
    }

  private:
    static void begin(float width, float height, float density) {
        ImGuiIO& io = ImGui::GetIO();
        io.DisplaySize = {width, height};
        io.DisplayFramebufferScale = {density, density};
        io.DeltaTime = 0.05f;
        ImGui::NewFrame();
    }
    static void end() {
        ImGui::Render();
        for (ImTextureData* texture : *ImGui::GetDrawData()->Textures) take(*texture);
    }
    static void take(ImTextureData& texture) {
        if (texture.Status == ImTextureStatus_Destroyed) return;
        if (texture.Status == ImTextureStatus_WantDestroy) return destroy(texture);
        if (texture.Status == ImTextureStatus_WantCreate) texture.SetTexID(1);
        texture.SetStatus(ImTextureStatus_OK);
    }
    static void destroy(ImTextureData& texture) {
        texture.SetTexID(ImTextureID_Invalid);
        texture.SetStatus(ImTextureStatus_Destroyed);
    }
    static std::string read_file(const std::string& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    struct Font {
        std::string data;
        bool completes_the_last;
    };
    Font fonts_[3] = {{read_file(MMSCOPE_SOURCE_DIR "/shell/fonts/words.otf"), false},
                      {read_file(MMSCOPE_SOURCE_DIR "/shell/fonts/chinese.ttf"), true},
                      {read_file(MMSCOPE_SOURCE_DIR "/shell/fonts/mono.ttf"), false}};
};

} // namespace shell::test
