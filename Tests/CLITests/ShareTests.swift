import Testing

@testable import CLI

@Suite struct ShareTests {
    private func share(_ variables: [String: String], of count: Int? = nil) -> Result<Share, ShareFault> {
        Result { () throws(ShareFault) in try Share.automatic(of: count) { variables[$0] } }
    }

    private func array(_ id: String, _ count: String, _ first: String, _ last: String, step: String = "1")
        -> [String: String]
    {
        [
            "SLURM_ARRAY_TASK_ID": id, "SLURM_ARRAY_TASK_COUNT": count, "SLURM_ARRAY_TASK_MIN": first,
            "SLURM_ARRAY_TASK_MAX": last, "SLURM_ARRAY_TASK_STEP": step,
        ]
    }

    /// As Slurm 22.05 sets them for `--array=0-9%2`, `1-10:3`, `0-7:2,1-7:2` and `0-0`.
    @Test(arguments: [
        ("0", "10", "0", "9", "1", 1), ("9", "10", "0", "9", "1", 10), ("7", "4", "1", "10", "3", 3),
        ("5", "8", "0", "7", "2", 6), ("0", "1", "0", "0", "1", 1), ("1", "1", "1", "1", "1", 1),
    ])
    func tasksOfASlurmArray(
        _ id: String, _ count: String, _ first: String, _ last: String, _ step: String, _ index: Int
    ) {
        #expect(share(array(id, count, first, last, step: step)) == .success(Share(index: index, count: Int(count)!)))
    }

    /// `--array=3,7`, `1,3,5` and `4`, which are tasks of another array that run again.
    @Test func partsOfASlurmArray() {
        for (id, count, first, last) in [("3", "2", "3", "7"), ("5", "3", "1", "5"), ("4", "1", "4", "4")] {
            let variables = array(id, count, first, last)
            #expect(share(variables) == .failure(.uneven(array: "\(count) of \(first) to \(last)")))
            #expect(share(variables, of: 10) == .success(Share(index: Int(id)! + 1, count: 10)))
        }
        #expect(
            share(array("10", "10", "1", "10"), of: 10)
                == .failure(.beyond(variable: "SLURM_ARRAY_TASK_ID", value: 10, count: 10)))
        #expect(
            share(["SLURM_ARRAY_TASK_ID": "x"]) == .failure(.notANumber(variable: "SLURM_ARRAY_TASK_ID", value: "x")))
    }

    @Test func tasksOfASlurmStep() {
        let step = ["SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "2"]
        #expect(share(step) == .success(Share(index: 3, count: 4)))
        #expect(
            share(step.merging(array("1", "3", "0", "2")) { $1 }) == .success(Share(index: 7, count: 12)))
        #expect(share(step, of: 4) == .success(Share(index: 3, count: 4)))
        #expect(
            share(step, of: 8)
                == .failure(.otherCount(variable: "SLURM_STEP_NUM_TASKS", value: 4, count: 8)))
        #expect(
            share(["SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0"]) == .success(.whole))
        #expect(
            share(["SLURM_STEP_ID": "0", "SLURM_STEP_NUM_TASKS": "2", "SLURM_PROCID": "7"])
                == .failure(.beyond(variable: "SLURM_PROCID", value: 7, count: 2)))
        // The script of a job of several tasks runs once.
        #expect(share(["SLURM_NTASKS": "4", "SLURM_PROCID": "0"]) == .failure(.noSystem))
    }

    @Test func podsAndJobs() {
        #expect(share(["JOB_COMPLETION_INDEX": "0"], of: 5) == .success(Share(index: 1, count: 5)))
        #expect(share(["JOB_COMPLETION_INDEX": "0"]) == .failure(.noCount("JOB_COMPLETION_INDEX")))
        #expect(share(["PARALLEL_SEQ": "5"], of: 5) == .success(Share(index: 5, count: 5)))
        #expect(
            share(["PARALLEL_SEQ": "6"], of: 5) == .failure(.beyond(variable: "PARALLEL_SEQ", value: 6, count: 5)))
        #expect(
            share(["PARALLEL_SEQ": "1", "JOB_COMPLETION_INDEX": "1"], of: 5)
                == .failure(.several(["JOB_COMPLETION_INDEX", "PARALLEL_SEQ"])))
    }

    @Test(arguments: ["0/4", "5/4", "1/0", "/4", "4/", "1/2/3", "auto/0", "auto/x", "-1/4", "x", "", "4"])
    func wrongShares(_ text: String) {
        #expect(throws: ValueFault.malformed(expected: "I/N with I from 1 to N, such as 2/4, or auto")) {
            try Values.share(text)
        }
    }

    /// Every photo is in one share, and shares are of like size.
    @Test func pathsSpread() {
        let shares = (1...10).map { Share(index: $0, count: 10) }
        var sizes = [Int](repeating: 0, count: 10)
        for index in 0..<10_000 {
            let holders = shares.indices.filter { shares[$0].holds("photos/IMG_\(index).JPG") }
            #expect(holders.count == 1)
            for holder in holders { sizes[holder] += 1 }
        }
        #expect(sizes.allSatisfy { 880...1120 ~= $0 }, "\(sizes)")
    }

    /// The promise that another version keeps: shares of one run may be made by several.
    @Test func sharesAreTheSameEverywhere() {
        for (count, index) in [(8, 2), (1000, 562)] {
            #expect((1...count).filter { Share(index: $0, count: count).holds("cat.jpg") } == [index])
        }
    }
}
