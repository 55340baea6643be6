#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace mm {

void assertion_failed(const char* claim, const char* file, int line) {
    std::fprintf(stderr, "mmscope: internal error at %s:%d: %s does not hold\n", file, line, claim);
    std::abort();
}

} // namespace mm
