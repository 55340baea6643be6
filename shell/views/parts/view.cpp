#include "views/parts/view.h"

#include <imgui.h>

#include "views/parts/pen.h"

namespace shell {

Pen pen_of(const ViewInput& input) {
    return {*ImGui::GetWindowDrawList(), palette_of(input.choices.theme), input.choices.language, input.canvas.sheet};
}

} // namespace shell
