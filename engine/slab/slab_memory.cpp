#include "slab/slab_memory.h"

namespace mm {

slab_memory::slab_memory() = default;
slab_memory::~slab_memory() = default;
slab_memory::slab_memory(const slab_memory&) = default;
slab_memory::slab_memory(slab_memory&&) noexcept = default;
slab_memory& slab_memory::operator=(const slab_memory&) = default;
slab_memory& slab_memory::operator=(slab_memory&&) noexcept = default;

} // namespace mm
