#include "base/op_row.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "base/names_compile.h"

namespace mm {
namespace {

constexpr FieldSpec field(std::string_view name, Unit unit) { return {name, unit, 0, 0, 100, false, "for this test"}; }
constexpr FieldSpec order = field("order", Unit::order), gfp = field("gfp", Unit::gfp), nr = field("nr", Unit::number);

namespace spec {

constexpr OpSpec one{.name = "one",
                     .fields = {order, gfp},
                     .kernel_function = "none",
                     .help_en = "For this test.",
                     .help_zh = "测试用。"};
constexpr OpSpec other_order{.name = "other_order",
                             .fields = {gfp, nr, order},
                             .kernel_function = "none",
                             .help_en = "For this test.",
                             .help_zh = "测试用。",
                             .row_field = "nr"};

} // namespace spec

struct Room {
    i64 seen = 0;
};

OpOutcome order_of_one(Room& room, OpCall&, Fields<spec::one> in) {
    room.seen = in["order"];
    return OpOutcome::done;
}
template <const OpSpec& SPEC>
OpOutcome order_of_any(Room& room, OpCall&, Fields<SPEC> in) {
    room.seen = in["order"];
    return OpOutcome::done;
}

template <const OpSpec& SPEC, test::Name NAME>
concept HasField = requires { typename std::integral_constant<std::size_t, FieldName<SPEC>(NAME.text).index>; };
template <const OpSpec& SPEC, auto function>
concept AreARow = requires { OpRowOf<SPEC, function>::row; };

static_assert(HasField<spec::one, "order"> && HasField<spec::other_order, "nr">);
static_assert(!HasField<spec::one, "nr">, "a name that the op has no field of does not compile");
static_assert(!HasField<spec::one, ""> && !HasField<spec::one, "orde">);

static_assert(AreARow<spec::one, order_of_one> && AreARow<spec::other_order, order_of_any<spec::other_order>>);
static_assert(!AreARow<spec::other_order, order_of_one>, "nor does a row whose function reads another op");

Op op_with(std::initializer_list<i64> args) {
    Op op;
    std::copy(args.begin(), args.end(), op.arg.begin());
    return op;
}

TEST(OpRow, AFieldIsFoundByItsNameWhereverItStands) {
    constexpr OpRow<Room> rows[] = {op_row<spec::one, order_of_one>(),
                                    op_row<spec::other_order, order_of_any<spec::other_order>>()};
    EventSink sink;
    Results results{MAX_RESULTS};
    Room room;
    const Op first = op_with({3, 7}), second = op_with({7, 1, 5});
    OpCall first_call{first, sink, results, 1}, second_call{second, sink, results, 2};
    rows[0].apply(room, first_call);
    EXPECT_EQ(room.seen, 3);
    rows[1].apply(room, second_call);
    EXPECT_EQ(room.seen, 5);
}

TEST(OpRow, TheLengthOfARowIsTheFieldThatTheOpNames) {
    EXPECT_EQ(row_length(spec::one, op_with({3, 7})), 1);
    EXPECT_EQ(row_length(spec::other_order, op_with({7, 12, 5})), 12);
}

} // namespace
} // namespace mm
