import CPlatform

/// How many threads can run at a time: the processors that this thread may run on, and no more than the time that its
/// control groups grant is worth; at least 1.
package func processorCount() -> Int {
    let permitted = Int(permitted_processors())
    let processors = permitted > 0 ? permitted : sysconf(Int32(_SC_NPROCESSORS_ONLN))
    return max(1, min(processors, ControlGroups.own.processors ?? processors))
}
