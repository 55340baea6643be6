/* Parts of SDL that Dear ImGui's backend or SDL's own video code mention and the page never uses: gamepads and the 2D
   renderer. They are large; this says that there are none. */
#include <SDL.h>

int SDL_NumJoysticks(void) { return 0; }
SDL_bool SDL_IsGameController(int index) { return SDL_FALSE; }
SDL_GameController *SDL_GameControllerOpen(int index) { return NULL; }
void SDL_GameControllerClose(SDL_GameController *controller) {}
Uint8 SDL_GameControllerGetButton(SDL_GameController *controller, SDL_GameControllerButton button) { return 0; }
Sint16 SDL_GameControllerGetAxis(SDL_GameController *controller, SDL_GameControllerAxis axis) { return 0; }

SDL_Renderer *SDL_GetRenderer(SDL_Window *window) { return NULL; }
int SDL_GetRendererOutputSize(SDL_Renderer *renderer, int *width, int *height) { return -1; }
void SDL_DestroyRendererWithoutFreeing(SDL_Renderer *renderer) {}
