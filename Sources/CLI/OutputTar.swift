import Archive
import Imaging
import Platform

/// The tar that results are written to, photo by photo: a file, which appears whole or not at all, or standard output.
///
/// What it throws is told of the whole run: the tar is of no use then.
final class OutputTar {
    struct Member {
        let path: String
        let bytes: [UInt8]
    }

    private let file: UnfinishedFile?
    private var writer = TarWriter(descriptor: 1)
    /// Why the file could not be written.
    private var fault: ImageError?

    /// - Parameter path: `-` for standard output.
    init(_ path: String) throws(ImageError) {
        file = path == "-" ? nil : try AtomicFile.begin(path)
        guard let file else { return }
        writer = TarWriter { [unowned self] bytes throws(TarError) in
            do throws(ImageError) { try bytes.give(to: { bytes throws(ImageError) in try file.write(bytes) }) } catch {
                fault = error
                throw .unwritable(code: EIO)
            }
        }
    }

    /// Adds what belongs to a photo: one sample of WebDataset's.
    func add(_ members: [Member]) throws(OutputTarFault) {
        try told { () throws(TarError) in
            for member in members { try writer.add(member.path, member.bytes) }
        }
    }

    /// Writes the end, and gives a file its name.
    func finish() throws(OutputTarFault) {
        try told { () throws(TarError) in try writer.finish() }
        do throws(ImageError) { try file?.finish() } catch { throw .file(error) }
    }

    private func told(_ body: () throws(TarError) -> Void) throws(OutputTarFault) {
        do throws(TarError) { try body() } catch { throw fault.map { .file($0) } ?? .standardOutput(error) }
    }
}

/// Why the output tar could not be written.
enum OutputTarFault: Error { case file(ImageError), standardOutput(TarError) }
