// The system's C library under one name, for every file that needs it.
#if canImport(Glibc)
@_exported import Glibc
#else
@_exported import Darwin
#endif
