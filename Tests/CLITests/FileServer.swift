import Dispatch
import Platform

/// An HTTP server on 127.0.0.1 for one file, `/file`, that understands `Range: bytes=N-` and can break off.
final class FileServer: Sendable {
    let port: UInt16
    private let listener: Int32

    /// - Parameter breaksOffAfter: how many bytes of the file the first answer brings before the connection ends; nil:
    ///   all.
    init(content: [UInt8], breaksOffAfter: Int? = nil, resumes: Bool = true) {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        port = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                precondition(
                    bind(listener, pointer, length) == 0 && listen(listener, 8) == 0
                        && getsockname(listener, pointer, &length) == 0)
            }
            return UInt16(bigEndian: $0.pointee.sin_port)
        }
        DispatchQueue(label: "file server").async {
            var isFirst = true
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { return }
                let request = Self.request(from: connection)
                Self.send(
                    Self.answer(to: request, content, resumes, limit: isFirst ? breaksOffAfter : nil), to: connection)
                if request.hasPrefix("GET /file ") { isFirst = false }
                close(connection)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    private static func request(from connection: Int32) -> String {
        var request = "", chunk = [UInt8](repeating: 0, count: 4096)
        while !request.contains("\r\n\r\n") {
            let count = read(connection, &chunk, chunk.count)
            guard count > 0 else { break }
            request += String(decoding: chunk[..<count], as: UTF8.self)
        }
        return request
    }

    private static func answer(to request: String, _ content: [UInt8], _ resumes: Bool, limit: Int?) -> [UInt8] {
        guard request.hasPrefix("GET /file ") else {
            return Array("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
        }
        let range = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix("range: bytes=") }
        let start = range.flatMap { Int($0.dropFirst("range: bytes=".count).prefix { $0 != "-" }) }
        var head = "HTTP/1.1 200 OK\r\n", body = content[...]
        if resumes, let start, start <= content.count {
            head =
                "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes \(start)-\(content.count - 1)/\(content.count)\r\n"
            body = content[start...]
        }
        head += "Content-Length: \(body.count)\r\nConnection: close\r\n\r\n"
        return Array(head.utf8) + body.prefix(limit ?? body.count)
    }

    private static func send(_ bytes: [UInt8], to connection: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Platform.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
