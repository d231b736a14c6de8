import ActivationMaps
import Archive
import Imaging
import Platform

/// Of photos and where they come from.
extension Messages {
    static func text(_ fault: PhotoFault) -> String {
        switch fault {
        case .system(let code): systemText(code)
        case .noPhotoInside: "the folder holds no JPEG or PNG"
        case .tarWithoutEnd: "the tar has no end (two blocks of zeros): it may have been cut off, and photos be missing"
        case .noPhotoInTar: "the tar holds no JPEG or PNG"
        case .outputTar: "the tar that results are written to; choose another one"
        case .folderNamedAsPhoto: "a folder that is called as a photo; give it by itself, not in a list"
        case .notAPhotoOrFolder: "neither a file nor a folder"
        case .nameNotUTF8: "the name is not valid UTF-8; rename the file"
        case .emptyList: "standard input is empty; give a photo, a tar, or paths, one a line"
        case .emptyNULList: "no paths on standard input"
        case .holdsNUL:
            "the paths on standard input hold NUL; give -0 where they end in it (find -print0), or save a list in "
                + "UTF-16 as UTF-8"
        case .noList:
            "standard input is no list of paths: more than a million bytes without one; give paths, one a line"
        case .tar(.tooLarge(let size, let limit)):
            "its \(size) bytes are more than the limit of \(limit): store it smaller, or raise --max-pixels"
        case .tar(let error): error.description
        case .link: "a link or a sparse file, which the tar does not hold itself: pack it again with tar --dereference"
        case .joined: "another tar follows the first one, and is not read: give each by itself"
        case .memberName(.notUTF8): text(PhotoFault.nameNotUTF8)
        case .memberName(.twice): "the tar holds this path twice; the first one is explained"
        case .memberName(.taken): "its files would be called as those of an earlier photo in the tar; rename it"
        case .memberName(.holdsNUL), .memberName(.noName): "the tar gives it no name"
        case .onlyOwnPictures: "nothing but pictures that gradcam wrote; give one by itself to explain it"
        }
    }

    static func passedOver(_ pictures: Int) -> String { "passed over \(count(pictures, "picture")) that gradcam wrote" }

    /// - Parameter takesArrays: whether the network is fed arrays, and no pictures at all.
    static func passedOver(_ others: [String: Int], takesArrays: Bool = false) -> String {
        let kinds = others.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        let advice =
            takesArrays
            ? "where the network takes arrays (\(kinds)): give .npy files"
            : "that are neither JPEG nor PNG (\(kinds)): convert them"
        return "passed over \(count(others.values.reduce(0, +), "picture")) " + advice
    }

    /// What was passed over where photos were looked for; mostly nothing.
    static func passedOver(in photos: PhotoStream) -> [String] {
        (photos.ownPictures > 0 ? [passedOver(photos.ownPictures)] : [])
            + (photos.otherPictures.isEmpty ? [] : [passedOver(photos.otherPictures, takesArrays: photos.takesArrays)])
    }

    static let manyPhotos =
        "more than \(PhotoStream.mostHeld) photos: files are called by the photos' whole paths (--keep-paths)"

    static func ownPicture(_ path: String) -> String {
        "\(path): gradcam wrote this picture; it is explained as any photo, as it was given by itself"
    }

    static func damagedPhoto(_ warning: String) -> String {
        "the file is damaged (\(warning.elided(to: 160))); what could be read is explained"
    }

    static func text(_ remark: DepthRemark) -> String {
        switch remark {
        case .unused(let bits):
            "its samples use \(bits) of 16 bits, so that it is fed dark; where they are \(max(bits, 8))-bit "
                + "samples, add --bit-depth \(max(bits, 8)) (or auto)"
        case .significant(let bits):
            "its samples use \(bits) of 16 bits, as the file says (sBIT): they are scaled by these; --bit-depth 16 "
                + "takes all"
        case .clipped(let bits, let taken):
            "its samples use \(bits) bits; those above --bit-depth \(taken) are fed as white"
        }
    }

    static func text(_ fault: TableClassFault) -> String {
        "\(fault.path): line \(fault.line): \(text(of: fault.fault))"
    }

    static func text(_ fault: MissingClass) -> String {
        "\(fault.table) tells no class of this photo: add a row of photo,class, or leave the photo out"
    }
}
