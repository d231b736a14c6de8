/// How much a test does: less where the build is a debug one, which runs some 40 times as long.
public func amount(_ full: Int, debug: Int) -> Int {
    #if DEBUG
    debug
    #else
    full
    #endif
}
