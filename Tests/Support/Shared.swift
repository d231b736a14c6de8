import Platform

/// Where test material lives that the repository does not carry.
public enum Shared {
    /// The repository's root folder.
    public static let repository: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        return parts.joined(separator: "/")
    }()

    /// The folder with shared material (`$GRADCAM_SHARED`, else `shared` beside the repository), or nil where there is
    /// none.
    public static let folder: String? = {
        let candidate = getenv("GRADCAM_SHARED").map { String(cString: $0) } ?? repository + "/../shared"
        return access(candidate, R_OK) == 0 ? candidate : nil
    }()

    /// The path of a shared file, or nil, saying on standard output what is skipped for want of it.
    public static func path(_ name: String, for what: String) -> String? {
        if let folder, access(folder + "/" + name, R_OK) == 0 { return folder + "/" + name }
        print("skipped: \(what): no shared/\(name) on this machine")
        return nil
    }
}
