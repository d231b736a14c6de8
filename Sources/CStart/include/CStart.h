#ifndef CSTART_H
#define CSTART_H

// What a program does before the constructors of its shared libraries run. There is nothing to call: to be linked into
// the program is enough.
//
// OpenBLAS's constructor starts a thread for every processor that the process may use, whatever it is used for, with
// 128 MB of address space for each; where the system refuses either, it raises SIGINT or waits for ever. It counts the
// processors of the affinity mask, and the environment cannot make them more. So while constructors run, the mask has
// one processor; it is whole again before `main`. https://github.com/OpenMathLib/OpenBLAS driver/others/memory.c

#endif
