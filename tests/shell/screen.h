#pragma once
// Dear ImGui with a renderer that takes everything and shows nothing.
#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cstdio>
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

    // Characters that were drawn, or measured, and that the font has not: "U+50cf ...".
    [[nodiscard]] static std::string missing_characters() {
        constexpr ImU16 NOT_FOUND = 0xfffe; // imgui_draw.cpp: looked for, and not there
        std::string out;
        ImStableVector<ImFontBaked, 32>& sizes = ImGui::GetIO().Fonts->Builder->BakedPool;
        for (int i = 0; i < sizes.Size; ++i) {
            const ImVector<ImU16>& glyphs = sizes[i].IndexLookup;
            for (int code = 0x20; code < glyphs.Size; ++code) {
                // What Dear ImGui itself looks for: signs for characters that are missing, and an ellipsis.
                if (code == 0xfffd || code == 0x85 || glyphs[code] != NOT_FOUND) continue;
                char text[16];
                std::snprintf(text, sizeof text, "U+%04x ", static_cast<unsigned>(code));
                if (out.find(text) == std::string::npos) out += text;
            }
        }
        return out;
    }

    // Something opaque of this colour is drawn in the screen.
    [[nodiscard]] static bool shows_colour(ImU32 colour) {
        const ImVec2 size = ImGui::GetIO().DisplaySize;
        for (const ImDrawList* list : ImGui::GetDrawData()->CmdLists)
            for (const ImDrawCmd& command : list->CmdBuffer)
                for (unsigned int i = 0; i < command.ElemCount; ++i) {
                    const unsigned int at =
                        command.VtxOffset + list->IdxBuffer[static_cast<int>(command.IdxOffset + i)];
                    const ImDrawVert& vertex = list->VtxBuffer[static_cast<int>(at)];
                    const ImVec4& clip = command.ClipRect;
                    if (vertex.col == colour && vertex.pos.x >= clip.x && vertex.pos.y >= clip.y &&
                        vertex.pos.x < std::min(clip.z, size.x) && vertex.pos.y < std::min(clip.w, size.y))
                        return true;
                }
        return false;
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
