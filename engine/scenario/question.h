#pragma once
// Questions of a lesson: the right answer is what the engine did, never what the file says.
//
//   machine before the step ── ops of the step ──► machine after, StepResult ──► right_answer() ──► is_right(value)
//
// A question stands before its step. Its answer is worked out on a machine that has made the step.
#include "base/told.h"
#include "scenario/step_result.h"
#include "machine/narrate.h"

namespace mm {

// choices: index of the choice; number: the number; page: the first frame of a block of 2^order; object: its address.
struct RightAnswer {
    i64 value = 0;
    u8 order = 0;
};

// nullopt when no answer, or more than one, is right.
[[nodiscard]] std::optional<RightAnswer> right_answer(const Question& question, const Machine& after,
                                                      const StepResult& step);

// What is wrong with the question; empty when it has one right answer.
[[nodiscard]] Told question_problem(const Question& question, const Machine& after, const StepResult& step);

// Is `value` right? Any frame of the block and any address inside the object will do.
[[nodiscard]] bool is_right(const Question& question, const RightAnswer& right, const Machine& after, i64 value);

// What a person wrote: a choice or a number in decimal, a number in hex with 0x, a frame in hex. An object by its
// address, or as "#3" by its index in the slab of the right answer. nullopt: nothing that could be an answer.
[[nodiscard]] std::optional<i64> read_answer(const Question& question, const RightAnswer& right, const Machine& after,
                                             std::string_view text);

// The right answer as text: the choice's words, the number, the frame, or the object's address and index.
[[nodiscard]] std::string right_answer_text(const Question& question, const RightAnswer& right, const Machine& after,
                                            Language language);

// The events whose sentences explain the answer: those that the question names, if the step has any of them, else those
// that its answer is about, else the last one. At most 4.
[[nodiscard]] std::vector<Event> explaining_events(const Question& question, const RightAnswer& right,
                                                   const StepResult& step);

} // namespace mm
