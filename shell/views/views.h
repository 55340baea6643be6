#pragma once
// All views.
#include <memory>
#include <span>
#include <vector>

#include "views/parts/view.h"

namespace shell {

// In the order in which their places offer them, one for each row of views.cpp. They keep where the person looks, never what the machine is.
[[nodiscard]] std::vector<std::unique_ptr<View>> make_views();
// The page's own, made at the first call.
[[nodiscard]] std::span<const std::unique_ptr<View>> views();

} // namespace shell
