/// One photo to explain: where it is read, and what its files are called.
struct Photo: Sendable, Equatable {
    /// As given, or as found in a folder.
    let path: String
    /// What the names of its files begin with, folders included (`pets/cat`); nil where a single photo was given.
    let name: String?
}

/// A path that brings no photo, and why.
struct PhotoFailure: Error, Equatable {
    let path: String
    let fault: PhotoFault
}

/// Why a path brings no photo, without words.
enum PhotoFault: Error, Equatable {
    case system(Int32)
    case noPhotoInside, notAPhotoOrFolder, nameNotUTF8, emptyList, emptyNULList, holdsNUL, noList, onlyOwnPictures
}
