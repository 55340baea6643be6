#pragma once
// How a room writes its ops: the words and fields of one as a constant, the function that reads its fields by name, and the
// row that joins the two.
//
//   namespace spec { constexpr OpSpec alloc_page{"alloc_page", {gfp_field}, ...}; }
//
//   OpOutcome alloc_page_op(physical_op_context& room, OpCall& call, Fields<spec::alloc_page> in) { ... in["gfp"] ... }
//
//   constexpr PhysicalOp rows[] = { op_row<spec::alloc_page, alloc_page_op>(), ... };
//
// A name that the op has no field of does not compile, nor does a row whose function reads the fields of another op. What
// runs is an index: the names are gone.
#include "base/op.h"

namespace mm {

// Not constant, so that calling it stops the compiler, which then says its name.
void the_op_has_no_field_of_this_name();

// The name of a field of this op.
template <const OpSpec& SPEC>
struct FieldName {
    std::size_t index;

    consteval FieldName(const char* name) : index(static_cast<std::size_t>(SPEC.field_index(name))) {
        if (SPEC.field_index(name) < 0) the_op_has_no_field_of_this_name();
    }
};

// The values of an op's fields.
template <const OpSpec& SPEC>
class Fields {
  public:
    explicit Fields(const Op& op) : op_(op) {}

    [[nodiscard]] i64 operator[](FieldName<SPEC> field) const { return op_.arg[field.index]; }
    // The same with the type that the op's function works with: in.as<gfp_t>("gfp").
    template <class T>
    [[nodiscard]] T as(FieldName<SPEC> field) const {
        return static_cast<T>(op_.arg[field.index]);
    }

  private:
    const Op& op_;
};

// A row of a room's table of ops. `Context`: the state that the row's function works on.
template <class Context>
struct OpRow {
    const OpSpec* spec;
    OpOutcome (*apply)(Context& room, OpCall& call);
};

// Joins an op with its function. Of another op's function there is no such row.
template <const OpSpec& SPEC, auto function>
struct OpRowOf;

template <const OpSpec& SPEC, class Context, OpOutcome (*function)(Context&, OpCall&, Fields<SPEC>)>
struct OpRowOf<SPEC, function> {
    static_assert(!SPEC.has_row() || SPEC.field_index(SPEC.row_field) >= 0, "the row's length is a field of the op");

    static OpOutcome apply(Context& room, OpCall& call) { return function(room, call, Fields<SPEC>(call.op)); }
    static constexpr OpRow<Context> row{&SPEC, apply};
};

template <const OpSpec& SPEC, auto function>
[[nodiscard]] consteval auto op_row() {
    return OpRowOf<SPEC, function>::row;
}

} // namespace mm
