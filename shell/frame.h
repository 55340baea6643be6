#pragma once
// The canvas draws only when somebody asks. At rest there is no animation callback at all.

namespace shell {

// Asks for a frame at the browser's next opportunity. Call it after any change that the canvas shows, and while drawing
// to go on with an animation. Asking twice is asking once.
void request_frame();

} // namespace shell
