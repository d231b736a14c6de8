#ifndef CSTART_H
#define CSTART_H

// What a program does before `main`. There is nothing to call: to be linked into the program is enough.
//
// Before the constructors of its shared libraries run:
// OpenBLAS's constructor starts a thread for every processor that the process may use, whatever it is used for, with
// 128 MB of address space for each; where the system refuses either, it raises SIGINT or waits for ever. It counts the
// processors of the affinity mask, and the environment cannot make them more. So while constructors run, the mask has
// one processor; it is whole again before `main`. https://github.com/OpenMathLib/OpenBLAS driver/others/memory.c
//
// And before there are threads: glibc's malloc raises the size from which pieces go back to the system when they are
// freed, up to 32 MB, with what a program frees. The photos of a long run would leave it more and more scattered memory;
// so the sizes are fixed, at 512 KB for a piece, as the layers that maps are made of are mostly less, and 4 MB for the
// heap's end. mallopt(3)

#endif
