/// What Linux's control groups grant a process: https://docs.kernel.org/admin-guide/cgroup-v2.html, and
/// https://docs.kernel.org/admin-guide/cgroup-v1/ for the older kind. A group's limit holds for the groups inside it,
/// so the least one counts, of the process's own group and of those around it.
package struct ControlGroups {
    /// Processors that the granted time keeps busy, rounded down, but 1 at least; nil where time is unlimited.
    package let processors: Int?
    /// Bytes; nil where memory is unlimited.
    package let memory: Int?

    /// Those of this process; unlimited where the system has no control groups.
    package static var own: ControlGroups { ControlGroups(read: smallFile) }

    /// - Parameter read: the text of a file, by its path; nil where there is none.
    package init(read: (String) -> String?) {
        let groups = read("/proc/self/cgroup") ?? "", mounts = read("/proc/self/mountinfo") ?? ""
        func limits(_ controller: String, _ limit: (_ folder: String, Kind) -> Int?) -> [Int] {
            Kind.allCases.flatMap { kind in
                Self.folders(kind, controller, groups: groups, mounts: mounts).compactMap { limit($0, kind) }
            }
        }
        processors = limits("cpu") { folder, kind in
            switch kind {
            case .unified: read(folder + "/cpu.max").flatMap(Self.processors(quotaAndPeriod:))
            case .separate:
                if let quota = read(folder + "/cpu.cfs_quota_us"), let period = read(folder + "/cpu.cfs_period_us") {
                    Self.processors(quotaAndPeriod: quota + " " + period)
                } else {
                    nil
                }
            }
        }.min()
        memory = limits("memory") { folder, kind in
            read(folder + (kind == .unified ? "/memory.max" : "/memory.limit_in_bytes")).flatMap(Self.bytes)
        }.min()
    }

    /// One tree of groups for all that is limited (version 2), or a tree for each (version 1).
    enum Kind: CaseIterable { case unified, separate }

    /// The folders of the process's group and of those around it.
    ///
    /// - Parameters:
    ///   - groups: lines `number:controllers:path`; the unified tree has number 0 and no controllers.
    ///   - mounts: lines `id parent device root mountpoint ... - type source options`; `root` is the group that is seen
    ///     at the mount point, and controllers are among the options.
    static func folders(_ kind: Kind, _ controller: String, groups: String, mounts: String) -> [String] {
        let path = groups.split(separator: "\n").lazy
            .map { $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false) }
            .first { line in
                guard line.count == 3 else { return false }
                return switch kind {
                case .unified: line[0] == "0" && line[1].isEmpty
                case .separate: line[1].split(separator: ",").contains { $0 == controller }
                }
            }?[2]
        guard let path else { return [] }
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash > 4, fields.count > dash + 3 else { continue }
            let isOurs =
                switch kind {
                case .unified: fields[dash + 1] == "cgroup2"
                case .separate:
                    fields[dash + 1] == "cgroup" && fields[dash + 3].split(separator: ",").contains { $0 == controller }
                }
            guard isOurs else { continue }
            let (root, mount) = (fields[3].split(separator: "/"), String(fields[4]))
            // A container may see its own group as the root of all: what is not below it is not to be seen.
            let parts = path.split(separator: "/")
            let below = parts.starts(with: root) ? parts.dropFirst(root.count) : []
            return (0...below.count).reversed().map { mount + below.prefix($0).map { "/" + $0 }.joined() }
        }
        return []
    }

    /// `quota period`, both in microseconds; no quota is `max` or -1.
    static func processors(quotaAndPeriod text: String) -> Int? {
        let numbers = text.split(whereSeparator: \.isWhitespace).map { Int($0) }
        guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], quota > 0, period > 0 else {
            return nil
        }
        return max(1, quota / period)
    }

    /// A number of bytes; no limit is `max` or, in version 1, some number near 2^63.
    static func bytes(_ text: String) -> Int? {
        text.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }.flatMap { $0 < 1 << 60 ? $0 : nil }
    }
}

/// The text of a file of the system's.
private func smallFile(_ path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = getc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
    return String(decoding: bytes, as: UTF8.self)
}
