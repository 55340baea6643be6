#pragma once
// Questions of a lesson: the right answer is what the engine did, never what the file says.
//
//   machine before the step ── ops of the step ──► machine after, StepResult ──► right_answer() ──► is_right(value)
//
// A question stands before its step. Its answer is worked out on a machine that has made the step.
#include "base/told.h"
#include "machine/narrate.h"
#include "scenario/step_result.h"

namespace mm {

// choices, picture and branch: index of the choice; number: the number; page: the first frame of a block of 2^order; object:
// its address. order: positions of the offered things, in the right order; several: those of the right ones, or the first
// frames of the right blocks of 2^orders.
struct RightAnswer {
    i64 value = 0;
    u8 order = 0;
    std::vector<i64> list{};
    std::vector<u8> orders{};
};

// What a person answered: one number, or of order and several a list.
struct Answer {
    i64 value = 0;
    std::vector<i64> list{};
};

// nullopt when no answer, or more than one, is right.
[[nodiscard]] std::optional<RightAnswer> right_answer(const Question& question, const Machine& after,
                                                      const StepResult& step);

// What is wrong with the question; empty when it has one right answer.
[[nodiscard]] Told question_problem(const Question& question, const Machine& after, const StepResult& step);

// Is it right? Any frame of a block and any address inside the object will do; of several blocks each has to be pointed at.
// A number may be off by as much as the question allows.
[[nodiscard]] bool is_right(const Question& question, const RightAnswer& right, const Machine& after,
                            const Answer& answer);

// What a person wrote: a choice or a number in decimal, a number in hex with 0x, a frame in hex. An object by its
// address, or as "#3" by its index in the slab of the right answer. Positions or frames of a list with "," between them:
// "2,0,1". nullopt: nothing that could be an answer.
[[nodiscard]] std::optional<Answer> read_answer(const Question& question, const RightAnswer& right,
                                                const Machine& after, const StepResult& step, std::string_view text);

// The right answer as text: the choice's words, the number, the frame, the object's address and index, or what stands in a
// list.
[[nodiscard]] std::string right_answer_text(const Question& question, const RightAnswer& right, const Machine& after,
                                            const StepResult& step, Language language);

// What a choice of pictures shows, in words: "order 4: 3, order 5: 1", "0x45f90 of order 4, 0x45fa0 of order 5".
[[nodiscard]] std::string picture_text(const Question::Choice& choice, Language language);

// The events whose sentences explain the answer: those that the question names, if the step has any of them, else those
// that its answer is about, else the last one. At most 4.
[[nodiscard]] std::vector<Event> explaining_events(const Question& question, const RightAnswer& right,
                                                   const Machine& after, const StepResult& step);

} // namespace mm
