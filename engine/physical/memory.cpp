#include "physical/memory.h"

namespace mm {

physical_memory::physical_memory() = default;
physical_memory::~physical_memory() = default;
physical_memory::physical_memory(const physical_memory&) = default;
physical_memory::physical_memory(physical_memory&&) noexcept = default;
physical_memory& physical_memory::operator=(const physical_memory&) = default;
physical_memory& physical_memory::operator=(physical_memory&&) noexcept = default;

} // namespace mm
