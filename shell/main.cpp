// The page's program. It puts Dear ImGui on the canvas and draws when asked; it is the only file that knows SDL, WebGL
// and the browser's events.
//
//   input, bridge calls, animation ──► request_frame() ──► the page, web/js/engine.js ──► canvas_draw() ──► draw_views()
//
// At rest no callback is pending. The page gets told two things through attributes of its root element:
//   data-ready="1"        the first picture of a machine is on the canvas
//   data-failed="webgl2"  the browser gives no WebGL2 context: nothing will be drawn, the rest of the module works

#include <GLES3/gl3.h>
#define SDL_MAIN_HANDLED
#include <SDL.h>
#include <backends/imgui_impl_opengl3.h>
#include <backends/imgui_impl_sdl2.h>
#include <emscripten.h>
#include <emscripten/heap.h>
#include <emscripten/html5.h>
#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "bridge/bridge.h"
#include "bridge/canvas.h"
#include "embedded_fonts.h"
#include "frame.h"
#include "views/parts/fonts.h"

namespace shell {
namespace {

constexpr const char* CANVAS = "#canvas";
constexpr float FONT_SIZE = 14.0f;
constexpr int SETTLE_FRAMES = 2;             // after input: Dear ImGui reacts to a press or a hover one frame later
constexpr float LONGEST_FRAME_S = 1 / 20.0f; // a rest is not a long frame

// What the browser's callbacks share; they come without a context of their own, and there is one canvas.
struct Canvas {
    SDL_Window* window = nullptr;
    EMSCRIPTEN_WEBGL_CONTEXT_HANDLE gl = 0;
    ImVec2 size;       // CSS pixels
    float density = 1; // canvas pixels in a CSS pixel
    int settle_frames = 0;
    bool lost = false; // the WebGL context, until the browser restores it
    bool ready = false;
    bool focused = false; // keys come to the canvas
    Fingers fingers;
};
Canvas canvas;

// ---- Drawing --------------------------------------------------------------------------------------------------------

// Dear ImGui has something to do that no new input will announce.
bool imgui_is_busy() {
    const ImGuiContext& g = *ImGui::GetCurrentContext();
    const bool hover_delay_runs = g.HoverItemDelayId != 0 && g.HoverItemDelayTimer <= g.Style.HoverDelayNormal;
    return !g.InputEventsQueue.empty() || hover_delay_runs;
}

// True when the event is not for Dear ImGui: SDL makes the first finger a mouse, which must not go on dragging or click
// once there are two.
bool takes_touch(const SDL_Event& event) {
    const auto at = [&] {
        return Point{static_cast<double>(event.tfinger.x) * static_cast<double>(canvas.size.x),
                     static_cast<double>(event.tfinger.y) * static_cast<double>(canvas.size.y)};
    };
    const bool pinched = canvas.fingers.pinching();
    switch (event.type) {
    case SDL_FINGERDOWN:
        canvas.fingers.down(event.tfinger.fingerId, at());
        if (!pinched && canvas.fingers.pinching()) {
            ImGui::GetIO().AddMousePosEvent(-FLT_MAX, -FLT_MAX);
            ImGui::GetIO().AddMouseButtonEvent(ImGuiMouseButton_Left, false);
        }
        return true;
    case SDL_FINGERMOTION: canvas.fingers.move(event.tfinger.fingerId, at()); return true;
    case SDL_FINGERUP: canvas.fingers.up(event.tfinger.fingerId); return true;
    case SDL_MOUSEMOTION: return pinched && event.motion.which == SDL_TOUCH_MOUSEID;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP: return pinched && event.button.which == SDL_TOUCH_MOUSEID;
    default: return false;
    }
}

void draw_frame() {
    if (canvas.lost || canvas.size.x < 1 || canvas.size.y < 1) return;
    ImGuiIO& io = ImGui::GetIO();
    for (SDL_Event event; SDL_PollEvent(&event) != 0;) {
        if (takes_touch(event)) continue;
        ImGui_ImplSDL2_ProcessEvent(&event);
    }

    ImGui_ImplOpenGL3_NewFrame();
    ImGui_ImplSDL2_NewFrame();
    io.DisplaySize = canvas.size;
    io.DisplayFramebufferScale = {canvas.density, canvas.density};
    io.DeltaTime = std::min(io.DeltaTime, LONGEST_FRAME_S);
    ImGui::NewFrame();
    const AfterDraw after = draw_views(the_bridge(), {canvas.focused, canvas.fingers.take()});
    ImGui::Render();

    const ImVec4& paper = ImGui::GetStyle().Colors[ImGuiCol_WindowBg];
    glViewport(0, 0, static_cast<int>(std::lround(canvas.size.x * canvas.density)),
               static_cast<int>(std::lround(canvas.size.y * canvas.density)));
    glClearColor(paper.x, paper.y, paper.z, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());

    if (after.tell_page) tell_page();
    if (the_bridge().loaded() && !std::exchange(canvas.ready, true)) {
        EM_ASM({ document.documentElement.dataset.ready = '1'; });
    }
    if (canvas.settle_frames > 0) {
        --canvas.settle_frames;
        request_frame();
    } else if (after.animate || imgui_is_busy()) {
        request_frame();
    }
}

int on_sdl_event(void*, SDL_Event* event) {
    if (event->type == SDL_POLLSENTINEL) return 0; // SDL's own, from the polling in draw_frame()
    canvas.settle_frames = SETTLE_FRAMES;
    request_frame();
    return 0;
}

// ---- Keyboard -------------------------------------------------------------------------------------------------------
// SDL would keep Tab, function keys and shortcuts from the page. A key goes to the canvas only when it has the focus,
// and stays with the page too unless a widget in the canvas holds the keyboard.

ImGuiKey key_of(std::string_view code) {
    if (code.size() == 4 && code.starts_with("Key")) return static_cast<ImGuiKey>(ImGuiKey_A + (code[3] - 'A'));
    if (code.size() == 6 && code.starts_with("Digit")) return static_cast<ImGuiKey>(ImGuiKey_0 + (code[5] - '0'));
    constexpr std::pair<std::string_view, ImGuiKey> named[] = {
        {"ArrowLeft", ImGuiKey_LeftArrow}, {"ArrowRight", ImGuiKey_RightArrow},
        {"ArrowUp", ImGuiKey_UpArrow},     {"ArrowDown", ImGuiKey_DownArrow},
        {"PageUp", ImGuiKey_PageUp},       {"PageDown", ImGuiKey_PageDown},
        {"Home", ImGuiKey_Home},           {"End", ImGuiKey_End},
        {"Enter", ImGuiKey_Enter},         {"NumpadEnter", ImGuiKey_Enter},
        {"Space", ImGuiKey_Space},         {"Escape", ImGuiKey_Escape},
        {"Minus", ImGuiKey_Minus},         {"Equal", ImGuiKey_Equal},
        {"NumpadAdd", ImGuiKey_KeypadAdd}, {"NumpadSubtract", ImGuiKey_KeypadSubtract},
    };
    for (const auto& [name, key] : named) {
        if (name == code) return key;
    }
    return ImGuiKey_None;
}

EM_BOOL on_key(int type, const EmscriptenKeyboardEvent* event, void*) {
    ImGuiIO& io = ImGui::GetIO();
    io.AddKeyEvent(ImGuiMod_Ctrl, event->ctrlKey);
    io.AddKeyEvent(ImGuiMod_Shift, event->shiftKey);
    io.AddKeyEvent(ImGuiMod_Alt, event->altKey);
    io.AddKeyEvent(ImGuiMod_Super, event->metaKey);
    const ImGuiKey key = key_of(event->code);
    if (key == ImGuiKey_None) return false;
    io.AddKeyEvent(key, type == EMSCRIPTEN_EVENT_KEYDOWN);
    canvas.settle_frames = SETTLE_FRAMES;
    request_frame();
    const bool shortcut = event->ctrlKey || event->altKey || event->metaKey;
    return io.WantCaptureKeyboard && !shortcut;
}

EM_BOOL on_focus(int type, const EmscriptenFocusEvent*, void*) {
    canvas.focused = type == EMSCRIPTEN_EVENT_FOCUS;
    if (!canvas.focused) ImGui::GetIO().ClearInputKeys();
    canvas.settle_frames = SETTLE_FRAMES;
    request_frame();
    return false;
}

// ---- The WebGL context ----------------------------------------------------------------------------------------------

bool create_context() {
    EmscriptenWebGLContextAttributes attributes;
    emscripten_webgl_init_context_attributes(&attributes);
    attributes.majorVersion = 2;
    attributes.alpha = false;
    attributes.depth = false;
    attributes.stencil = false;
    attributes.antialias = false; // Dear ImGui's lines bring their own soft edge
    canvas.gl = emscripten_webgl_create_context(CANVAS, &attributes);
    return canvas.gl > 0 && emscripten_webgl_make_context_current(canvas.gl) == EMSCRIPTEN_RESULT_SUCCESS;
}

EM_BOOL on_context_lost(int, const void*, void*) {
    canvas.lost = true;
    ImGui_ImplOpenGL3_Shutdown();
    return true; // we want it back
}

EM_BOOL on_context_restored(int, const void*, void*) {
    // The page may have put the memory back to the start since (web/js/parts.js): then nobody has told of the loss.
    if (!std::exchange(canvas.lost, false)) ImGui_ImplOpenGL3_Shutdown();
    ImGui_ImplOpenGL3_Init("#version 300 es");
    request_frame();
    return true;
}

// ---- Start ----------------------------------------------------------------------------------------------------------

void load_font(std::span<const unsigned char> font, bool completes_the_last) {
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false; // Dear ImGui keeps a copy
    config.MergeMode = completes_the_last;
    ImGui::GetIO().Fonts->AddFontFromMemoryTTF(const_cast<unsigned char*>(font.data()), static_cast<int>(font.size()),
                                               FONT_SIZE, &config);
}

void load_fonts() {
    load_font(FONT_WORDS, false);
    load_font(FONT_MONO, false);
}

// Completes both typefaces: a number may stand in a Chinese phrase. Dear ImGui completes the last of its fonts only, and
// remembers of each font which characters were looked for in vain.
void add_chinese(std::span<const unsigned char> font) {
    ImFontAtlas& atlas = *ImGui::GetIO().Fonts;
    for (ImFont* completed : {font_words(), font_mono()}) {
        std::swap(*std::find(atlas.Fonts.begin(), atlas.Fonts.end(), completed), atlas.Fonts.back());
        load_font(font, true);
        ImFontAtlasFontDiscardBakes(&atlas, completed, 0);
    }
    request_frame();
}

// Tells the page the size of the canvas, now and whenever its box or the density of the screen changes.
void observe_size() {
    EM_ASM({
        const canvas = Module.canvas;
        const tell = function(entry) {
            const density = window.devicePixelRatio;
            const box = canvas.getBoundingClientRect();
            let width = Math.round(box.width * density);
            let height = Math.round(box.height * density);
            const exact = entry && entry.devicePixelContentBoxSize;
            // A browser that emulates another density gives the size without it.
            if (exact && Math.abs(exact[0].inlineSize - width) <= 1) {
                width = exact[0].inlineSize;
                height = exact[0].blockSize;
            }
            Module.onSize(width, height, density);
        };
        tell(null);
        const observer = new ResizeObserver(function(entries) { tell(entries[entries.length - 1]); });
        try {
            observer.observe(canvas, {box : 'device-pixel-content-box'});
        } catch (unsupported) {
            observer.observe(canvas);
            window.addEventListener('resize', function() { tell(null); });
        }
        canvas.addEventListener('pointerdown', function() { canvas.focus({preventScroll : true}); });
    });
}

// Dear ImGui reads the size from us; SDL needs it to scale the mouse.
void resize(int width, int height, float density) {
    canvas.size = {static_cast<float>(width) / density, static_cast<float>(height) / density};
    canvas.density = density;
    SDL_SetWindowSize(canvas.window, std::max(1, static_cast<int>(std::lround(canvas.size.x))),
                      std::max(1, static_cast<int>(std::lround(canvas.size.y))));
    emscripten_set_canvas_element_size(CANVAS, width, height);
    draw_frame(); // at once: resizing has cleared the canvas
}

bool start() {
    EM_ASM({ Module.canvas = Module.canvas || document.getElementById('canvas'); });
    if (!create_context()) {
        EM_ASM({ document.documentElement.dataset.failed = 'webgl2'; });
        return false;
    }
    SDL_SetMainReady();
    SDL_SetHint(SDL_HINT_EMSCRIPTEN_KEYBOARD_ELEMENT, "#no-such-element");
    SDL_Init(SDL_INIT_VIDEO);
    canvas.window = SDL_CreateWindow("mmscope", 0, 0, 1, 1, SDL_WINDOW_ALLOW_HIGHDPI);
    SDL_AddEventWatch(on_sdl_event, nullptr);

    ImGui::CreateContext();
    ImGui::GetIO().IniFilename = nullptr;
    ImGui::GetIO().LogFilename = nullptr;
    ImGui_ImplSDL2_InitForOpenGL(canvas.window, nullptr);
    ImGui_ImplOpenGL3_Init("#version 300 es");
    load_fonts();

    emscripten_set_keydown_callback(CANVAS, nullptr, false, on_key);
    emscripten_set_keyup_callback(CANVAS, nullptr, false, on_key);
    emscripten_set_focus_callback(CANVAS, nullptr, false, on_focus);
    emscripten_set_blur_callback(CANVAS, nullptr, false, on_focus);
    emscripten_set_webglcontextlost_callback(CANVAS, nullptr, false, on_context_lost);
    emscripten_set_webglcontextrestored_callback(CANVAS, nullptr, false, on_context_restored);
    observe_size();
    return true;
}

} // namespace

void request_frame() {
    EM_ASM({ Module.onFrame(); });
}

} // namespace shell

// What the page asks of the canvas; it calls them when it has been told of a size or asked for a frame.
extern "C" {
EMSCRIPTEN_KEEPALIVE void canvas_resized(int width, int height, float density) {
    shell::resize(width, height, density);
}
EMSCRIPTEN_KEEPALIVE void canvas_draw() { shell::draw_frame(); }
EMSCRIPTEN_KEEPALIVE void canvas_add_chinese(const unsigned char* font, int size_bytes) {
    shell::add_chinese({font, static_cast<std::size_t>(size_bytes)});
}
// Memory below this is in use or has been, memory above it is zero.
EMSCRIPTEN_KEEPALIVE std::uintptr_t canvas_memory_end() { return *emscripten_get_sbrk_ptr(); }
}

// Dear ImGui's renderer asks for the state of the context before it draws, to put it back afterwards. The browser would
// have to ask its graphics process and wait, twenty times a frame. Nobody else draws here: what is put back only has to
// be valid, and is the state of a new context.
extern "C" void canvas_gl_state(GLenum name, GLint* value) {
    switch (name) {
    case GL_VIEWPORT:
    case GL_SCISSOR_BOX: std::fill_n(value, 4, 0); break;
    case GL_ACTIVE_TEXTURE: *value = GL_TEXTURE0; break;
    case GL_BLEND_SRC_RGB:
    case GL_BLEND_SRC_ALPHA: *value = GL_ONE; break;
    case GL_BLEND_EQUATION_RGB:
    case GL_BLEND_EQUATION_ALPHA: *value = GL_FUNC_ADD; break;
    case GL_BLEND_DST_RGB:
    case GL_BLEND_DST_ALPHA:
    case GL_CURRENT_PROGRAM:
    case GL_TEXTURE_BINDING_2D:
    case GL_SAMPLER_BINDING:
    case GL_ARRAY_BUFFER_BINDING:
    case GL_VERTEX_ARRAY_BINDING: *value = 0; break;
    default: glGetIntegerv(name, value); break; // limits and versions, once
    }
}

int main() { return shell::start() ? 0 : 1; }
