#pragma once
// For tests of names that are checked while compiling: a text as a template argument.
#include <cstddef>

namespace mm::test {

template <std::size_t N>
struct Name {
    char text[N];
    consteval Name(const char (&literal)[N]) {
        for (std::size_t i = 0; i < N; ++i) text[i] = literal[i];
    }
};

} // namespace mm::test
