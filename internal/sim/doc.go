// Package sim runs the whole system in one process, deterministically: real
// hubs and real phones on a document database, a network and clocks that are
// modelled here and fail in every way the real ones do. A history follows from
// a seed. After every step, and when all faults have ended, what must hold is
// checked; a history that breaks it is shrunk to the few steps that matter and
// told with the command that replays it. DESIGN.md says what is real, what is
// modelled and what is checked.
package sim
