import ONNX
import Platform
import Synchronization

/// A network's files by their content.
struct NetworkIdentity: Equatable, Sendable {
    /// A file of external data (weights beside the ONNX file).
    struct DataFile: Equatable, Sendable {
        /// Its place below the network's folder, as the network states it.
        let file: String
        let size: Int
        let sha256: String
    }

    /// Of the ONNX file itself: 64 hexadecimal digits, as `sha256sum` prints them.
    let sha256: String
    /// In the order of their names.
    var data: [DataFile] = []

    var dataJSON: JSON {
        .array(
            data.map {
                .object([
                    ("file", .string($0.file)), ("size", .integer($0.size)), ("sha256", .string($0.sha256)),
                ])
            })
    }
}

/// Works out a network's identity in a thread of its own, over the very bytes that the network is read from: they are
/// mapped, and take no memory of the program's.
final class NetworkDigest: Sendable {
    private let work: Work
    private let thread: SystemThread?

    /// Begins at once.
    init(_ model: Model) {
        let work = Work(model)
        self.work = work
        thread = SystemThread { work.finish() }
    }

    /// Nobody asks any more: what is left to read is passed over.
    deinit {
        work.isWanted.store(false, ordering: .relaxed)
        thread?.join()
    }

    /// Waits until it is there. To be called from any thread, and as often as wanted.
    func identity() throws(DigestFault) -> NetworkIdentity {
        try work.finish().get()
    }

    private final class Work: Sendable {
        private enum State {
            case files(MappedFile?, [(location: String, file: MappedFile)])
            case done(Result<NetworkIdentity, DigestFault>)
        }
        private let state: Mutex<State>
        let isWanted = Atomic(true)

        init(_ model: Model) { state = Mutex(.files(model.file, model.dataFiles)) }

        /// Computes where nobody did before; the files are let go then.
        @discardableResult func finish() -> Result<NetworkIdentity, DigestFault> {
            state.withLock { state in
                switch state {
                case .done(let result): return result
                case .files(let file, let data):
                    let result = Result { () throws(DigestFault) in try identity(file, data) }
                    state = .done(result)
                    return result
                }
            }
        }

        private func identity(
            _ file: MappedFile?, _ data: [(location: String, file: MappedFile)]
        ) throws(DigestFault) -> NetworkIdentity {
            var identity = NetworkIdentity(sha256: try digits(file))
            for (location, file) in data {
                identity.data.append(.init(file: location, size: file.count, sha256: try digits(file)))
            }
            return identity
        }

        private func digits(_ file: MappedFile?) throws(DigestFault) -> String {
            let sum = try SHA256()
            file?.stream { if isWanted.load(ordering: .relaxed) { sum.add($0) } }
            return try sum.digits()
        }
    }
}
