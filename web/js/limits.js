export const SCENARIO_MAX = 4 << 20;  // bytes of a file, as the engine's own cap (engine/scenario/scenario.h)
