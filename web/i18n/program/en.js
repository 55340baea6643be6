// Texts of the program listing; fetched with it.
export default {
  'program.label': 'The ops of processes as a program in C',
  'program.of': 'process {name}',
  'program.asked': 'A question is open before this line.',
  'program.toQuestion': 'Show it',
  'program.before': '{n} earlier {n|line|lines}',
  'program.after': '{n} more {n|line|lines}',
};
