import Archive
import Imaging

/// One photo to explain: where it is read, and what its files are called.
struct Photo: Sendable, Equatable {
    /// As given, or as found in a folder; of a tar's member the tar's path and its own.
    let path: String
    /// What the names of its files begin with, folders included (`pets/cat`); nil where a single photo was given.
    var name: String?
    /// Of a tar's member.
    var member: Member? = nil
    /// What brings it, where that is no file.
    var pipe: PhotoPipe? = nil

    struct Member: Sendable, Equatable {
        /// The tar's path; nil where it came through standard input.
        let tar: String?
        /// What the names of its files begin with in another tar.
        let name: String
        /// The photo, as the tar has it.
        let data: MemberData
        static func == (one: Self, other: Self) -> Bool { one.tar == other.tar && one.name == other.name }
    }
}

extension Photo {
    /// Its pixels, or what is shown of its numbers.
    ///
    /// - Parameter preprocessing: the network's.
    /// - Throws: the fault without the path.
    func image(_ arguments: Arguments, for preprocessing: Preprocessing) throws(ImageError) -> Image {
        let (shown, depth, most) = (arguments.previewChannels, arguments.bitDepth, arguments.mostPixels)
        do throws(ImageError) {
            let data: MemberData? = if let pipe { try pipe.data(mostPixels: most) } else { member?.data }
            guard let data else {
                return try preprocessing.photo(contentsOf: path, shown: shown, bitDepth: depth, mostPixels: most)
            }
            return try data.withUnsafeBytes { bytes throws(ImageError) in
                try preprocessing.photo(decoding: bytes, shown: shown, bitDepth: depth, mostPixels: most)
            }
        } catch {
            if case .file(_, let fault) = error { throw fault }
            throw error
        }
    }
}

/// A path that brings no photo, and why.
struct PhotoFailure: Error, Equatable {
    let path: String
    let fault: PhotoFault
    /// Whether every share has to tell it: more than the one photo is lost.
    var isOfAll = false

    static func == (one: Self, other: Self) -> Bool { one.path == other.path && one.fault == other.fault }

    /// Whether photos of a tar are lost by it.
    var losesTar: Bool {
        switch fault {
        case .tar: isOfAll
        case .tarWithoutEnd, .joined, .outputTar: true
        default: false
        }
    }
}

/// Why a path brings no photo, without words.
enum PhotoFault: Error, Equatable {
    case system(Int32)
    case noPhotoInside, notAPhotoOrFolder, nameNotUTF8, emptyList, emptyNULList, holdsNUL, noList, onlyOwnPictures,
        folderNamedAsPhoto, outputTar
    /// Of a tar, or of one of its members.
    case tar(TarError), noPhotoInTar, tarWithoutEnd, memberName(MemberNames.Fault), link, joined
}
