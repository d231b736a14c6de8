/// Whether a call that failed is to be tried again: a signal interrupted it, or a descriptor was not ready that does
/// not wait by itself (`O_NONBLOCK`), and is now.
package func waited(for file: Int32, _ event: Int32, after code: Int32) -> Bool {
    guard code == EAGAIN || code == EWOULDBLOCK else { return code == EINTR }
    var state = pollfd(fd: file, events: Int16(event), revents: 0)
    return poll(&state, 1, -1) > 0 || errno == EINTR
}
