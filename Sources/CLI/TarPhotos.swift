import Archive
import Imaging
import Platform

/// The photos in a tar, one after another, and what of it brings none.
final class TarPhotos {
    /// The program's own pictures, and pictures of other formats by the ends of their names, that were passed over.
    private(set) var ownPictures = 0, otherPictures: [String: Int] = [:]

    private let path: String?
    private let descriptor: Int32
    private let reader: TarReader
    /// What the names of files begin with, before the members' own.
    private let prefix: String?
    private let mostBytes: Int
    private let kind: PictureNames.Kind
    private var names = MemberNames()
    private var isBarren = true, isOver = false

    /// Whether a file begins as a tar does, or as an empty one.
    static func isTar(_ path: String) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return false }
        defer { close(file) }
        let beginning = System.beginning(of: file, most: 512, isText: false)
        return TarReader.isTar(beginning) || beginning.count == 512 && beginning.allSatisfy { $0 == 0 }
    }

    /// A file.
    ///
    /// - Parameter mostBytes: of a photo.
    init(_ path: String, prefix: String?, mostBytes: Int, kind: PictureNames.Kind = .picture) throws(SystemError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last }
        (self.path, self.prefix, self.mostBytes, self.kind) = (path, prefix, mostBytes, kind)
        reader = TarReader(descriptor: descriptor)
    }

    /// Standard input.
    ///
    /// - Parameter beginning: what was read of it before.
    init(beginning: [UInt8], prefix: String?, mostBytes: Int, kind: PictureNames.Kind = .picture) {
        (path, self.prefix, descriptor, self.mostBytes, self.kind) = (nil, prefix, 0, mostBytes, kind)
        reader = TarReader(descriptor: 0, beginning: beginning)
    }

    deinit { if path != nil { close(descriptor) } }

    /// A tar's members are photos as the files of a folder are: by content or name, and not hidden.
    func next() -> Result<Photo, PhotoFailure>? {
        while !isOver {
            do throws(TarError) {
                guard let member = try reader.next() else { return end() }
                if let result = try look(at: member) { return result }
            } catch {
                isOver = true
                return .failure(PhotoFailure(path: path ?? "-", fault: .tar(error), isOfAll: true))
            }
        }
        return nil
    }

    private func end() -> Result<Photo, PhotoFailure>? {
        isOver = true
        let nothing: PhotoFault? = !isBarren ? nil : ownPictures > 0 ? .onlyOwnPictures : .noPhotoInTar
        let fault = reader.lacksEnd ? .tarWithoutEnd : reader.goesOn ? .joined : nothing
        return fault.map { .failure(PhotoFailure(path: path ?? "-", fault: $0, isOfAll: true)) }
    }

    private func isPhoto(_ beginning: UnsafeRawBufferPointer) -> Bool {
        kind == .array ? NumberArray.isArray(beginning) : Image.isPhoto(beginning)
    }

    private func look(at member: TarMember) throws(TarError) -> Result<Photo, PhotoFailure>? {
        guard !MemberNames.isHidden(member.path), member.kind != .other else { return nil }
        let own = String(decoding: member.path, as: UTF8.self), label = path.map { $0 + "/" + own } ?? own
        let beginning = try reader.beginning(most: 4096)
        guard PictureNames.isPhoto(own, kind) || beginning.withUnsafeBytes(isPhoto) && !PictureNames.isOwnArray(own)
        else {
            if kind == .array, PictureNames.isOwnArray(own) { ownPictures += 1 }
            if let ending = PictureNames.otherPicture(own, kind) { otherPictures[ending, default: 0] += 1 }
            return nil
        }
        guard !PictureMark.isOn(beginning) else {
            ownPictures += 1
            return nil
        }
        isBarren = false
        func failure(_ fault: PhotoFault) -> Result<Photo, PhotoFailure> {
            .failure(PhotoFailure(path: label, fault: fault, isOfAll: path != nil))
        }
        guard member.kind == .file else { return failure(.link) }
        let name: MemberNames.Name
        do throws(MemberNames.Fault) { name = try names.name(of: member.path) } catch {
            return failure(.memberName(error))
        }
        do throws(TarError) {
            let data = try reader.data(most: mostBytes)
            return .success(
                Photo(
                    path: label, name: prefix.map { $0 + "/" + name.file } ?? name.file,
                    member: .init(tar: path, name: prefix.map { $0 + "/" + name.file } ?? name.member, data: data)))
        } catch {
            switch error {
            case .tooLarge, .outOfMemory: return failure(.tar(error))
            default: throw error
            }
        }
    }
}
