/// One of `count` shares of the photos, for as many processes; `index` counts from 1.
///
/// A photo belongs to a share by its path alone, so that one more or less moves no other.
struct Share: Sendable, Equatable {
    var index, count: Int

    static let whole = Share(index: 1, count: 1)

    /// Whether the photo or the failure of a path belongs to it.
    func holds(_ path: String) -> Bool { count == 1 || Self.hash(path) % UInt64(count) == UInt64(index - 1) }

    /// FNV-1a of 64 bits (Fowler, Noll, Vo), and the last steps of MurmurHash3, which let every bit decide.
    private static func hash(_ path: String) -> UInt64 {
        var hash = path.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        hash = (hash ^ hash >> 33) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ hash >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return hash ^ hash >> 33
    }
}

/// Why a batch system's variables tell no share.
enum ShareFault: Error, Equatable {
    case noSystem, several([String]), noCount(String)
    case notANumber(variable: String, value: String)
    case beyond(variable: String, value: Int, count: Int)
    /// Another number of shares than was asked for.
    case otherCount(variable: String, value: Int, count: Int)
    /// An array of tasks whose numbers are not evenly spaced.
    case uneven(array: String)
}

extension Share {
    /// The share of this process among those that a batch system started: tasks of a Slurm array and of `srun`, pods of
    /// an indexed Kubernetes job, jobs of GNU parallel. https://slurm.schedmd.com/job_array.html,
    /// https://kubernetes.io/docs/tasks/job/indexed-parallel-processing-static/,
    /// https://www.gnu.org/software/parallel/man.html
    ///
    /// - Parameters:
    ///   - count: how many there are, where the system does not tell; a Slurm array's numbers count from 0 then.
    ///   - environment: the value of a variable.
    static func automatic(of count: Int?, environment: (String) -> String?) throws(ShareFault) -> Share {
        let marks = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "PARALLEL_SEQ"].filter { environment($0) != nil }
        let tasks = try tasksOfStep(environment)
        guard marks.count < 2 else { throw .several(marks) }
        guard let mark = marks.first else {
            guard let tasks else { throw .noSystem }
            guard count == nil || count == tasks.count else {
                throw .otherCount(variable: "SLURM_STEP_NUM_TASKS", value: tasks.count, count: count!)
            }
            return tasks
        }
        let number = try integer(mark, environment)
        if mark == "SLURM_ARRAY_TASK_ID", count == nil {
            return try array(number, environment).divided(tasks)
        }
        guard let count else { throw .noCount(mark) }
        let index = mark == "PARALLEL_SEQ" ? number : number + 1
        guard 1...count ~= index else { throw .beyond(variable: mark, value: number, count: count) }
        return Share(index: index, count: count).divided(tasks)
    }

    /// Of a whole Slurm array.
    private static func array(_ number: Int, _ environment: (String) -> String?) throws(ShareFault) -> Share {
        func told(_ name: String) throws(ShareFault) -> Int { try integer("SLURM_ARRAY_TASK_" + name, environment) }
        let (count, first, last) = (try told("COUNT"), try told("MIN"), try told("MAX"))
        // What is said of the step holds for the first part of a list alone.
        let step = count == last - first + 1 ? 1 : max(try told("STEP"), 1)
        // An array of one is most likely a task of another one that runs again.
        guard count == (last - first) / step + 1, count > 1 || first < 2, (number - first) % step == 0,
            0..<count ~= (number - first) / step
        else {
            throw .uneven(array: "\(count) of \(first) to \(last)")
        }
        return Share(index: (number - first) / step + 1, count: count)
    }

    /// Of the tasks that `srun` started; nil where it started none.
    private static func tasksOfStep(_ environment: (String) -> String?) throws(ShareFault) -> Share? {
        guard environment("SLURM_STEP_ID") != nil, environment("SLURM_STEP_NUM_TASKS") != nil else { return nil }
        let count = try integer("SLURM_STEP_NUM_TASKS", environment), number = try integer("SLURM_PROCID", environment)
        guard number < count else { throw .beyond(variable: "SLURM_PROCID", value: number, count: count) }
        return Share(index: number + 1, count: count)
    }

    /// A part of this share.
    private func divided(_ part: Share?) -> Share {
        guard let part else { return self }
        return Share(index: (index - 1) * part.count + part.index, count: count * part.count)
    }

    private static func integer(_ name: String, _ environment: (String) -> String?) throws(ShareFault) -> Int {
        let value = environment(name) ?? ""
        guard let number = Int(value), 0...1_000_000_000 ~= number else {
            throw .notANumber(variable: name, value: value)
        }
        return number
    }
}
